// The gateway against the same work in Node.js: peers/node-gateway. Both keep a quota in the same Redis, both call the
// double over TLS, and each has the same processor to itself while it is its turn.
import { execFileSync } from 'node:child_process';
import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import { measurePairs } from './measure.mjs';
import { row, spread, table } from './numbers.mjs';
import { limited } from './quota.mjs';
import { startRedis } from './redis.mjs';

const CONNECTIONS = 64;
const RATIO_MIN = 40;
const WARMUP_SECONDS = 5; // a compiler that learns while it runs is given the time
const FOLDER = 'tests/bench/peers/node-gateway';
const INSTALL = '. "$root/deploy/lib.sh" && install_packages bench && npm_install "$1" bench-peer';

/** Installs its packages where nothing is installed yet; its path. */
function install(bench) {
    const env = { ...process.env, root: bench.root };
    execFileSync('bash', ['-c', INSTALL, 'install', FOLDER], { env, stdio: ['ignore', 'inherit', 'inherit'] });
    const program = join(bench.root, 'build/bench-peer/server.mjs');
    copyFileSync(join(bench.root, FOLDER, 'server.mjs'), program); // beside its packages, where Node.js looks for them
    return program;
}

async function startPeer(bench, double, socket) {
    const child = await bench.startAnnounced([process.execPath, install(bench)], bench.cpu.server, {
        NODE_ENV: 'production',
        AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE',
        AWS_SECRET_ACCESS_KEY: 'benchmark',
        PEER_TENANTS: join(bench.directory, 'tenants.json'),
        PEER_ENDPOINT: `https://localhost:${double.tls}`,
        PEER_CA: bench.certificate.cert,
        PEER_REDIS: socket,
        PEER_LOG: bench.logPath,
    });
    return { name: 'the same in Node.js', pid: child.pid, port: child.said.port, headers: bench.keyHeaders(), child };
}

export async function measurePeer(bench, wanted) {
    const double = await bench.startDouble();
    const { socket } = await startRedis(bench);
    const gateway = await bench.startGateway(double, limited(bench, socket));
    const peer = await startPeer(bench, double, socket);
    const pairs = await measurePairs(bench, gateway, peer, double, { ...wanted, connections: CONNECTIONS, warmupSeconds: WARMUP_SECONDS });
    await bench.stopAll();
    const ratios = pairs.map(({ a, b }) => b.us / a.us);
    bench.goals.atLeast(`CPU a record, Node.js × gateway, ${CONNECTIONS} connections`, ratios, 1, RATIO_MIN);
    const line = (name, runs, ratio) =>
        row(name, ...[['us', 1], ['rate', 0], ['p50_ms', 2], ['p99_ms', 2]].map(([field, digits]) =>
            spread(runs.map((run) => run[field]), digits)), ratio);
    const lines = [
        line('gateway', pairs.map(({ a }) => a), '1'),
        line('Node.js', pairs.map(({ b }) => b), spread(ratios, 1)),
    ];
    return `
## Against the same in Node.js

\`${FOLDER}\`: fastify, the AWS SDK with connections kept alive, ioredis, pino, prom-client, on Node.js ${process.version}.
${CONNECTIONS} connections, TLS upstream without delay, one worker and one process, ${wanted.rounds} interleaved
rounds of ${wanted.seconds} s after ${WARMUP_SECONDS} s of warm-up.
Both keep a quota in the same Redis, whose own CPU is charged to neither.

${table(['server', 'CPU µs a record', 'records/s', 'p50 ms', 'p99 ms', '× gateway'], lines)}
`;
}
