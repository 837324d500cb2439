// HTTP calls as a plain client makes them, and raw bytes on a socket.
import http from 'node:http';
import net from 'node:net';
import { within } from './wait.mjs';

// Gives { status, headers, body, text, json }; `body` is sent as it is, with its length.
export function call(url, { method = 'POST', headers = {}, body, agent, ms = 40000 } = {}) {
    return new Promise((resolve, reject) => {
        const data = body === undefined ? undefined : Buffer.from(body);
        const length = data === undefined ? {} : { 'Content-Length': data.length };
        const request = http.request(url, { method, agent, headers: { ...length, ...headers }, timeout: ms });
        request.on('timeout', () => request.destroy(new Error(`no answer within ${ms} ms`)));
        request.on('error', (error) => reject(Object.assign(error, { reusedSocket: request.reusedSocket })));
        request.on('response', (response) => {
            const chunks = [];
            response.on('data', (chunk) => chunks.push(chunk));
            response.on('error', reject);
            response.on('end', () => resolve(answerOf(response.statusCode, response.headers, Buffer.concat(chunks))));
        });
        request.end(data);
    });
}

function answerOf(status, headers, body) {
    return {
        status,
        headers,
        body,
        get text() {
            return body.toString('utf8');
        },
        get json() {
            return JSON.parse(body.toString('utf8'));
        },
    };
}

// A socket to HOST:PORT that collects what it gets; `closed` resolves when the peer has closed it.
export class Wire {
    constructor(address) {
        const [host, port] = address.split(':');
        this.got = Buffer.alloc(0);
        this.socket = net.connect({ host, port: Number(port), noDelay: true });
        this.socket.on('data', (data) => {
            this.got = Buffer.concat([this.got, data]);
        });
        this.socket.on('error', (error) => {
            this.error = error;
        });
        this.closed = new Promise((resolve) => this.socket.on('close', resolve));
        this.isClosed = false;
        this.closed.then(() => {
            this.isClosed = true;
        });
    }

    get text() {
        return this.got.toString('latin1');
    }
    get status() {
        return Number(/^HTTP\/1\.1 (\d{3})/.exec(this.text)?.[1] ?? 0);
    }

    send(bytes) {
        this.socket.write(bytes);
    }
    destroy() {
        this.socket.destroy();
    }
}

// Sends these bytes on a connection of their own and gives all that comes back until the server closes.
export async function exchange(address, bytes, ms = 10000) {
    const wire = new Wire(address);
    wire.send(bytes);
    try {
        await within('the server closes the connection', wire.closed, ms);
    } finally {
        wire.destroy();
    }
    return wire;
}
