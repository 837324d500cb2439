// The parts of a measurement as processes: build, pin, start, wait until ready, load, stop. Everything that was started
// is remembered, so that nothing outlives the benchmark, and every distinct command line is kept for the report.
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { existsSync, openSync, readFileSync, truncateSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { Goals } from './numbers.mjs';
import { gatewayConfig, makeCertificate, makeKey } from './setup.mjs';
import { Watch } from './watch.mjs';

const START_MS = 15000;
const STOP_MS = 10000;

export class Bench {
    constructor({ root, directory, buildDirectory, calibrate, clientSleeps }) {
        Object.assign(this, { root, directory, buildDirectory, calibrate });
        this.clientWait = ['--wait', clientSleeps ? 'sleep' : 'poll'];
        this.logPath = join(directory, 'log');
        this.children = new Set();
        this.commands = [];
        this.complaints = 0;
        this.goals = new Goals();
        const count = availableParallelism();
        this.cpu = count < 2 ? {} : { server: 0, client: 1, double: count > 2 ? 2 : 1 };
    }

    pinning() {
        const { server, client, double } = this.cpu;
        if (server === undefined) return 'nothing pinned';
        return `server on CPU ${server}, client on ${client}, double on ${double}`;
    }

    program(name) {
        const folders = { 'kinesis-gateway': 'gateway', kinesis_double: 'tests/double' };
        return join(this.buildDirectory, folders[name] ?? 'tests/bench', name);
    }

    note(command) {
        const line = command.map((word) => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word}'`)).join(' ');
        const readable = line
            .replaceAll(this.directory, '$DIR')
            .replaceAll(this.buildDirectory, '$BUILD')
            .replaceAll(this.root, '.')
            .replace(/kgw_\w+/g, '$KEY')
            .replaceAll(process.execPath, 'node')
            .replace(/--port [1-9]\d*/, '--port $PORT')
            .replace(/--rate \d+/, '--rate $RATE')
            .replace(/--phases \S+/, '--phases $PHASES')
            .replace(/config-\d+/, 'config');
        if (!this.commands.includes(readable)) this.commands.push(readable);
    }

    say(text) {
        process.stderr.write(`${text}\n`);
    }

    complain(text) {
        this.complaints++;
        this.say(`warning: ${text}`);
    }

    build() {
        const targets = ['bench_empty', 'bench_load'];
        if (!this.calibrate) targets.push('kinesis-gateway', 'kinesis_double');
        for (const command of [
            ['cmake', '-S', this.root, '-B', this.buildDirectory, '-G', 'Ninja', '-DCMAKE_BUILD_TYPE=Release'],
            ['ninja', '-C', this.buildDirectory, '-j2', ...targets],
        ]) {
            this.note(command);
            execFileSync(command[0], command.slice(1), { stdio: ['ignore', 'ignore', 'inherit'] });
        }
    }

    spawn(command, { cpu, env, stdout = 'pipe' }) {
        const pinned = cpu === undefined ? command : ['taskset', '-c', String(cpu), ...command];
        this.note(pinned);
        const log = openSync(this.logPath, 'a');
        const child = spawn('/bin/sh', ['-c', 'ulimit -n "$(ulimit -Hn)"; exec "$@"', 'sh', ...pinned], {
            stdio: ['ignore', stdout === 'log' ? log : stdout, log],
            env: { ...process.env, ...env },
        });
        child.gone = new Promise((done) => child.once('exit', (code, signal) => done(signal ?? code)));
        this.children.add(child);
        child.gone.then(() => this.children.delete(child));
        return child;
    }

    // A program whose first line on standard output is JSON and says that it is ready.
    async startAnnounced(command, cpu, env) {
        const child = this.spawn(command, { cpu, env });
        const lines = createInterface({ input: child.stdout });
        const first = await withTimeout(
            Promise.race([
                new Promise((done) => lines.once('line', done)),
                child.gone.then((how) => Promise.reject(new Error(`${command[0]} ended: ${how}`))),
            ]),
            START_MS,
            `${command[0]} announces nothing`,
        );
        return Object.assign(child, { said: JSON.parse(first), lines });
    }

    async startEmpty() {
        const child = await this.startAnnounced([this.program('bench_empty')], this.cpu.server);
        return { name: 'empty handler', pid: child.pid, port: child.said.port, headers: [], child };
    }

    prepare() {
        this.certificate ??= makeCertificate(this.directory);
        this.key ??= makeKey(this.program('kinesis-gateway'), this.directory);
    }

    // At tens of thousands of records a second a ledger that nobody reads would fill a disk.
    async startDouble({ ledger = '/dev/null', cpu = this.cpu.double } = {}) {
        this.prepare();
        const { cert, key } = this.certificate;
        const child = await this.startAnnounced(
            [this.program('kinesis_double'), '--ledger', ledger, '--no-verify', '--stream', 'bench', '--cert', cert, '--key', key],
            cpu,
        );
        return { ...child.said, child };
    }

    async startGateway(double, overrides = {}) {
        if (this.calibrate) return { ...(await this.startEmpty()), name: 'empty handler again' };
        const { file, port, adminPort } = await gatewayConfig(this, double, overrides);
        this.config ??= readFileSync(file, 'utf8').replaceAll(this.directory, '$DIR');
        const child = this.spawn([this.program('kinesis-gateway'), 'serve', '--config', file], {
            cpu: this.cpu.server,
            stdout: 'log',
            env: { AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE', AWS_SECRET_ACCESS_KEY: 'benchmark' },
        });
        const ready = async () => {
            if (!(await fetch(`http://127.0.0.1:${adminPort}/readyz`)).ok) throw new Error('not yet');
        };
        await this.until(ready, child);
        return { name: 'gateway', pid: child.pid, port, adminPort, headers: this.keyHeaders(), child };
    }

    keyHeaders() {
        return [`X-Api-Key: ${this.key.key}`];
    }

    // Why the gateway would not start with these settings; nothing if it would.
    async refusalOf(overrides) {
        this.prepare();
        const { file } = await gatewayConfig(this, { tls: 1 }, overrides);
        const { status, stderr, stdout } = spawnSync(this.program('kinesis-gateway'), ['check-config', '--config', file], {
            encoding: 'utf8',
        });
        return status === 0 ? '' : `${stderr}${stdout}`.replaceAll(this.directory, '$DIR').trim();
    }

    // Until `look` no longer throws.
    async until(look, child) {
        const deadline = Date.now() + START_MS;
        for (;;) {
            try {
                return await look();
            } catch (error) {
                if (Date.now() > deadline || child.exitCode !== null) throw error;
            }
            await new Promise((done) => setTimeout(done, 50));
        }
    }

    async setDelay(double, delayMs) {
        if (this.calibrate) return;
        const body = JSON.stringify(delayMs > 0 ? [{ kind: 'delay', delay_ms: delayMs }] : []);
        const answer = await fetch(`http://127.0.0.1:${double.control}/faults`, { method: 'POST', body });
        if (!answer.ok) throw new Error(`the double refuses ${body}: ${answer.status} ${await answer.text()}`);
    }

    loadCommand(server, args) {
        const headers = server.headers.flatMap((header) => ['--header', header]);
        return [this.program('bench_load'), '--port', String(server.port), ...headers, ...args.map(String)];
    }

    // The client's report; with parts to watch (by name), `watch` says what CPU they and the client took.
    async load(server, args, watched = {}) {
        if (existsSync(this.logPath)) truncateSync(this.logPath); // a line a request would fill a disk in an hour
        const child = this.spawn(this.loadCommand(server, args), { cpu: this.cpu.client });
        const pids = Object.entries(watched).map(([name, part]) => [name, part.child.pid]);
        const watch = new Watch({ client: child.pid, ...Object.fromEntries(pids) }, this.cpu);
        let text = '';
        child.stdout.on('data', (bytes) => (text += bytes));
        await Promise.all([child.gone, new Promise((done) => child.stdout.once('end', done))]);
        watch.stop();
        if (text === '') throw new Error('bench_load said nothing');
        return { ...JSON.parse(text), watch };
    }

    async stop(child) {
        child.kill('SIGTERM');
        const killer = setTimeout(() => child.kill('SIGKILL'), STOP_MS);
        await child.gone;
        clearTimeout(killer);
    }

    async stopAll() {
        await Promise.all([...this.children].map((child) => this.stop(child)));
    }

    killAll() {
        for (const child of this.children) child.kill('SIGKILL');
    }

    logTail() {
        return existsSync(this.logPath) ? readFileSync(this.logPath).subarray(-4096).toString() : '';
    }
}

function withTimeout(promise, ms, what) {
    let timer;
    const late = new Promise((_, fail) => (timer = setTimeout(() => fail(new Error(`${what} within ${ms} ms`)), ms)));
    return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}
