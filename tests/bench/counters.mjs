// What the gateway and the double count of themselves.
export async function metricsOf(server) {
    const values = new Map();
    if (!server.adminPort) return values;
    const text = await (await fetch(`http://127.0.0.1:${server.adminPort}/metrics`)).text();
    for (const line of text.split('\n')) {
        const [, name, value] = /^(\w+(?:\{.*\})?)\s+(\S+)/.exec(line) ?? [];
        if (name) values.set(name, Number(value));
    }
    return values;
}

export async function countsOf(double) {
    if (!double) return null;
    const counts = await (await fetch(`http://127.0.0.1:${double.control}/counts`)).json();
    return { calls: counts.requests.PutRecord + counts.requests.PutRecords, records: counts.records_stored };
}

/** Calls upstream for a thousand records, as either of them counted in between; NaN where it does not count. */
export function callsPerThousand(before, after) {
    const added = (name) => (after.metrics.get(name) ?? NaN) - (before.metrics.get(name) ?? NaN);
    const told = (1000 * added('kgw_upstream_calls_total')) / added('kgw_records_written_total');
    if (!after.counts) return { told, seen: NaN };
    const seen = (1000 * (after.counts.calls - before.counts.calls)) / (after.counts.records - before.counts.records);
    return { told, seen };
}

/** The gateway's own clock of its stages, if it has one: every kgw_stage_… line that counts seconds. */
export function stagesBetween(before, after, records) {
    const stages = new Map();
    for (const [name, now] of after.metrics)
        if (/^kgw_stage_\w*seconds/.test(name) && !/_(bucket|count)(\{|$)/.test(name))
            stages.set(name, ((now - (before.metrics.get(name) ?? 0)) * 1e6) / records);
    return stages;
}

export const countAll = async (server, double) => ({ metrics: await metricsOf(server), counts: await countsOf(double) });
