// What the double's own test needs: start it, sign for it, call it, see what the wire does. Node's built-ins only.
import { execFileSync, spawn } from 'node:child_process';
import { createHash, createHmac } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import http from 'node:http';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';

export const credential = { accessKey: 'AKIDEXAMPLE', secret: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY' };
const sha256 = (data) => createHash('sha256').update(data).digest('hex');
const hmac = (key, data) => createHmac('sha256', key).update(data).digest();

// SigV4 over all of `headers` (lower-case names), for POST /.
export function signature({ headers, body, secret, date, region = 'us-east-1', service = 'kinesis' }) {
    const names = Object.keys(headers).sort();
    const canonical = ['POST', '/', '', ...names.map((n) => `${n}:${headers[n]}`), '', names.join(';'), sha256(body)];
    const scope = `${date.slice(0, 8)}/${region}/${service}/aws4_request`;
    const key = [date.slice(0, 8), region, service, 'aws4_request'].reduce(hmac, `AWS4${secret}`);
    const text = `AWS4-HMAC-SHA256\n${date}\n${scope}\n${sha256(canonical.join('\n'))}`;
    return { scope, signedHeaders: names.join(';'), signature: hmac(key, text).toString('hex') };
}

export function sign(operation, body, options = {}) {
    const { accessKey, secret, token } = { ...credential, ...options };
    const at = new Date(Date.now() + (options.skewSeconds ?? 0) * 1000);
    const date = at.toISOString().replace(/[-:]|\.\d+/g, '');
    const headers = {
        'content-type': 'application/x-amz-json-1.1',
        host: 'localhost',
        'x-amz-date': date,
        'x-amz-target': `Kinesis_20131202.${operation}`,
    };
    if (token) headers['x-amz-security-token'] = token;
    const signed = signature({ headers, body, secret, date, region: options.region, service: options.service });
    headers.authorization =
        `AWS4-HMAC-SHA256 Credential=${accessKey}/${signed.scope}, ` +
        `SignedHeaders=${signed.signedHeaders}, Signature=${signed.signature}`;
    return headers;
}

export function shardOf(key, shards, explicit) {
    const hash = explicit ?? BigInt(`0x${createHash('md5').update(key).digest('hex')}`);
    const index = BigInt(hash) / (2n ** 128n / BigInt(shards));
    return `shardId-${String(index >= shards ? shards - 1 : index).padStart(12, '0')}`;
}

function request(options, body) {
    return new Promise((resolve, reject) => {
        const req = http.request({ host: '127.0.0.1', ...options }, (res) => {
            const parts = [];
            res.on('data', (part) => parts.push(part));
            res.on('error', reject);
            res.on('end', () => {
                const text = Buffer.concat(parts).toString();
                let json;
                try {
                    json = JSON.parse(text);
                } catch {
                    // not JSON: the test looks at `text`
                }
                resolve({ status: res.statusCode, headers: res.headers, text, json });
            });
        });
        req.on('error', reject);
        req.end(body);
    });
}

export class Double {
    static async start(...args) {
        const double = new Double();
        double.folder = mkdtempSync(path.join(os.tmpdir(), 'kinesis-double-'));
        double.ledgerFile = path.join(double.folder, 'ledger');
        const program = process.env.KINESIS_DOUBLE;
        if (!program) throw new Error('KINESIS_DOUBLE must name the program');
        double.child = spawn(program, ['--ledger', double.ledgerFile, ...args], {
            stdio: ['ignore', 'pipe', 'inherit'],
        });
        double.exited = new Promise((resolve) => double.child.on('exit', resolve));
        for await (const line of createInterface({ input: double.child.stdout })) {
            double.ports = JSON.parse(line);
            break;
        }
        return double;
    }

    async stop() {
        this.child.kill('SIGTERM');
        const code = await this.exited;
        rmSync(this.folder, { recursive: true });
        return code;
    }

    ledger() {
        return readFileSync(this.ledgerFile, 'utf8')
            .split('\n')
            .filter(Boolean)
            .map((line) => JSON.parse(line));
    }

    async control(method, target, value) {
        const options = { port: this.ports.control, method, path: target, agent: false };
        return request(options, value === undefined ? undefined : JSON.stringify(value));
    }

    async faults(...rules) {
        const answer = await this.control('POST', '/faults', rules);
        if (answer.status !== 200) throw new Error(answer.text);
    }

    async counts() {
        return (await this.control('GET', '/counts')).json;
    }

    // One signed call on a connection of its own (or the agent's).
    async call(operation, input, options = {}) {
        const body = typeof input === 'string' ? input : JSON.stringify(input);
        const headers = { ...sign(operation, body, options), ...options.headers };
        for (const name of Object.keys(headers)) if (headers[name] === undefined) delete headers[name];
        const agent = options.agent ?? false;
        return request({ port: this.ports.plain, method: 'POST', path: '/', agent, headers }, body);
    }

    // The same, seen as bytes: how the connection ended, and what came when.
    async raw(operation, input, options = {}) {
        const body = JSON.stringify(input);
        const headers = { ...sign(operation, body, options), 'content-length': Buffer.byteLength(body) };
        const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
        return new Promise((resolve) => {
            const seen = { bytes: Buffer.alloc(0), pieces: 0, error: null };
            const socket = net.connect(this.ports.plain, '127.0.0.1');
            const timer = options.giveUpMs && setTimeout(() => socket.destroy(), options.giveUpMs);
            socket.setNoDelay(true);
            socket.on('connect', () => socket.write(`POST / HTTP/1.1\r\n${lines.join('')}\r\n${body}`));
            socket.on('data', (piece) => {
                seen.bytes = Buffer.concat([seen.bytes, piece]);
                seen.pieces++;
            });
            socket.on('end', () => (seen.ended = true));
            socket.on('error', (error) => (seen.error = error.code));
            socket.on('close', () => {
                clearTimeout(timer);
                resolve(Object.assign(seen, { text: seen.bytes.toString('latin1') }));
            });
        });
    }
}

export function makeCertificate(folder) {
    const [certificate, key] = ['server.crt', 'server.key'].map((name) => path.join(folder, name));
    const names = 'subjectAltName=DNS:localhost,IP:127.0.0.1';
    const command = `req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=localhost`;
    execFileSync('openssl', [...command.split(' '), '-addext', names, '-keyout', key, '-out', certificate], {
        stdio: 'ignore',
    });
    return { certificate, key };
}

export async function until(condition, what) {
    for (const end = Date.now() + 5000; Date.now() < end; await new Promise((r) => setTimeout(r, 5)))
        if (await condition()) return;
    throw new Error(`never happened: ${what}`);
}

// Inputs that the tests share.
export const data = Buffer.from('hello').toString('base64');
export const record = (key = 'k1', more = {}) => ({ Data: data, PartitionKey: key, StreamName: 'orders', ...more });
export const records = (keys, more = {}) => ({
    Records: keys.map((key) => ({ Data: data, PartitionKey: key })),
    StreamName: 'orders',
    ...more,
});
