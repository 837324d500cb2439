// Runs every end-to-end test, and the double's own, around one local Kinesis: node tests/e2e/run.mjs [file...]
import { spawn } from 'node:child_process';
import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { stopEverything } from './lib/child.mjs';
import { theKinesis } from './lib/kinesis.mjs';
import { build, doubleProgram, root, scratch } from './lib/paths.mjs';

const tests = (folder) =>
    readdirSync(join(root, folder))
        .filter((name) => name.endsWith('.test.mjs'))
        .map((name) => join(root, folder, name));

rmSync(scratch, { recursive: true, force: true });
const files = process.argv.length > 2 ? process.argv.slice(2) : [...tests('tests/e2e'), ...tests('tests/double')];
const kinesis = await theKinesis();
const runner = spawn(
    process.execPath,
    ['--test', '--test-reporter=spec', '--test-concurrency=1', '--test-timeout=300000', ...files],
    {
        stdio: 'inherit',
        env: { ...process.env, E2E_BUILD: build, E2E_KINESIS: kinesis.endpoint, KINESIS_DOUBLE: doubleProgram },
    },
);
process.exitCode = await new Promise((resolve) => runner.on('close', (code) => resolve(code ?? 1)));
await stopEverything();
