// What the gateway needs to start: a certificate for the double, one key, a config and a tenants file.
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';

export function makeCertificate(directory) {
    const cert = join(directory, 'double.crt');
    const key = join(directory, 'double.key');
    execFileSync(
        'openssl',
        `req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=localhost -addext
         subjectAltName=DNS:localhost,IP:127.0.0.1 -keyout ${key} -out ${cert}`.split(/\s+/),
        { stdio: 'ignore' },
    );
    return { cert, key };
}

export function makeKey(program, directory) {
    const args = ['key', 'create', '--tenant', 'bench', '--streams', 'bench', '--json'];
    const key = JSON.parse(execFileSync(program, args, { encoding: 'utf8' }));
    const keys = [{ id: key.id, digest: key.digest, streams: ['bench'], calls: ['record', 'records'] }];
    writeFileSync(join(directory, 'tenants.json'), JSON.stringify({ tenants: { bench: { keys } } }, null, 2));
    return key;
}

/** What a measurement changes of the configuration below; nowhere else is it changed. */
export const variants = {
    patient: { request_timeout_ms: 30000, aws: { call_timeout_ms: 20000 } },
    plain: (double) => ({ aws: { endpoint: `http://127.0.0.1:${double.plain}` } }),
    aggregate: { streams: { bench: { name: 'bench', aggregate: true } } },
};

export async function gatewayConfig(bench, double, overrides) {
    const port = await freePort();
    const adminPort = await freePort();
    const config = {
        listen: [{ address: `127.0.0.1:${port}` }],
        admin: { address: `127.0.0.1:${adminPort}` },
        workers: 1,
        tenants_file: join(bench.directory, 'tenants.json'),
        streams: { bench: { name: 'bench' } },
        ...overrides,
        aws: {
            region: 'us-east-1',
            endpoint: `https://localhost:${double.tls}`,
            ca_file: bench.certificate.cert,
            ...overrides.aws,
        },
    };
    const file = join(bench.directory, `config-${port}.json`);
    writeFileSync(file, JSON.stringify(config, null, 2));
    return { file, port, adminPort };
}

function freePort() {
    return new Promise((done, fail) => {
        const server = createServer().once('error', fail);
        server.listen(0, '127.0.0.1', () => {
            const { port } = server.address();
            server.close(() => done(port));
        });
    });
}
