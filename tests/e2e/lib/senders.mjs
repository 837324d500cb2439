// Webhooks as their providers send them: signed by the provider's own library, or, where that does not sign or takes
// nothing but text, by the words of its documentation.
import { createHash, createHmac, generateKeyPairSync, sign as signEd25519 } from 'node:crypto';
import { fromNpm, importFromNpm } from './paths.mjs';

const { Webhook: StandardWebhook } = fromNpm('standardwebhooks');
const { Webhook: SvixWebhook } = fromNpm('svix');
const { webhooks: stripe } = fromNpm('stripe');
const { getExpectedTwilioSignature } = fromNpm('twilio/lib/webhooks/webhooks.js');
const github = await importFromNpm('@octokit/webhooks-methods/dist-node/index.js');

const WHSEC = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
const TWILIO_URL = 'https://hooks.example.com/v1/hooks/it';

const secondsOf = (date) => Math.floor(date.getTime() / 1000);
const isText = (body) => Buffer.from(body.toString('utf8')).equals(body);
const sha256Of = (body) => createHash('sha256').update(body).digest('hex');
const hmac = (secret, encoding, ...pieces) =>
    pieces.reduce((mac, piece) => mac.update(piece), createHmac('sha256', secret)).digest(encoding);

const keyPair = generateKeyPairSync('ed25519');
const publicKey = keyPair.publicKey.export({ format: 'der', type: 'spki' }).subarray(-32).toString('base64');

const plainHmac = (secret, id, seconds, body) =>
    `v1,${hmac(Buffer.from(secret.slice(6), 'base64'), 'base64', `${id}.${seconds}.`, body)}`;

function standardOf(Library, prefix) {
    return (body, { secret, id, date }) => ({
        [`${prefix}-id`]: id,
        [`${prefix}-timestamp`]: `${secondsOf(date)}`,
        [`${prefix}-signature`]: isText(body)
            ? new Library(secret).sign(id, date, body.toString('utf8'))
            : plainHmac(secret, id, secondsOf(date), body),
    });
}

function signStripe(body, { secret, date }) {
    const timestamp = secondsOf(date), payload = body.toString('utf8');
    const header = isText(body)
        ? stripe.generateTestHeaderString({ payload, secret, timestamp })
        : `t=${timestamp},v1=${hmac(secret, 'hex', `${timestamp}.`, body)}`;
    return { 'Stripe-Signature': header };
}

async function signGithub(body, { secret }) {
    const signature = isText(body) && body.length > 0
        ? await github.sign(secret, body.toString('utf8'))
        : `sha256=${hmac(secret, 'hex', body)}`;
    return { 'X-GitHub-Event': 'push', 'X-Hub-Signature-256': signature };
}

function signSlack(body, { secret, date }) {
    const time = `${secondsOf(date)}`;
    return {
        'X-Slack-Request-Timestamp': time,
        'X-Slack-Signature': `v0=${hmac(secret, 'hex', `v0:${time}:`, body)}`,
    };
}

function signEd(body, { id, date }) {
    const time = `${secondsOf(date)}`, message = Buffer.concat([Buffer.from(`${id}.${time}.`), body]);
    const signature = `v1a,${signEd25519(null, message, keyPair.privateKey).toString('base64')}`;
    return { 'webhook-id': id, 'webhook-timestamp': time, 'webhook-signature': signature };
}

function signForm(body, { secret }) {
    const parameters = {};
    for (const [name, value] of new URLSearchParams(body.toString('utf8'))) (parameters[name] ??= []).push(value);
    return {
        'Content-Type': 'application/x-www-form-urlencoded',
        'X-Twilio-Signature': getExpectedTwilioSignature(secret, TWILIO_URL, parameters),
    };
}

const bodyDigest = (body) => `?bodySHA256=${sha256Of(body)}`;

function signHmac(body, { secret, id, date }) {
    const time = `${secondsOf(date)}`;
    return { 'X-Time': time, 'X-Id': id, 'X-Signature': `v1=${hmac(secret, 'base64url', `${id}:${time}:`, body)}` };
}

// One a hook: `scheme`, `secret`, further `settings`; sign(body, { secret, id, date }) gives the headers, query(body)
// what stands behind the URL. `id` says what names an event: 'signed', 'body' (its digest), a member of the body, or
// null. `isTimed`: the signature has a time. `isForm`: it sends forms alone.
export const senders = {
    github: { scheme: 'github', secret: "It's a Secret to Everybody", id: 'body', sign: signGithub },
    stripe: { scheme: 'stripe', secret: 'whsec_of_the_endpoint', id: 'id', isTimed: true, sign: signStripe },
    slack: {
        scheme: 'slack', secret: '8f742231b10e8888abcd99yyyzzz85a5', id: 'event_id', isTimed: true, sign: signSlack,
    },
    shopify: {
        scheme: 'shopify', secret: 'shpss_0123456789', id: 'body',
        sign: (body, { secret }) => ({ 'X-Shopify-Hmac-Sha256': hmac(secret, 'base64', body) }),
    },
    standard: {
        scheme: 'standard', secret: WHSEC, id: 'signed', isTimed: true,
        sign: standardOf(StandardWebhook, 'webhook'),
    },
    svix: { scheme: 'standard', secret: WHSEC, id: 'signed', isTimed: true, sign: standardOf(SvixWebhook, 'svix') },
    ed25519: { scheme: 'standard', secret: `whpk_${publicKey}`, id: 'signed', isTimed: true, sign: signEd },
    twilio: {
        scheme: 'twilio', secret: 'twilio-auth-token', settings: { public_url: TWILIO_URL }, id: null, isForm: true, sign: signForm,
    },
    'twilio-json': {
        scheme: 'twilio', secret: 'twilio-auth-token', settings: { public_url: TWILIO_URL }, id: null, query: bodyDigest,
        sign: (body, { secret }) => ({
            'X-Twilio-Signature': getExpectedTwilioSignature(secret, TWILIO_URL + bodyDigest(body), {}),
        }),
    },
    meta: {
        scheme: 'meta', secret: 'the secret of the app', id: 'body',
        sign: (body, { secret }) => ({ 'X-Hub-Signature-256': `sha256=${hmac(secret, 'hex', body)}` }),
    },
    hmac: {
        scheme: 'hmac', secret: 'whatever else', id: 'signed', isTimed: true, sign: signHmac,
        settings: {
            header: 'X-Signature', prefix: 'v1=', encoding: 'base64url', template: '{id}:{timestamp}:{body}',
            timestamp_header: 'X-Time', id_header: 'X-Id',
        },
    },
};

// Those that do not sign.
export const believed = {
    basic: {
        scheme: 'basic', secret: 'open sesame', settings: { user: 'provider' },
        sign: (_, { secret }) => ({
            Authorization: `Basic ${Buffer.from(`provider:${secret}`).toString('base64')}`,
        }),
    },
    gitlab: {
        scheme: 'token', secret: 'a-token-of-gitlab', settings: { header: 'X-Gitlab-Token' },
        sign: (_, { secret }) => ({ 'X-Gitlab-Token': secret }),
    },
    bearer: {
        scheme: 'token', secret: 'a-bearers-token',
        sign: (_, { secret }) => ({ Authorization: `Bearer ${secret}` }),
    },
};
