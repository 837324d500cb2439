// The Kinesis double of tests/double: verifies signatures, keeps a ledger, and breaks on request.
import { closeSync, existsSync, openSync, readSync, statSync } from 'node:fs';
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
        this.known = { bytes: 0, records: [], bySequence: new Map(), times: new Map() };
        this.ports = ports;
        this.aws = { region: 'us-east-1', endpoint: `https://localhost:${ports.tls}`, ca_file: caFile };
    }

    async control(method, path, value) {
        const body = value === undefined ? undefined : JSON.stringify(value);
        const headers = { 'Content-Type': 'application/json' };
        const url = `http://127.0.0.1:${this.ports.control}${path}`;
        const answer = await call(url, { method, headers, body }).catch((error) => {
            throw this.child.exit ? new Error(this.child.describe()) : error;
        });
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

    // What is stored, in its order: the ledger's lines, with `data` as bytes (a larger record's are not there).
    records() {
        return this.read().records;
    }

    // The ledger as far as it goes: { records, bySequence, times }; `times` says how often it has a text.
    read() {
        if (!existsSync(this.ledgerFile)) return this.known;
        const { known } = this, size = statSync(this.ledgerFile).size;
        const added = Buffer.alloc(size - known.bytes);
        const file = openSync(this.ledgerFile);
        readSync(file, added, 0, added.length, known.bytes);
        closeSync(file);
        const whole = added.subarray(0, added.lastIndexOf('\n') + 1); // a line may be there in part
        known.bytes += whole.length;
        for (const line of whole.toString('utf8').split('\n').slice(0, -1)) {
            const record = JSON.parse(line);
            record.data = Buffer.from(record.data ?? '', 'base64');
            known.records.push(record);
            known.bySequence.set(record.seq, record);
            const text = record.data.toString();
            known.times.set(text, (known.times.get(text) ?? 0) + 1);
        }
        return known;
    }

    // The same: SequenceNumber → the data, as text.
    ledger() {
        return new Map(this.records().map((record) => [record.seq, record.data.toString('utf8')]));
    }
}
