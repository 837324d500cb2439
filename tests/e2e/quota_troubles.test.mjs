// Redis in trouble, a row each, under load on two gateways: what each tenant's policy says holds, nobody waits for
// longer than the timeout, nobody asks on, and Redis decides again soon after it is well.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { stopEverything } from './lib/child.mjs';
import { startDouble } from './lib/double.mjs';
import { makeKey, startGateway } from './lib/gateway.mjs';
import { audit, scrape } from './lib/metrics.mjs';
import { quantile, startOffer } from './lib/offer.mjs';
import { Noise, Redis, SlowWay, startRedis } from './lib/redis.mjs';
import { until } from './lib/wait.mjs';

const OFFERED = 300; // a second, a third for each policy
const TIMEOUT_MS = 20;
const OPENS_MS = 1000;
const BACK_MS = 2000;
const SLACK_MS = 80; // of a busy machine, in one row; over all rows less
const SLACK_OF_ALL_MS = 30;
const HANG_MS = 2000;
const WELL_MS = 400; // watched, before the trouble begins
const SHARED = { rate: 60, burst: 20 };
const WATCHED_MS = 700; // once the breaker is open
const TRIALS_MAX = 40; // by four workers in that time, whose Redis answers, but with errors

const slowBy = (ms) => ({
    async begin(scene) {
        await scene.redis.kill();
        scene.other = await startRedis();
        scene.way = await SlowWay.open(scene.redis.port, scene.other.port, ms);
    },
    async end(scene) {
        await scene.way.close();
        await scene.other.kill();
        await scene.redis.start();
    },
});

// `lasts`: until it is ended; else it passes by itself. `trials`: it is asked now and then whether it works again.
const troubles = {
    refused: { lasts: true, begin: ({ redis }) => redis.kill(), end: ({ redis }) => redis.start() },
    frozen: { lasts: true, begin: ({ redis }) => redis.freeze(), end: ({ redis }) => redis.thaw() },
    'slow, but in time': { ...slowBy(15), lasts: false },
    'slow, and late': { ...slowBy(50), lasts: true },
    restarted: {
        async begin({ redis }) {
            await redis.kill();
            await redis.start();
        },
    },
    flushed: { begin: ({ redis }) => redis.ask('FLUSHALL') },
    'without its scripts': { begin: ({ redis }) => redis.ask('SCRIPT', 'FLUSH') },
    'a replica': {
        lasts: true,
        trials: true,
        begin: ({ redis }) => redis.ask('REPLICAOF', '127.0.0.1', '1'),
        end: ({ redis }) => redis.ask('REPLICAOF', 'NO', 'ONE'),
    },
    'out of memory': {
        lasts: true,
        trials: true,
        begin: ({ redis }) => redis.ask('CONFIG', 'SET', 'maxmemory', '1', 'maxmemory-policy', 'noeviction'),
        end: ({ redis }) => redis.ask('CONFIG', 'SET', 'maxmemory', '0'),
    },
    'of another password': {
        lasts: true,
        async begin({ redis }) {
            await redis.ask('CONFIG', 'SET', 'requirepass', 'another');
            await redis.ask('-a', 'another', 'CLIENT', 'KILL', 'TYPE', 'normal');
        },
        end: ({ redis }) => redis.ask('-a', 'another', 'CONFIG', 'SET', 'requirepass', ''),
    },
    'without its clients': { begin: ({ redis }) => redis.ask('CLIENT', 'KILL', 'TYPE', 'normal') },
    noise: {
        lasts: true,
        async begin(scene) {
            await scene.redis.kill();
            scene.noise = await Noise.open(scene.redis.port);
        },
        async end({ noise, redis }) {
            await noise.close();
            await redis.start();
        },
    },
};

