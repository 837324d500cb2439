// A real Redis on a free port, with nothing on disk.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { connect, createServer } from 'node:net';
import { Child, run } from './child.mjs';
import { scratchFolder } from './paths.mjs';

export async function freePort() {
    const server = createServer();
    await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address();
    await new Promise((resolve) => server.close(resolve));
    return port;
}

export async function startRedis(options = []) {
    const redis = new Redis(await freePort(), options);
    await redis.start();
    return redis;
}

export class Redis {
    constructor(port, options = []) {
        this.port = port;
        this.options = options;
        this.url = `redis://127.0.0.1:${port}`;
        this.folder = scratchFolder('redis');
    }

    // Empty, on the same port as before.
    async start() {
        const words = ['--port', `${this.port}`, '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no'];
        this.child = new Child('redis-server', [...words, '--dir', this.folder, ...this.options]);
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

// A way to a server on another port, on which every answer takes longer.
export class SlowWay {
    static async open(port, to, ms) {
        const way = new SlowWay();
        way.sockets = new Set();
        way.server = createServer((near) => way.join(near, connect({ host: '127.0.0.1', port: to, noDelay: true }), ms));
        await new Promise((resolve) => way.server.listen(port, '127.0.0.1', resolve));
        return way;
    }

    join(near, far, ms) {
        near.setNoDelay(true);
        near.on('data', (data) => far.write(data));
        far.on('data', (data) => setTimeout(() => near.writable && near.write(data), ms));
        for (const [socket, other] of [[near, far], [far, near]]) {
            this.sockets.add(socket);
            socket.on('error', () => {});
            socket.on('close', () => other.destroy());
        }
    }

    close() {
        return closeAll(this);
    }
}

// A server that talks, and says nothing that Redis would.
export class Noise {
    static async open(port) {
        const noise = new Noise();
        noise.sockets = new Set();
        noise.server = createServer((socket) => {
            noise.sockets.add(socket);
            socket.on('error', () => {});
            socket.on('data', () => socket.write(randomBytes(512)));
        });
        await new Promise((resolve) => noise.server.listen(port, '127.0.0.1', resolve));
        return noise;
    }

    close() {
        return closeAll(this);
    }
}

async function closeAll({ server, sockets }) {
    const closed = new Promise((resolve) => server.close(resolve));
    for (const socket of sockets) socket.destroy();
    await closed;
}
