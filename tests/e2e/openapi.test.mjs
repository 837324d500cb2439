// deploy/openapi.json: a valid description, the one that the admin listener serves, and true: every example in it is sent
// to the gateway and answered as it says.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { run } from './lib/child.mjs';
import { startDouble } from './lib/double.mjs';
import { makeKey, startGateway, stopAll } from './lib/gateway.mjs';
import { call } from './lib/http.mjs';
import { audit } from './lib/metrics.mjs';
import { Description } from './lib/openapi.mjs';
import { fromNpm, root } from './lib/paths.mjs';

const { default: Ajv2020 } = fromNpm('ajv/dist/2020.js');

const file = join(root, 'deploy/openapi.json');
const text = readFileSync(file, 'utf8');
const description = new Description(JSON.parse(text));
const operations = description.operations;

const ROUTES = [
    'POST /v1/streams/{stream}/record',
    'POST /v1/streams/{stream}/records',
    'POST /v1/e/{stream}',
    'OPTIONS /v1/e/{stream}',
    'GET /v1/e/{stream}.gif',
    'POST /v1/hooks/{hook}',
    'GET /v1/hooks/{hook}',
    'GET /healthz',
];

describe('the OpenAPI document', () => {
    let double, gateway, service, page, ajv;

    before(async () => {
        double = await startDouble();
        service = await makeKey();
        page = await makeKey({ calls: ['beacon'], origins: ['https://shop.example'] });
        gateway = await startGateway(
            {
                aws: double.aws,
                streams: { orders: { name: 'one' }, clicks: { name: 'four' } },
                hooks: {
                    'github-main': { stream: 'orders', tenant: 'acme', scheme: 'github', secrets: ['env:GITHUB_SECRET'] },
                    'meta-main': {
                        stream: 'orders',
                        tenant: 'acme',
                        scheme: 'meta',
                        secrets: ['env:META_SECRET'],
                        verify_token: 'env:META_TOKEN',
                    },
                },
            },
            [service, page],
            {
                env: {
                    GITHUB_SECRET: "It's a Secret to Everybody",
                    META_SECRET: 'an app secret of Meta',
                    META_TOKEN: 'a token of your own',
                },
            },
        );
        ajv = new Ajv2020({ strict: false });
        ajv.addSchema(description.document, 'document');
    });
    after(() => stopAll(gateway));

    it('is valid', async () => {
        const bin = join(root, 'build/tools/node_modules/.bin/redocly');
        const linted = await run(bin, ['lint', '--config', join(root, 'tests/e2e/lib/redocly.yaml'), '--format', 'json', file], {
            env: { REDOCLY_TELEMETRY: 'off', REDOCLY_SUPPRESS_UPDATE_NOTICE: 'true' },
        });
        assert.equal(linted.code, 0, linted.out + linted.err);
        assert.deepEqual(JSON.parse(linted.out).problems, []);
    });

    it('is what the admin listener serves', async () => {
        const answer = await call(`${gateway.admin}/openapi.json`, { method: 'GET' });
        assert.equal(answer.status, 200);
        assert.equal(answer.headers['content-type'], 'application/json');
        assert.equal(answer.text, text);
    });

    it('describes every native call', () => {
        const described = operations.map(({ method, path }) => `${method.toUpperCase()} ${path}`);
        assert.deepEqual(described.sort(), [...ROUTES].sort());
    });

    // Which credentials an operation asks for, as its own client has them.
    function authorize({ security = description.document.security }, request) {
        const [scheme] = security.flatMap(Object.keys);
        if (scheme === 'ApiKey') request.headers['X-Api-Key'] = service.key;
        if (scheme === 'PublishableKey') request.query.append('key', page.key);
    }

    function isAsDescribed(answer, { status, response, type, value, pointer }) {
        assert.equal(answer.status, status, answer.text);
        for (const name of Object.keys(response.headers ?? {}))
            if (/^(x-request-id|www-authenticate|access-control-|vary)/i.test(name))
                assert.ok(answer.headers[name.toLowerCase()], `${name} is missing`);
        for (const name of Object.keys(answer.headers).filter((n) => /^(ratelimit|retry-after|kgw-|idempot)/.test(n)))
            assert.ok(Object.keys(response.headers).some((known) => known.toLowerCase() === name), `${name} is not described`);
        if (!type) return assert.equal(answer.body.length, 0);
        assert.equal(answer.headers['content-type'].split(';')[0], type);
        if (type === 'image/gif') return assert.equal(answer.body.toString('base64'), value);
        if (!/json/.test(type)) return assert.equal(answer.text, value);
        const isValid = ajv.compile({ $ref: `document${pointer}` });
        assert.ok(isValid(answer.json), `${answer.text}: ${ajv.errorsText(isValid.errors)}`);
        if (type === 'application/problem+json')
            assert.deepEqual({ ...answer.json, request_id: '' }, { ...value, request_id: '' });
        else assert.deepEqual(Object.keys(answer.json).sort(), Object.keys(value).sort());
    }

    for (const operation of operations) {
        const expectations = description.expectations(operation);
        it(`${operation.operationId}: has an example of its success`, () => {
            assert.ok(expectations.some(({ status }) => status < 300));
        });
        for (const expected of expectations)
            it(`${operation.operationId}: ${expected.name} is answered ${expected.status}`, async () => {
                const request = description.request(operation, expected.name);
                authorize(operation, request);
                const query = request.query.size ? `?${request.query}` : '';
                isAsDescribed(await call(gateway.url + request.target + query, request), expected);
            });
    }

    it('leaves metrics that add up', async () => {
        await audit(gateway);
    });
});
