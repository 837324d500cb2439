// A CA and a server certificate for localhost, made once by the function that the quickstart uses.
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root, scratch } from './paths.mjs';

export function certificate() {
    const folder = join(scratch, 'tls');
    mkdirSync(scratch, { recursive: true });
    const script = 'set -e; root=$1; . "$root/deploy/lib.sh"; make_certificate "$2"';
    execFileSync('bash', ['-c', script, 'bash', root, folder], { stdio: ['ignore', 'inherit', 'inherit'] });
    return {
        caFile: join(folder, 'ca.crt'),
        ca: readFileSync(join(folder, 'ca.crt')),
        certificateFile: join(folder, 'server.crt'),
        keyFile: join(folder, 'server.key'),
        jsonFile: join(folder, 'server.json'),
    };
}
