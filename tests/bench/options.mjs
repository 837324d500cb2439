// The command line of tests/bench/run.
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';

export const PARTS = ['cpu', 'quota', 'latency', 'overload', 'peer', 'aggregation', 'memory'];

export const usage = `usage: tests/bench/run [options]
  --only PART[,PART]  ${PARTS.join(', ')}; default all
  --rounds N          interleaved rounds of what is compared, default 5
  --seconds S         of each measurement, default 3
  --cases LIST        of the CPU measure: CONNECTIONS:DELAY_MS, default 64:0,512:10
  --idle N            keep-alive connections of the memory measure, default 10000
  --searches N        of the capacity, for the measure of latency, default 3; that of overload searches before each run
  --search-seconds S  of each step of a search, default 2
  --capacity R        records a second; not searched for then
  --overload-rounds N runs at each multiple of the capacity, default 3
  --overload-connections N  of the searches, too, default 512
  --client-sleeps     where CPU and latency are compared, the client sleeps until an answer comes, and waking its processor
                      is charged to the server that answers; else it polls, and costs a server no more than a caller
                      on another machine
  --build-dir DIR     default build/bench
  --no-build          use what the build directory has
  --calibrate         the CPU measure with the floor in the gateway's place: the ratio must be 1, its spread is the noise
`;

// What the ratio to the floor may be at most.
const RATIOS = { '64:0': 1.8, '512:10': 2.2 };

function parseCase(text) {
    const [, connections, delayMs] = /^([1-9]\d*):(\d+)$/.exec(text) ?? [];
    if (!connections) throw new Error(`--cases: CONNECTIONS:DELAY_MS, not '${text}'`);
    return { connections: Number(connections), delayMs: Number(delayMs), ratioMax: RATIOS[text] };
}

function parseParts(values) {
    const parts = values.only?.split(',') ?? (values.calibrate ? ['cpu'] : PARTS);
    const unknown = parts.find((part) => !PARTS.includes(part));
    if (unknown !== undefined) throw new Error(`--only: some of ${PARTS.join(', ')}, not '${unknown}'`);
    if (values.calibrate && parts.some((part) => part !== 'cpu')) throw new Error('--calibrate: the CPU measure only');
    return parts;
}

const text = (value) => ({ type: 'string', ...(value && { default: value }) });
const flag = { type: 'boolean', default: false };

export function parseOptions(root) {
    const { values } = parseArgs({
        options: {
            only: text(), rounds: text('5'), seconds: text('3'), cases: text('64:0,512:10'), idle: text('10000'),
            searches: text('3'), 'search-seconds': text('2'), capacity: text(), 'overload-rounds': text('3'),
            'overload-connections': text('512'), 'build-dir': text(join(root, 'build/bench')),
            'client-sleeps': flag, 'no-build': flag, calibrate: flag, help: flag,
        },
    });
    const number = (name) => {
        if (!(Number(values[name]) > 0)) throw new Error(`--${name}: a positive number, not '${values[name]}'`);
        return Number(values[name]);
    };
    return {
        help: values.help,
        parts: parseParts(values),
        rounds: number('rounds'),
        seconds: number('seconds'),
        cases: (values.calibrate ? '64:0' : values.cases).split(',').map(parseCase),
        idle: number('idle'),
        searches: number('searches'),
        searchSeconds: number('search-seconds'),
        capacity: values.capacity === undefined ? 0 : number('capacity'),
        overloadRounds: number('overload-rounds'),
        overloadConnections: number('overload-connections'),
        clientSleeps: values['client-sleeps'],
        buildDirectory: resolve(values['build-dir']),
        build: !values['no-build'],
        calibrate: values.calibrate,
    };
}
