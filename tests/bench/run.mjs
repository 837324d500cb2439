// The benchmark: builds Release, starts the parts, measures, and prints Markdown. What is measured lives in cpu.mjs and
// memory.mjs; this file knows only the command line and the order.
import { parseArgs } from 'node:util';
import { mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, cpus, tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Bench } from './parts.mjs';
import { measureCpu } from './cpu.mjs';
import { measureMemory } from './memory.mjs';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '../..');
const usage = `usage: tests/bench/run [options]
  --rounds N         interleaved pairs of floor and gateway, default 5
  --seconds S        of each measurement, default 3
  --connections C    default 64
  --delays LIST      upstream delays in ms, default 0,10
  --idle N           keep-alive connections of the memory measure, default 10000
  --asleep           let the client's processor sleep. By default a loop at idle priority keeps it awake: the floor is
                     so fast that its client never sleeps, and the gateway would be charged for waking it and the double
  --only cpu|memory  one half of it
  --build-dir DIR    default build/bench
  --no-build         use what the build directory has
  --calibrate        the floor in the gateway's place: the ratio must be 1, its spread is the noise
`;

function options() {
    const { values } = parseArgs({
        options: {
            rounds: { type: 'string', default: '5' },
            seconds: { type: 'string', default: '3' },
            connections: { type: 'string', default: '64' },
            delays: { type: 'string', default: '0,10' },
            idle: { type: 'string', default: '10000' },
            only: { type: 'string' },
            asleep: { type: 'boolean', default: false },
            'build-dir': { type: 'string', default: join(root, 'build/bench') },
            'no-build': { type: 'boolean', default: false },
            calibrate: { type: 'boolean', default: false },
            help: { type: 'boolean', default: false },
        },
    });
    const number = (name) => {
        if (!(Number(values[name]) > 0)) throw new Error(`--${name}: a positive number, not '${values[name]}'`);
        return Number(values[name]);
    };
    if (values.only && !['cpu', 'memory'].includes(values.only)) throw new Error('--only: cpu or memory');
    return {
        help: values.help,
        rounds: number('rounds'),
        seconds: number('seconds'),
        connections: number('connections'),
        idle: number('idle'),
        delays: values.calibrate ? [0] : values.delays.split(',').map(Number),
        only: values.only,
        awake: !values.asleep,
        buildDirectory: resolve(values['build-dir']),
        build: !values['no-build'],
        calibrate: values.calibrate,
    };
}

async function main() {
    let wanted;
    try {
        wanted = options();
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
        if (wanted.build) bench.build();
        console.log(`# Benchmark\n\n${cpus()[0].model}, ${availableParallelism()} CPUs; ${bench.pinning()}.`);
        if (wanted.only !== 'memory') console.log(await measureCpu(bench, wanted));
        if (wanted.only !== 'cpu') console.log(await measureMemory(bench, wanted));
        console.log(`## Command lines\n\n\`\`\`\n${bench.commands.join('\n')}\n\`\`\``);
        if (bench.config) console.log(`\n## The gateway's config\n\n\`\`\`json\n${bench.config}\n\`\`\``);
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
