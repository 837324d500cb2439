// A tenant far over its quota beside one within its own: who is refused costs the other nothing.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { startDouble } from './lib/double.mjs';
import { makeKey, startGateway, stopAll } from './lib/gateway.mjs';
import { audit } from './lib/metrics.mjs';
import { quantile, startOffer } from './lib/offer.mjs';
import { startRedis } from './lib/redis.mjs';
import { until } from './lib/wait.mjs';

const NOISY_RATE = 25, TIMES = 20;
const QUIET_RATE = 50; // that it offers: half of what it may
const ROUNDS = 3, ROUND_MS = 800;
const FLOOR_MS = 25; // what a busy machine adds by itself

describe('a tenant beside one that offers twenty times its quota', () => {
    const now = () => performance.now();
    let gateway, quiet, noisy;

    before(async () => {
        const [double, redis] = await Promise.all([startDouble(), startRedis()]);
        [quiet, noisy] = [await makeKey({}, 'quiet'), await makeKey({}, 'noisy')];
        const rows = {
            quiet: { quota: { records_per_second: 2 * QUIET_RATE }, on_redis_failure: 'closed' },
            noisy: { quota: { records_per_second: NOISY_RATE }, on_redis_failure: 'closed' },
        };
        const settings = { aws: double.aws, redis: { url: redis.url, timeout_ms: 1000 } };
        gateway = await startGateway(settings, [quiet, noisy], { rows });
    });
    after(() => stopAll(gateway));

    async function round(noise) {
        const other = noise ? startOffer([gateway], { rate: NOISY_RATE * TIMES, keys: [noisy] }) : null;
        const offer = startOffer([gateway], { rate: QUIET_RATE, keys: [quiet] });
        await until('the round is over', () => now() - offer.began >= ROUND_MS, ROUND_MS + 5000);
        const [mine, theirs] = await Promise.all([offer.stop(), other?.stop()]);
        return { mine, theirs };
    }

    it('is not refused once, and is answered as fast as ever', async (t) => {
        await round(true); // connections and leases
        const alone = [], beside = [];
        for (let i = 0; i < ROUNDS; i++) {
            for (const [noise, p99s] of [[false, alone], [true, beside]]) {
                const { mine, theirs } = await round(noise);
                for (const { status, body } of mine) assert.equal(status, 200, body);
                if (noise) assert.ok(theirs.filter(({ status }) => status === 429).length > theirs.length / 2);
                p99s.push(quantile(mine.map(({ took }) => took), 0.99));
            }
        }
        const [well, ill] = [quantile(alone, 0.5), quantile(beside, 0.5)];
        t.diagnostic(`the rounds' median p99: ${well.toFixed(1)} ms alone, ${ill.toFixed(1)} ms beside it`);
        assert.ok(ill <= 1.5 * well + FLOOR_MS, `${ill} ms, and ${well} ms without`);
        await audit(gateway);
    });
});
