// A Redis of the benchmark's own, on a unix socket.
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';

export async function startRedis(bench) {
    const socket = join(bench.directory, 'redis.sock');
    const command = ['redis-server', '--port', '0', '--unixsocket', socket, '--save', '', '--appendonly', 'no'];
    const child = bench.spawn(command, { cpu: bench.cpu.double, stdout: 'log' });
    await bench.until(() => execFileSync('redis-cli', ['-s', socket, 'ping'], { stdio: 'pipe' }), child);
    return { socket, child };
}

/** How often it carried out a script since it started. */
export function scriptsOf(socket) {
    const text = execFileSync('redis-cli', ['-s', socket, 'info', 'commandstats'], { encoding: 'utf8' });
    const calls = [...text.matchAll(/^cmdstat_eval(?:sha)?:calls=(\d+)/gm)].map(([, n]) => Number(n));
    return calls.reduce((sum, n) => sum + n, 0);
}
