// One tenant, three gateways, one Redis: nine times its quota is offered, and it gets its quota.
import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { stopEverything } from './lib/child.mjs';
import { startDouble } from './lib/double.mjs';
import { makeKey, startGateway } from './lib/gateway.mjs';
import { audit } from './lib/metrics.mjs';
import { startOffer } from './lib/offer.mjs';
import { startRedis } from './lib/redis.mjs';
import { until } from './lib/wait.mjs';

const GATEWAYS = 3, RATE = 100, BURST = 50, OFFERED = 900, SECONDS = 20;

/*
 * When a request was admitted. Neither the answer's time nor the upstream's says so: both are later by what the way
 * there took, which is not the same for all. But its log line does, by the machine's one clock: it came `ms` before it
 * was answered, departed `upstream_ms` before, and entered its lane `queue_ms` before that. What it waited for Redis
 * lies between: so it was admitted after it came, and before it entered the lane.
 */
function admissions(gateway) {
    return gateway.child.jsonLines
        .filter(({ route, status }) => route && status === 200)
        .map(({ time, ms, queue_ms, upstream_ms }) => {
            const told = Date.parse(time);
            return { after: told - ms, before: told - upstream_ms - queue_ms };
        });
}

// The most that were certainly admitted within one stretch of so many milliseconds, wherever it begins.
function mostWithin(moments, ms) {
    const within = (start) => moments.filter(({ after, before }) => after >= start && before < start + ms).length;
    return Math.max(...moments.map(({ after }) => within(after)));
}

describe('a quota over a fleet', () => {
    const gateways = [];

    after(stopEverything);

    it('is had in full, and never exceeded in any second', async (t) => {
        const [double, redis, key] = await Promise.all([startDouble(), startRedis(), makeKey()]);
        const quota = { requests_per_second: RATE, requests_burst: BURST, records_per_second: RATE, records_burst: BURST };
        const rows = { acme: { quota, on_redis_failure: 'closed' } };
        const settings = { aws: double.aws, redis: { url: redis.url, timeout_ms: 1000 } };
        for (let i = 0; i < GATEWAYS; i++) gateways.push(await startGateway(settings, [key], { rows }));
        await until('they know of each other', async () => (await redis.ask('ZCARD', 'kgw:gateways')) === '3');

        const offer = startOffer(gateways, { rate: OFFERED });
        await until('it has been offered', () => performance.now() - offer.began >= SECONDS * 1000, SECONDS * 2000);
        const results = await offer.stop();

        const admitted = results.filter(({ status }) => status === 200).length;
        const refused = results.filter(({ status }) => status === 429).length;
        t.diagnostic(`${results.length} offered, ${admitted} admitted, ${refused} refused`);
        assert.equal(admitted + refused, results.length, 'nothing else is answered');
        for (const gateway of gateways) {
            assert.equal((await audit(gateway)).get('kgw_quota_outage_total'), 0);
            await gateway.stop(); // and its log is whole
        }
        assert.equal(double.records().length, admitted, 'nothing was written twice, and nothing came back');
        const moments = gateways.flatMap(admissions);
        assert.equal(moments.length, admitted);
        for (const seconds of [0.1, 0.5, 1, 5, SECONDS]) {
            const most = mostWithin(moments, seconds * 1000);
            t.diagnostic(`at most ${most} in ${seconds} s`);
            assert.ok(most <= RATE * seconds + BURST, `${most} in ${seconds} s`);
        }
        assert.ok(admitted >= 1950 && admitted <= RATE * SECONDS + BURST + 5, `${admitted}`); // 5: a last turn's delay
    });
});
