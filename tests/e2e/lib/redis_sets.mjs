// Several Redis servers that are one: behind sentinels, or as a cluster; and one that speaks TLS.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { certificate } from './certificate.mjs';
import { Child, run } from './child.mjs';
import { Redis, freePort, startRedis } from './redis.mjs';
import { until } from './wait.mjs';

const SENTINELS = 3, QUORUM = 2, NODES = 3;

async function startSentinel(primary) {
    const sentinel = new Redis(await freePort());
    const file = join(sentinel.folder, 'sentinel.conf');
    const lines = [
        `port ${sentinel.port}`,
        'bind 127.0.0.1',
        `dir ${sentinel.folder}`,
        `sentinel monitor main 127.0.0.1 ${primary.port} ${QUORUM}`,
        'sentinel down-after-milliseconds main 500',
        'sentinel failover-timeout main 3000',
    ];
    writeFileSync(file, `${lines.join('\n')}\n`);
    sentinel.child = new Child('redis-server', [file, '--sentinel']);
    await sentinel.child.until('the sentinel watches', () => sentinel.child.out.includes('+monitor'));
    return sentinel;
}

// { url, primary, replica, sentinels, promoted() }: the last waits until the replica is who the sentinels name.
export async function startSentinelSet() {
    const primary = await startRedis();
    const replica = await startRedis(['--replicaof', '127.0.0.1', `${primary.port}`]);
    await until('the replica follows', async () =>
        (await replica.ask('INFO', 'replication')).includes('master_link_status:up'),
    );
    const sentinels = await Promise.all(Array.from({ length: SENTINELS }, () => startSentinel(primary)));
    for (const sentinel of sentinels)
        await until('it knows the others and the replica', async () => {
            const master = (await sentinel.ask('SENTINEL', 'MASTER', 'main')).split('\n').map((line) => line.trim());
            const told = (name) => master[master.indexOf(name) + 1];
            return told('num-slaves') === '1' && told('num-other-sentinels') === `${SENTINELS - 1}`;
        });
    const promoted = () =>
        until(
            'the replica is the primary',
            async () =>
                (await replica.ask('ROLE').catch(() => '')).startsWith('master') && // it ends connections meanwhile
                (await sentinels[0].ask('SENTINEL', 'GET-MASTER-ADDR-BY-NAME', 'main')).includes(`${replica.port}`),
            20000,
        );
    const hosts = sentinels.map(({ port }) => `127.0.0.1:${port}`).join(',');
    return { url: `redis+sentinel://${hosts}/main`, primary, replica, sentinels, promoted };
}

// { url, nodes }: slots spread evenly, no replicas.
export async function startCluster() {
    const nodes = await Promise.all(
        Array.from({ length: NODES }, async () => {
            const bus = await freePort();
            const options = ['--cluster-enabled', 'yes', '--cluster-port', `${bus}`, '--cluster-node-timeout', '1000'];
            return Object.assign(await startRedis(options), { bus });
        }),
    );
    const addresses = nodes.map(({ port, bus }) => `127.0.0.1:${port}@${bus}`);
    const made = await run('redis-cli', ['--cluster', 'create', ...addresses, '--cluster-yes']);
    assert.equal(made.code, 0, `${made.out}\n${made.err}`);
    for (const node of nodes)
        await until('the cluster is whole', async () =>
            (await node.ask('CLUSTER', 'INFO')).includes('cluster_state:ok'),
        );
    const hosts = nodes.map(({ port }) => `127.0.0.1:${port}`).join(',');
    return { url: `redis+cluster://${hosts}`, nodes };
}

// { url, caFile, redis }: over TLS on a port of its own, beside the plain one.
export async function startTlsRedis() {
    const { caFile, certificateFile, keyFile } = certificate();
    const port = await freePort();
    const options = ['--tls-port', `${port}`, '--tls-cert-file', certificateFile, '--tls-key-file', keyFile];
    const redis = await startRedis([...options, '--tls-ca-cert-file', caFile, '--tls-auth-clients', 'no']);
    return { url: `rediss://localhost:${port}`, caFile, redis };
}
