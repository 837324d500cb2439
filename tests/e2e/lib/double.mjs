// The Kinesis double of tests/double: verifies signatures, keeps a ledger, and breaks on request.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { certificate } from './certificate.mjs';
import { Child } from './child.mjs';
import { call } from './http.mjs';
import { doubleProgram, scratchFolder } from './paths.mjs';

export const awsKey = { id: 'AKIDEXAMPLE', secret: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY' };

export async function startDouble(args = []) {
    const { caFile, certificateFile, keyFile } = certificate();
    const ledger = join(scratchFolder('double'), 'ledger');
    const child = new Child(doubleProgram, [
        '--ledger',
        ledger,
        '--stream',
        'one:1',
        '--stream',
        'four:4',
        '--region',
        'us-east-1',
        '--access-key',
        awsKey.id,
        '--secret',
        awsKey.secret,
        '--cert',
        certificateFile,
        '--key',
        keyFile,
        ...args,
    ]);
    const ports = await child.until('the double listens', () => child.jsonLines.find((line) => line.control), 20000);
    return new Double(child, ledger, ports, caFile);
}

class Double {
    constructor(child, ledger, ports, caFile) {
        this.child = child;
        this.ledgerFile = ledger;
        this.ports = ports;
        this.aws = { region: 'us-east-1', endpoint: `https://localhost:${ports.tls}`, ca_file: caFile };
    }

    async control(method, path, value) {
        const body = value === undefined ? undefined : JSON.stringify(value);
        const headers = { 'Content-Type': 'application/json' };
        const answer = await call(`http://127.0.0.1:${this.ports.control}${path}`, { method, headers, body });
        if (answer.status >= 300) throw new Error(`the double refuses ${method} ${path} ${body}: ${answer.text}`);
        return answer.text.startsWith('{') || answer.text.startsWith('[') ? answer.json : answer.text;
    }

    setFaults(...rules) {
        return this.control('POST', '/faults', rules);
    }
    clearFaults() {
        return this.control('DELETE', '/faults');
    }
    setOpen(open) {
        return this.control('POST', '/listener', { open });
    }
    lastRequest() {
        return this.control('GET', '/requests/last');
    }
    counts() {
        return this.control('GET', '/counts');
    }

    // What is stored: SequenceNumber → the data, as text.
    ledger() {
        const lines = existsSync(this.ledgerFile) ? readFileSync(this.ledgerFile, 'utf8').split('\n') : [];
        return new Map(
            lines
                .filter((line) => line.endsWith('}'))
                .map((line) => {
                    const record = JSON.parse(line);
                    return [record.seq, Buffer.from(record.data ?? '', 'base64').toString('utf8')];
                }),
        );
    }
}
