// Webhooks by genuine senders: what is theirs gets into Kinesis byte for byte and once; one wrong bit, and nothing does.
import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import http from 'node:http';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { startDouble } from './lib/double.mjs';
import { Gateway, makeKey, stopAll, writeConfig } from './lib/gateway.mjs';
import { call } from './lib/http.mjs';
import { audit, scrape } from './lib/metrics.mjs';
import { scratchFolder } from './lib/paths.mjs';
import { believed, senders } from './lib/senders.mjs';

const MIB = 1 << 20;
const all = { ...senders, ...believed };
const replayed = (answer) => answer.headers['idempotent-replayed'] === 'true';

describe('webhooks', () => {
    let double, gateway, agent, url;
    let number = 0;

    before(async () => {
        double = await startDouble(['--stream', `large:1:${2 * MIB}`]);
        agent = new http.Agent({ keepAlive: true, maxSockets: 8 });
        const hooks = {};
        const folder = scratchFolder('secrets');
        for (const [name, { scheme, settings }] of Object.entries(all)) {
            const files = ['secret', 'new'].map((end) => join(folder, `${name}.${end}`));
            const secrets = files.map((file) => `file:${file}`);
            hooks[name] = { stream: 'large', tenant: 'acme', scheme, secrets, ...settings };
            for (const file of files) writeFileSync(file, `${all[name].secret}\n`);
        }
        hooks.meta.verify_token = 'env:META_VERIFY_TOKEN';
        hooks.bearer.request_origins = ['eventgrid.azure.net'];
        hooks.slack.partition_key = { json: '/team_id' };
        hooks.gitlab.dedup_id = 'X-Gitlab-Event-UUID';
        hooks.nobody = { ...hooks.bearer, tenant: 'nobody' };
        const key = await makeKey();
        const config = writeConfig(
            {
                aws: { ...double.aws, call_timeout_ms: 10000 },
                hook_timeout_ms: 20000,
                streams: { large: { name: 'large', max_record_bytes: 2 * MIB } },
                hooks,
            },
            [key],
        );
        gateway = new Gateway(config, key, { env: { META_VERIFY_TOKEN: 'a verify token' } });
        gateway.secrets = folder;
        await gateway.child.until('the gateway is ready', () => gateway.isReady(), 30000);
        ({ url } = gateway);
    });
    after(async () => {
        agent?.destroy();
        await stopAll(gateway);
    });

    const newId = () => `msg_${process.pid}_${++number}`;
    const send = (name, body, headers, query = '') =>
        call(`${url}/v1/hooks/${name}${query}`, { body, headers, agent });
    async function signed(name, body, options = {}) {
        const { secret, sign, query } = all[name];
        const data = Buffer.from(body);
        const headers = await sign(data, { secret, id: newId(), date: new Date(), ...options });
        return [name, data, headers, query?.(data)];
    }
    const bodyOf = (sender, words = 'x') =>
        sender.isForm
            ? `From=%2B1555&Body=${words}+${newId()}`
            : JSON.stringify({ id: newId(), event_id: newId(), team_id: 'T1', words });
    const calls = async () => (await scrape(gateway)).get('kgw_upstream_calls_total');
    const recordOf = (sequence) => double.records().find(({ seq }) => seq === sequence);

    function assertStored(answer, body) {
        assert.equal(answer.status, 200, answer.text);
        const record = recordOf(answer.json.SequenceNumber), data = Buffer.from(body);
        assert.equal(record.length, data.length);
        assert.equal(record.sha256, createHash('sha256').update(data).digest('hex'));
        return record;
    }

    for (const [name, sender] of Object.entries(all)) {
        it(`of ${name} are stored byte for byte`, async () => {
            const large = sender.isForm
                ? [`Body=${'x'.repeat(60000)}`]
                : [randomBytes(MIB), JSON.stringify({ id: newId(), words: 'x'.repeat(MIB - 100) })];
            const bodies = sender.isForm
                ? ['', 'Body=caf%C3%A9+%F0%9F%8E%88&From=%2B1&Body=b&Body=a']
                : ['', randomBytes(300), 'çafé 🎈'];
            for (const body of [...bodies, ...large]) assertStored(await send(...(await signed(name, body))), body);
        });

        if (sender.id !== undefined) {
            it(`of ${name} are refused for any wrong bit, before anything is sent`, async () => {
                const sent = await calls();
                const [, body, headers, query] = await signed(name, bodyOf(sender));
                const refused = async (data, fields, what, behind = query) => {
                    const answer = await send(name, data, fields, behind);
                    assert.equal(answer.status, 401, `${what}: ${answer.text}`);
                };
                const wrong = [];
                for (let bit = 0; bit < 8 * body.length; bit++) wrong.push([flip(body, bit), headers, `bit ${bit}`]);
                for (const [field, value] of Object.entries(headers)) {
                    if (/^(content-type|x-github-event)$/i.test(field)) continue;
                    for (let bit = 0; bit < 8 * value.length; bit++) {
                        const other = flip(Buffer.from(value), bit).toString('latin1');
                        if (!/^[\x21-\x7e\x80-\xff][\x20-\x7e\x80-\xff]*[\x21-\x7e\x80-\xff]$/.test(other)) continue;
                        wrong.push([body, { ...headers, [field]: other }, `${field}: ${other}`]);
                    }
                    wrong.push([body, { ...headers, [field]: [value, value] }, `${field} twice`]);
                    const { [field]: _, ...others } = headers;
                    wrong.push([body, others, `no ${field}`]);
                }
                for (let at = 0; at < wrong.length; at += 64)
                    await Promise.all(wrong.slice(at, at + 64).map((one) => refused(...one)));
                assert.equal(await calls(), sent);
                assertStored(await send(name, body, headers, query), body);
            });
        }

        if (name === 'ed25519') continue;
        it(`of ${name} are believed by any of its secrets, as they are at the last reload`, async () => {
            const file = join(gateway.secrets, `${name}.new`);
            const secret = sender.scheme === 'standard' ? `whsec_${randomBytes(24).toString('base64')}` : `new-${name}`;
            const body = bodyOf(sender), other = await signed(name, body, { secret });
            assert.equal((await send(...other)).status, 401);
            writeFileSync(file, `${secret}\r\n`);
            await gateway.reload({});
            assertStored(await send(...other), body);
            assert.equal((await send(...(await signed(name, bodyOf(sender))))).status, 200);
            writeFileSync(file, all[name].secret);
            await gateway.reload({});
            assert.equal((await send(...other)).status, 401);
        });
    }

    const lists = {
        standard: ['webhook-signature', ' ', () => `v1,${randomBytes(32).toString('base64')}`],
        ed25519: ['webhook-signature', ' ', () => `v1a,${randomBytes(64).toString('base64')}`],
        stripe: ['Stripe-Signature', ',', () => `v1=${randomBytes(32).toString('hex')}`],
    };
    for (const [name, [field, between, another]] of Object.entries(lists))
        it(`of ${name} are believed by one of ten signatures, not by the eleventh`, async () => {
            for (const [others, status] of [[9, 200], [10, 401], [40, 401]]) {
                const [, body, headers] = await signed(name, bodyOf(all[name]));
                const list = [...Array.from({ length: others }, another), headers[field]].join(between);
                const answer = await send(name, body, { ...headers, [field]: list });
                assert.equal(answer.status, status, `${others} others: ${answer.text}`);
            }
        });

    for (const [name, sender] of Object.entries(senders).filter(([, { isTimed }]) => isTimed)) {
        it(`of ${name} may be five minutes off, not more`, async () => {
            for (const [offset, status] of [[-290, 200], [290, 200], [-310, 401], [310, 401]]) {
                const date = new Date(Date.now() + offset * 1000);
                const answer = await send(...(await signed(name, bodyOf(sender), { date })));
                assert.equal(answer.status, status, `${offset} s: ${answer.text}`);
            }
        });
    }

    for (const [name, sender] of Object.entries(senders).filter(([, { id }]) => id)) {
        it(`of ${name} that are told again are answered with the first ids`, async () => {
            const body = bodyOf(sender), id = newId();
            const first = await send(...(await signed(name, body, { id })));
            const later = new Date(Date.now() + 7000);
            const again = await send(...(await signed(name, body, { id, date: later })));
            assert.equal(again.status, 200, again.text);
            assert.equal(again.text, first.text);
            assert.ok(!replayed(first) && replayed(again));
            const other = await send(...(await signed(name, bodyOf(sender))));
            assert.ok(other.status === 200 && !replayed(other));
        });
    }

    it('have the id that dedup_id names', async () => {
        const ids = { 'X-Gitlab-Event-UUID': newId() };
        const [name, body, headers] = await signed('gitlab', 'one');
        const first = await send(name, body, { ...headers, ...ids });
        const again = await send(name, 'two', { ...headers, ...ids });
        assert.ok(replayed(again) && again.text === first.text, again.text);
        assert.ok(!replayed(await send(name, body, headers)));
    });

    it('are remembered only once they are written', async () => {
        const [name, body, headers] = await signed('standard', 'after an error');
        await double.setFaults({ kind: 'throttle' });
        const failed = await send(name, body, { ...headers, 'X-Request-Timeout-Ms': '500' });
        assert.equal(failed.status, 503, failed.text);
        await double.clearFaults();
        const answer = await send(name, body, headers);
        assert.ok(!replayed(answer));
        assertStored(answer, body);
    });

    it("go where the hook's own rule says", async () => {
        const answer = await send(...(await signed('slack', JSON.stringify({ team_id: 'T42', event_id: newId() }))));
        assert.equal(recordOf(answer.json.SequenceNumber).partition_key, 'T42');
    });

    it('have handshakes, which are answered and not stored', async () => {
        const stored = double.records().length;
        const challenge = '3eZbrw1aBm2rZgRNFdxV2595E9CY3gmdALWMmHkvFXO7tYXAYM8P';
        const slack = await signed('slack', JSON.stringify({ token: 'x', challenge, type: 'url_verification' }));
        const answer = await send(...slack);
        assert.deepEqual([answer.status, answer.text], [200, challenge]);
        assert.match(answer.headers['content-type'], /^text\/plain/);
        assert.equal((await send(slack[0], slack[1], { ...slack[2], 'X-Slack-Signature': 'v0=00' })).status, 401);

        const ask = (name, query) => call(`${url}/v1/hooks/${name}?${query}`, { method: 'GET' });
        const meta = await ask('meta', 'hub.mode=subscribe&hub.verify_token=a+verify%20token&hub.challenge=1158201444');
        assert.deepEqual([meta.status, meta.text], [200, '1158201444']);
        for (const query of [
            'hub.mode=subscribe&hub.verify_token=another&hub.challenge=1',
            'hub.mode=unsubscribe&hub.verify_token=a+verify+token&hub.challenge=1',
            'hub.mode=subscribe&hub.verify_token=a+verify+token&hub.challenge=%3Cscript%3E',
            'hub.mode=subscribe&hub.verify_token=a+verify+token',
            '',
        ])
            assert.equal((await ask('meta', query)).status, 403, query);
        assert.equal((await ask('github', 'hub.mode=subscribe')).status, 405);

        const options = (name, headers) => call(`${url}/v1/hooks/${name}`, { method: 'OPTIONS', headers });
        const asked = { 'WebHook-Request-Origin': 'eventgrid.azure.net', 'WebHook-Request-Rate': '120' };
        const granted = await options('bearer', asked);
        assert.equal(granted.status, 200);
        assert.equal(granted.headers['webhook-allowed-origin'], 'eventgrid.azure.net');
        assert.equal(granted.headers['webhook-allowed-rate'], '*');
        assert.match(granted.headers.allow, /POST/);
        assert.equal((await options('bearer', { 'WebHook-Request-Origin': 'evil.example' })).status, 403);
        assert.equal((await options('github', { 'WebHook-Request-Origin': 'any.example' })).status, 200);
        assert.equal((await options('github', {})).status, 405);
        assert.equal(double.records().length, stored);
    });

    it('of a hook or a tenant that does not exist are refused', async () => {
        const [, body, headers] = await signed('bearer', 'x');
        assert.equal((await send('unknown', body, headers)).status, 404);
        assert.equal((await send('nobody', body, headers)).status, 403);
        assert.equal((await call(`${url}/v1/hooks/github`, { method: 'DELETE' })).status, 405);
        assert.equal((await send('github', Buffer.alloc(2 * MIB + 1), {})).status, 413);
        assert.ok((await scrape(gateway)).get('kgw_hooks_without_tenant_total') >= 1);
    });

    it('leave the audit balanced, and no secret in a log or an answer', async () => {
        const metrics = await audit(gateway);
        assert.ok(metrics.get('kgw_hooks_refused_total') > 1000);
        assert.ok(metrics.get('kgw_hook_handshakes_total') >= 4);
        for (const { secret } of Object.values(all)) {
            assert.ok(!gateway.log.includes(secret), 'a secret is in the log');
            assert.ok(!gateway.log.includes(secret.replace(/^whsec_/, '')), 'a secret is in the log');
        }
        assert.ok(!gateway.log.includes('verify token=') && !gateway.log.includes('a verify token'));
    });
});

function flip(bytes, bit) {
    const other = Buffer.from(bytes);
    other[bit >> 3] ^= 1 << (bit & 7);
    return other;
}