describe('quotas while Redis is', () => {
    const now = () => performance.now();
    const policies = ['open', 'closed', 'local_share'];
    const gateways = [];
    let redis, keys;

    before(async () => {
        const double = await startDouble();
        redis = await startRedis();
        keys = await Promise.all(policies.map((policy) => makeKey({}, policy)));
        const plenty = { requests_per_second: 400, requests_burst: 40 };
        const rows = {
            open: { quota: plenty, on_redis_failure: 'open' },
            closed: { quota: plenty, on_redis_failure: 'closed' },
            local_share: {
                quota: { records_per_second: SHARED.rate, records_burst: SHARED.burst },
                on_redis_failure: 'local_share',
            },
        };
        const settings = { aws: double.aws, redis: { url: redis.url, timeout_ms: TIMEOUT_MS } };
        gateways.push(...(await Promise.all([0, 1].map(() => startGateway(settings, keys, { rows })))));
        await until('they are two', async () => (await redis.ask('ZCARD', 'kgw:gateways')) === '2');
        await passed(now(), 1200); // until each has heard so: it asks every second
    });
    after(async () => {
        try {
            for (const gateway of gateways) await gateway.stop();
        } finally {
            await stopEverything();
        }
    });

    const passed = (since, ms) => until('it has passed', () => now() - since >= ms, ms + 5000);
    const isOf = (policy) => (result) => result.key === keys[policies.indexOf(policy)];
    const asked = async () => {
        const all = await Promise.all(gateways.map((gateway) => scrape(gateway)));
        return all.reduce((sum, metrics) => sum + metrics.get('kgw_quota_asked_total'), 0);
    };

    // By the tenant that is refused without it: what was sent for a tenth of a second, through either gateway, is not.
    async function redisDecides(offer, since, ms) {
        await until(
            'Redis decides again',
            () =>
                gateways.every((gateway) => {
                    const from = Math.max(since, now() - 150);
                    const lately = offer.results.filter(isOf('closed')).filter((r) => r.gateway === gateway && r.sent >= from && r.status);
                    return lately.length >= 4 && lately.every(({ status }) => status === 200);
                }),
            ms,
        );
    }

    function policiesHold(results, from, to) {
        const within = results.filter(({ sent }) => sent >= from && sent < to);
        const statuses = (policy) => new Set(within.filter(isOf(policy)).map(({ status }) => status));
        assert.deepEqual([...statuses('open')], [200]);
        assert.deepEqual([...statuses('closed')], [503]);
        for (const gateway of gateways) {
            const admitted = within.filter(isOf('local_share')).filter((r) => r.gateway === gateway && r.status === 200);
            const most = (SHARED.rate / 2) * ((to - from + SLACK_MS) / 1000) + SHARED.burst / 2;
            assert.ok(admitted.length <= most, `${admitted.length} of at most ${most}`);
            assert.ok(admitted.length >= (SHARED.rate / 2) * ((to - from) / 1000) * 0.6, `only ${admitted.length}`);
        }
    }

    const wells = [], ills = [];

    // No more than it takes anyway, and the timeout; which quota_test.c says to the microsecond, in virtual time.
    function nobodyWaited(t, results, began) {
        const well = results.filter(({ sent }) => sent < began && sent > began - WELL_MS).map(({ took }) => took);
        const ill = results.filter(({ sent }) => sent >= began).map(({ took }) => took);
        const say = (all) => [0.5, 0.95, 0.99, 1].map((part) => quantile(all, part).toFixed(1)).join(' ');
        t.diagnostic(`ms at 50, 95, 99, 100 %: ${say(well)} without, ${say(ill)} with it`);
        assert.ok(quantile(ill, 0.5) <= quantile(well, 0.5) + TIMEOUT_MS + SLACK_MS);
        assert.ok(Math.max(...ill) <= HANG_MS, 'nobody was held up');
        wells.push(...well);
        ills.push(...ill);
    }

    // The trouble's whole course; a trouble that fails ends all the same, for those behind it.
    async function passThrough(t, trouble, offer) {
        const scene = { redis };
        await redisDecides(offer, now(), 10000);
        await passed(now(), WELL_MS);
        const began = now();
        await trouble.begin(scene);
        try {
            if (trouble.lasts) await watch(t, trouble, offer, now());
            else await passed(now(), 500);
        } finally {
            await trouble.end?.(scene);
        }
        const ended = now();
        await redisDecides(offer, ended, BACK_MS);
        t.diagnostic(`back after ${(now() - ended).toFixed(0)} ms`);
        return began;
    }

    async function watch(t, trouble, offer, began) {
        await passed(began, OPENS_MS);
        const [before, from] = [await asked(), now()];
        await passed(from, WATCHED_MS);
        const [trials, to] = [(await asked()) - before, now()];
        t.diagnostic(`${trials} requests asked within ${(to - from).toFixed(0)} ms`);
        assert.ok(trials <= (trouble.trials ? TRIALS_MAX : 0), `${trials} requests asked`);
        policiesHold(offer.results.filter(({ status }) => status), from, to);
    }

    for (const [name, trouble] of Object.entries(troubles))
        it(name, async (t) => {
            const offer = startOffer(gateways, { rate: OFFERED, keys });
            let began;
            try {
                began = await passThrough(t, trouble, offer);
            } finally {
                await offer.stop();
            }
            const { results } = offer;
            nobodyWaited(t, results, began);
            assert.deepEqual(results.filter(({ error }) => error), []);
            const may = { open: [200], closed: [200, 503], local_share: [200, 429] };
            for (const policy of policies)
                for (const { status, body } of results.filter(isOf(policy)))
                    assert.ok(may[policy].includes(status), `${policy}: ${status} ${body}`);
            for (const gateway of gateways) await audit(gateway);
        });

    it('any of these, three of four are answered as ever, or after the timeout', () => {
        assert.ok(quantile(ills, 0.75) <= quantile(wells, 0.75) + TIMEOUT_MS + SLACK_OF_ALL_MS);
    });
});
