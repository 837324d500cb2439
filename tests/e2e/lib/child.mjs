// Child processes that cannot outlive their test.
import { spawn } from 'node:child_process';
import { suppressions } from './paths.mjs';
import { until, within } from './wait.mjs';

const children = new Set();

export class Child {
    constructor(program, args = [], { env = {}, cwd } = {}) {
        const inherited = Object.fromEntries(
            Object.entries(process.env).filter(([name]) => !/^(AWS|KGW|E2E|NODE)_/.test(name)),
        );
        this.name = program;
        this.out = '';
        this.err = '';
        // The kernel kills the child should this process die without a chance to do so.
        this.process = spawn('setpriv', ['--pdeathsig', 'KILL', '--', program, ...args], {
            cwd,
            env: { ...inherited, LSAN_OPTIONS: `suppressions=${suppressions}:print_suppressions=0`, ...env },
            stdio: ['ignore', 'pipe', 'pipe'],
        });
        this.process.stdout.setEncoding('utf8').on('data', (text) => {
            this.out += text;
        });
        this.process.stderr.setEncoding('utf8').on('data', (text) => {
            this.err += text;
        });
        this.exited = new Promise((resolve) => {
            this.process.on('close', (code, signal) => {
                this.exit = { code, signal };
                resolve(this.exit);
            });
            this.process.on('error', (error) => {
                this.exit = { code: null, error };
                resolve(this.exit);
            });
        });
        this.exited.then(() => children.delete(this));
        children.add(this);
    }

    get pid() {
        return this.process.pid;
    }

    // Both outputs' lines that are JSON.
    get jsonLines() {
        return `${this.out}\n${this.err}`
            .split('\n')
            .filter((line) => line.startsWith('{'))
            .flatMap((line) => {
                try {
                    return [JSON.parse(line)];
                } catch {
                    return [];
                }
            });
    }

    // Waits for a condition that the child brings about; its death ends the wait.
    until(what, condition, ms) {
        return until(
            what,
            async () => {
                const found = await condition();
                if (!found && this.exit) throw new Error(`${what}: ${this.describe()}`);
                return found;
            },
            ms,
        );
    }

    signal(name) {
        this.process.kill(name);
    }

    async stop(signal = 'SIGTERM', ms = 30000) {
        if (!this.exit) this.signal(signal);
        try {
            return await within(`${this.name} ends on ${signal}`, this.exited, ms);
        } catch (error) {
            this.signal('SIGKILL');
            throw error;
        }
    }

    describe() {
        const exit = JSON.stringify(this.exit);
        return `${this.name} ended with ${exit}\n${this.out.slice(-2000)}\n${this.err.slice(-6000)}`;
    }
}

// Runs to the end and gives { code, signal, out, err }.
export async function run(program, args, options = {}) {
    const child = new Child(program, args, options);
    const exit = await within(`${program} ${args.join(' ')}`, child.exited, options.ms ?? 60000);
    return { ...exit, out: child.out, err: child.err };
}

// For `after` hooks: ends what the tests of this file have left running.
export async function stopEverything() {
    await Promise.all([...children].map((child) => child.stop('SIGKILL')));
}

process.on('exit', () => {
    for (const child of children) child.process.kill('SIGKILL');
});
