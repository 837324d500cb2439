// The benchmark: builds Release, starts the parts, measures, and prints Markdown. What is measured lives in a file for each
// part; this one knows only their order.
import { mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, cpus, tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { measureAggregation } from './aggregation.mjs';
import { measureCpu } from './cpu.mjs';
import { measureLatency } from './latency.mjs';
import { measureMemory } from './memory.mjs';
import { PARTS, parseOptions, usage } from './options.mjs';
import { measureOverload } from './overload.mjs';
import { Bench } from './parts.mjs';
import { measurePeer } from './peer.mjs';
import { measureQuota } from './quota.mjs';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '../..');
const measures = {
    cpu: measureCpu,
    quota: measureQuota,
    latency: measureLatency,
    overload: measureOverload,
    peer: measurePeer,
    aggregation: measureAggregation,
    memory: measureMemory,
};

// A part that fails does not take the others with it.
async function measured(bench, part, wanted) {
    try {
        return await measures[part](bench, wanted);
    } catch (error) {
        bench.complain(`${part}: ${error.stack}\n${bench.logTail()}`);
        await bench.stopAll();
        return `\n## Not measured: ${part}\n\n${error.message}\n`;
    }
}

async function report(bench, wanted) {
    if (wanted.build) bench.build();
    console.log(`# Benchmark\n\n${cpus()[0].model}, ${availableParallelism()} CPUs; ${bench.pinning()}. Median (minimum–maximum).`);
    for (const part of PARTS.filter((name) => wanted.parts.includes(name))) console.log(await measured(bench, part, wanted));
    if (bench.goals.rows.length > 0) console.log(bench.goals.markdown());
    console.log(`## Command lines\n\n\`\`\`\n${bench.commands.join('\n')}\n\`\`\``);
    if (bench.config) console.log(`\n## The gateway's config\n\n\`\`\`json\n${bench.config}\n\`\`\``);
}

async function main() {
    let wanted;
    try {
        wanted = parseOptions(root);
    } catch (error) {
        process.stderr.write(`${error.message}\n${usage}`);
        return 2;
    }
    if (wanted.help) {
        process.stdout.write(usage);
        return 0;
    }
    const directory = mkdtempSync(join(tmpdir(), 'kgw-bench-'));
    const bench = new Bench({ root, directory, ...wanted });
    const stop = () => {
        bench.killAll();
        process.exit(130);
    };
    process.on('SIGINT', stop).on('SIGTERM', stop);
    try {
        await report(bench, wanted);
        return bench.complaints > 0 ? 1 : 0;
    } catch (error) {
        process.stderr.write(`${error.stack}\n${bench.logTail()}`);
        return 1;
    } finally {
        await bench.stopAll();
        rmSync(directory, { recursive: true, force: true });
    }
}

process.exitCode = await main();
