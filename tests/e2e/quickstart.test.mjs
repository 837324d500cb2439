// The two commands of the README's first page.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import net from 'node:net';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { run, stopEverything } from './lib/child.mjs';
import { call } from './lib/http.mjs';
import { root } from './lib/paths.mjs';
import { until, within } from './lib/wait.mjs';

const quickstart = join(root, 'deploy/quickstart');

// The processes that run in the quickstart's folder: its children.
function children() {
    return readdirSync('/proc')
        .filter((name) => /^\d+$/.test(name))
        .filter((pid) => {
            try {
                return readFileSync(`/proc/${pid}/environ`, 'utf8').includes(`PWD=${root}/build/quickstart\0`);
            } catch {
                return false;
            }
        });
}

describe('deploy/quickstart', () => {
    after(stopEverything);

    it('--check puts one record, says where it is, and leaves nothing running', async () => {
        const { code, out, err } = await run(quickstart, ['--check'], { ms: 240000 });
        assert.equal(code, 0, err);
        const answer = JSON.parse(out.trim());
        assert.match(answer.ShardId, /^shardId-/);
        assert.match(answer.SequenceNumber, /^\d+$/);
        assert.deepEqual(children(), []);
    });

    it('--redis keeps tenants, keys and quotas in a Redis of its own', async () => {
        const { code, out, err } = await run(quickstart, ['--check', '--redis'], { ms: 240000 });
        assert.equal(code, 0, err);
        assert.match(JSON.parse(out.trim()).SequenceNumber, /^\d+$/);
        assert.deepEqual(children(), []);
    });

    it('finds other ports where its own are taken, stays up, and ends with all its children on Ctrl-C', async () => {
        const taken = [8080, 9090].map((port) =>
            net
                .createServer()
                .on('error', () => {})
                .listen(port, '127.0.0.1'),
        );
        const child = spawn(quickstart, [], { stdio: ['ignore', 'pipe', 'pipe'], detached: true });
        let text = '';
        child.stdout.on('data', (data) => {
            text += data;
        });
        child.stderr.on('data', (data) => {
            text += data;
        });
        const exited = new Promise((resolve) => child.on('close', (code) => resolve(code)));
        try {
            await until('it says how to go on', () => text.includes('Ctrl-C') || child.exitCode !== null, 120000);
            const [, url, key] = /curl (http:\S+\/record) -H 'X-Api-Key: (\S+)'/.exec(text) ?? assert.fail(text);
            assert.ok(!url.includes(':8080/'));
            assert.equal((await call(url, { body: 'x', headers: { 'X-Api-Key': key } })).status, 200);
            assert.equal(children().length, 2);
            process.kill(-child.pid, 'SIGINT');
            assert.equal(await within('it ends', exited, 15000), 130);
            assert.deepEqual(children(), []);
        } finally {
            if (child.exitCode === null) process.kill(-child.pid, 'SIGKILL');
            for (const server of taken) server.close();
        }
    });
});
