// A real Redis on a free port, with nothing on disk.
import assert from 'node:assert/strict';
import { createServer } from 'node:net';
import { Child, run } from './child.mjs';
import { scratchFolder } from './paths.mjs';

async function freePort() {
    const server = createServer();
    await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address();
    await new Promise((resolve) => server.close(resolve));
    return port;
}

export async function startRedis() {
    const redis = new Redis(await freePort());
    await redis.start();
    return redis;
}

export class Redis {
    constructor(port) {
        this.port = port;
        this.url = `redis://127.0.0.1:${port}`;
        this.folder = scratchFolder('redis');
    }

    // With TLS besides, on `tlsUrl`.
    static async startTls({ caFile, certificateFile, keyFile }) {
        const redis = new Redis(await freePort());
        const port = await freePort();
        redis.tlsUrl = `rediss://localhost:${port}`;
        redis.more = ['--tls-port', `${port}`, '--tls-cert-file', certificateFile, '--tls-key-file', keyFile];
        redis.more.push('--tls-ca-cert-file', caFile, '--tls-auth-clients', 'no');
        await redis.start();
        return redis;
    }

    // Empty, on the same port as before.
    async start() {
        const words = ['--port', `${this.port}`, '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no', ...(this.more ?? [])];
        this.child = new Child('redis-server', [...words, '--dir', this.folder]);
        await this.child.until('Redis is ready', () => this.child.out.includes('Ready to accept connections'));
    }

    freeze() {
        this.child.signal('SIGSTOP');
    }

    thaw() {
        this.child.signal('SIGCONT');
    }

    kill() {
        return this.child.stop('SIGKILL');
    }

    async ask(...words) {
        const done = await run('redis-cli', ['-p', `${this.port}`, ...words]);
        assert.equal(done.code, 0, done.err);
        return done.out.trim();
    }
}
