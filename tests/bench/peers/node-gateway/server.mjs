// The same door as a good user of Node.js would build it: fastify, the AWS SDK with connections kept alive, a quota in
// Redis, a log line a request, counters for Prometheus. Reads the gateway's own tenants file; writes one line of JSON
// when it listens. Settings come from the environment, since a container would give them so.
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { Agent } from 'node:https';
import { KinesisClient, PutRecordCommand } from '@aws-sdk/client-kinesis';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import Fastify from 'fastify';
import { Redis } from 'ioredis';
import pino from 'pino';
import { Counter, Histogram, register } from 'prom-client';

const { PEER_TENANTS, PEER_ENDPOINT, PEER_CA, PEER_REDIS, PEER_LOG } = process.env;
const RECORDS_PER_SECOND = 1e9; // asked for at every request, and never reached
const RECORD_BYTES_MAX = 1048576;
const SOCKETS = 256;

const keys = new Map();
for (const [tenant, row] of Object.entries(JSON.parse(readFileSync(PEER_TENANTS, 'utf8')).tenants))
    for (const key of row.keys) keys.set(key.digest, { tenant, id: key.id, streams: new Set(key.streams) });

const kinesis = new KinesisClient({
    region: 'us-east-1',
    endpoint: PEER_ENDPOINT,
    requestHandler: new NodeHttpHandler({
        connectionTimeout: 1000,
        requestTimeout: 2000,
        httpsAgent: new Agent({ keepAlive: true, maxSockets: SOCKETS, ca: readFileSync(PEER_CA) }),
    }),
});

const redis = new Redis(PEER_REDIS, { enableAutoPipelining: true });
redis.defineCommand('spend', {
    numberOfKeys: 1,
    lua: `local spent = redis.call('INCRBY', KEYS[1], ARGV[1])
          if spent == tonumber(ARGV[1]) then redis.call('EXPIRE', KEYS[1], 2) end
          return spent`,
});

const records = new Counter({ name: 'peer_records_total', help: 'records by outcome', labelNames: ['outcome'] });
const bytes = new Counter({ name: 'peer_record_bytes_total', help: 'bytes of Data written' });
const latency = new Histogram({ name: 'peer_request_seconds', help: 'from a request to its answer' });

const app = Fastify({
    loggerInstance: pino(pino.destination({ dest: PEER_LOG, sync: false, minLength: 4096 })),
    disableRequestLogging: true,
    bodyLimit: RECORD_BYTES_MAX,
});
app.removeAllContentTypeParsers();
app.addContentTypeParser('*', { parseAs: 'buffer' }, (request, body, done) => done(null, body));
app.decorateRequest('caller', null);

function refuse(reply, status, code, detail) {
    records.inc({ outcome: status === 503 ? 'failed' : 'rejected' });
    return reply.code(status).send({ code, detail });
}

async function authenticate(request, reply) {
    const digest = createHash('sha256').update(request.headers['x-api-key'] ?? '').digest('hex');
    const caller = keys.get(`sha256:${digest}`);
    if (!caller) return refuse(reply, 401, 'Unauthorized', 'no such key');
    if (!caller.streams.has(request.params.stream)) return refuse(reply, 403, 'Forbidden', 'not a stream of this key');
    request.caller = caller;
}

async function spendQuota(request, reply) {
    const second = Math.floor(Date.now() / 1000);
    const spent = await redis.spend(`quota:${request.caller.tenant}:${second}`, 1);
    if (spent > RECORDS_PER_SECOND) return refuse(reply.header('Retry-After', 1), 429, 'QuotaExceeded', 'over quota');
}

async function put(request, reply) {
    const command = new PutRecordCommand({
        StreamName: request.params.stream,
        PartitionKey: request.query.partitionKey ?? request.id + Math.random().toString(36).slice(2),
        Data: request.body,
    });
    try {
        const { ShardId, SequenceNumber } = await kinesis.send(command);
        records.inc({ outcome: 'written' });
        bytes.inc(request.body.length);
        return { ShardId, SequenceNumber };
    } catch (error) {
        request.log.warn({ code: error.name, upstreamRequestId: error.$metadata?.requestId });
        return refuse(reply, 503, 'UpstreamFailure', error.name);
    }
}

app.post('/v1/streams/:stream/record', { preHandler: [authenticate, spendQuota] }, put);
app.get('/metrics', async (request, reply) => reply.type(register.contentType).send(await register.metrics()));
app.addHook('onResponse', async (request, reply) => {
    latency.observe(reply.elapsedTime / 1000);
    request.log.info({
        tenant: request.caller?.tenant,
        key: request.caller?.id,
        stream: request.params.stream,
        status: reply.statusCode,
        bytes: request.body?.length,
        ms: reply.elapsedTime,
    });
});

process.once('SIGTERM', async () => {
    await app.close();
    redis.disconnect();
    process.exit(0);
});
await app.listen({ host: '127.0.0.1', port: 0 });
process.stdout.write(`${JSON.stringify({ port: app.server.address().port })}\n`);
