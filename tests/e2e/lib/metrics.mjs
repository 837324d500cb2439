// The metrics page, and the audit equation that holds at every scrape of it.
import assert from 'node:assert/strict';
import { call } from './http.mjs';

const left = 'kgw_records_received_total';
const right = ['written', 'replayed', 'rejected', 'failed', 'unknown'].map((state) => `kgw_records_${state}_total`);
right.push('kgw_records_in_flight');

// Every sample: { name, labels, value }
export async function samples(gateway) {
    const { status, text } = await call(`${gateway.admin}/metrics`, { method: 'GET' });
    assert.equal(status, 200, text);
    return text.split('\n').flatMap((line) => {
        const found = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (\S+)$/.exec(line);
        if (!found) return [];
        const labels = Object.fromEntries([...(found[2] ?? '').matchAll(/(\w+)="([^"]*)"/g)].map((m) => [m[1], m[2]]));
        return [{ name: found[1], labels, value: Number(found[3]) }];
    });
}

// name → sum over its labels
export async function scrape(gateway) {
    const sums = new Map();
    for (const { name, value } of await samples(gateway)) sums.set(name, (sums.get(name) ?? 0) + value);
    return sums;
}

export async function audit(gateway) {
    const metrics = await scrape(gateway);
    for (const name of [left, ...right]) assert.ok(metrics.has(name), `no metric ${name}`);
    const terms = right.map((name) => metrics.get(name));
    assert.equal(
        metrics.get(left),
        terms.reduce((a, b) => a + b),
        `${left} = ${right.join(' + ')}: ${terms.join(' + ')}`,
    );
    return metrics;
}

// Scrapes again and again until `stop()`, which throws what was found wrong and gives the last scrape.
export function watchAudit(gateway) {
    let stopped = false;
    const watching = (async () => {
        let scrapes = 0;
        for (; !stopped; scrapes++) await audit(gateway);
        return scrapes;
    })();
    watching.catch(() => {});
    return {
        async stop() {
            stopped = true;
            assert.ok((await watching) > 0);
            return audit(gateway);
        },
    };
}
