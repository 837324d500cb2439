// The local Kinesis, written by others, and reading back from it with the genuine SDK.
import https from 'node:https';
import net from 'node:net';
import { certificate } from './certificate.mjs';
import { Child } from './child.mjs';
import { fromNpm, scratchFolder } from './paths.mjs';

const { DescribeStreamSummaryCommand, GetRecordsCommand, GetShardIteratorCommand, KinesisClient } =
    fromNpm('@aws-sdk/client-kinesis');
const { NodeHttpHandler } = fromNpm('@smithy/node-http-handler');

// name: shards
export const streams = { one: 1, four: 4, other: 1 };

function freePort() {
    return new Promise((resolve, reject) => {
        const server = net.createServer().on('error', reject);
        server.listen(0, () => {
            const { port } = server.address();
            server.close(() => resolve(port));
        });
    });
}

async function startKinesis() {
    const [tls, plain] = [await freePort(), await freePort()];
    const child = new Child(process.execPath, [fromNpm.resolve('kinesis-local/main.js')], {
        cwd: scratchFolder('kinesis'),
        env: {
            KINESIS_MOCK_TLS_PORT: String(tls),
            KINESIS_MOCK_PLAIN_PORT: String(plain),
            KINESIS_MOCK_CERT_PATH: certificate().jsonFile,
            INITIALIZE_STREAMS: Object.entries(streams)
                .map(([name, shards]) => `${name}:${shards}`)
                .join(','),
        },
    });
    const kinesis = new Kinesis(`https://localhost:${tls}`);
    await child.until('the local Kinesis has its streams', () => kinesis.isActive(), 60000);
    return kinesis;
}

// The one that run.mjs has started for all files, or one of this file's own.
export async function theKinesis() {
    const endpoint = process.env.E2E_KINESIS;
    return endpoint ? new Kinesis(endpoint) : startKinesis();
}

export class Kinesis {
    constructor(endpoint) {
        const { ca, caFile } = certificate();
        this.endpoint = endpoint;
        this.aws = { region: 'us-east-1', endpoint, ca_file: caFile };
        this.client = new KinesisClient({
            endpoint,
            region: 'us-east-1',
            credentials: { accessKeyId: 'reader', secretAccessKey: 'reader' },
            requestHandler: new NodeHttpHandler({ httpsAgent: new https.Agent({ ca }) }),
            maxAttempts: 1,
        });
    }

    async isActive() {
        try {
            const all = await Promise.all(
                Object.keys(streams).map((StreamName) =>
                    this.client.send(new DescribeStreamSummaryCommand({ StreamName })),
                ),
            );
            return all.every((answer) => answer.StreamDescriptionSummary.StreamStatus === 'ACTIVE');
        } catch (error) {
            if (['ECONNREFUSED', 'ECONNRESET'].includes(error.code) || error.name === 'ResourceNotFoundException')
                return false;
            throw error;
        }
    }

    // The record that this answer of a put names: { Data, PartitionKey, SequenceNumber, … }.
    async read(stream, { ShardId, SequenceNumber }) {
        const { ShardIterator } = await this.client.send(
            new GetShardIteratorCommand({
                StreamName: stream,
                ShardId,
                ShardIteratorType: 'AT_SEQUENCE_NUMBER',
                StartingSequenceNumber: SequenceNumber,
            }),
        );
        const { Records } = await this.client.send(new GetRecordsCommand({ ShardIterator, Limit: 1 }));
        if (Records[0]?.SequenceNumber !== SequenceNumber)
            throw new Error(`${stream} ${ShardId} has no ${SequenceNumber}`);
        return Records[0];
    }
}
