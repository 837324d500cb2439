// Where things are. E2E_BUILD names the build folder whose programs are tested.
import { mkdirSync, mkdtempSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

export const root = resolve(dirname(fileURLToPath(import.meta.url)), '../../..');
export const build = resolve(root, process.env.E2E_BUILD ?? 'build/asan');
export const gatewayProgram = join(build, 'gateway/kinesis-gateway');
export const doubleProgram = join(build, 'tests/double/kinesis_double');
export const suppressions = join(root, 'tests/lib/lsan.supp');
export const scratch = join(root, 'build/e2e-work');

// The npm packages live in build/tools, where Node would not look for them.
export const fromNpm = createRequire(join(root, 'build/tools/package.json'));
// The same of a module that can only be imported, by its file.
export const importFromNpm = (file) => import(pathToFileURL(join(root, 'build/tools/node_modules', file)));

export function scratchFolder(name) {
    mkdirSync(scratch, { recursive: true });
    return mkdtempSync(join(scratch, `${name}-`));
}
