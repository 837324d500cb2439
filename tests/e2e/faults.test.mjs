// Kinesis at its worst. Whatever it does: every 2xx names a record that the ledger has, "not_written" is never said of
// one that it has, status and code are the right ones, the metrics add up, and the gateway recovers within 5 s.
import assert from 'node:assert/strict';
import { after, afterEach, before, describe, it } from 'node:test';
import { startDouble } from './lib/double.mjs';
import { makeKey, startGateway, stopAll } from './lib/gateway.mjs';
import { lostAcknowledgements, parse, startLoad } from './lib/load.mjs';
import { watchAudit } from './lib/metrics.mjs';
import { until } from './lib/wait.mjs';

const ok = { status: 200 };
const throttled = { status: 503, outcome: 'not_written', code: 'ProvisionedThroughputExceededException' };
const unknown = { status: 504, outcome: 'unknown' };
const gateways = (code) => ({ status: 502, outcome: 'not_written', code });
const refusal = (code, style, status = 400) => ({ kind: 'error', code, status, style, message: `says ${code}` });

// what the double does to every call, and what every caller is told
const faults = [
    ['throttles', { kind: 'throttle' }, throttled],
    ['throttles by KMS', refusal('KMSThrottlingException', 'message'), gateways('KMSThrottlingException')],
    ['throttles by another name', refusal('LimitExceededException', 'Message'), { ...throttled, code: undefined }],
    ['fails', { kind: 'internal_500' }, unknown],
    ['stores and then says that it failed', { kind: 'internal_500', stored: true }, unknown],
    ['is unavailable, in XML', { kind: 'unavailable_503_xml' }, unknown],
    ['is unavailable, in HTML', { kind: 'unavailable_503_html' }, unknown],
    ['is unavailable, in silence', { kind: 'unavailable_503_empty' }, unknown],
    ['denies access, "message"', refusal('AccessDeniedException', 'message'), gateways('AccessDeniedException')],
    ['denies access, "Message"', refusal('AccessDeniedException', 'Message', 403), gateways('AccessDeniedException')],
    ['denies access, no message', refusal('AccessDeniedException', 'none'), gateways('AccessDeniedException')],
    [
        'denies access, with a namespace',
        refusal('AccessDeniedException', 'namespaced'),
        gateways('AccessDeniedException'),
    ],
    ['denies access, in a header only', refusal('AccessDeniedException', 'header'), gateways('AccessDeniedException')],
    ['cannot use its KMS key', refusal('KMSDisabledException', 'message'), gateways('KMSDisabledException')],
    ['has no such stream', refusal('ResourceNotFoundException', 'message'), gateways('ResourceNotFoundException')],
    [
        'knows no such access key',
        refusal('UnrecognizedClientException', 'message', 403),
        gateways('UnrecognizedClientException'),
    ],
    ['says that the token has expired', { kind: 'expire_token' }, gateways('ExpiredTokenException')],
    [
        'says that the request was malformed',
        refusal('ValidationException', 'message'),
        { status: 500, outcome: 'not_written', code: 'InternalError' },
    ],
    ['is a little late', { kind: 'delay', delay_ms: 50 }, ok],
    ['is too late', { kind: 'delay', delay_ms: 3000 }, unknown],
    ['never answers', { kind: 'silence' }, unknown],
    ['stores and never answers', { kind: 'silence', stored: true }, unknown],
    ['resets before it stores', { kind: 'reset_before' }, unknown],
    ['stores and resets', { kind: 'reset_after' }, unknown],
    ['stores and closes inside the answer', { kind: 'cut' }, unknown],
    ['answers a truncated 200', { kind: 'truncate', bytes: 40 }, unknown],
    ...['empty', '{}', 'html', 'null', 'array', 'no_sequence', 'wrong_types'].map((body) => [
        `answers an odd 200: ${body}`,
        { kind: 'odd_200', body },
        unknown,
    ]),
    ['answers byte by byte', { kind: 'drip' }, ok],
    ['closes idle connections unannounced', { kind: 'close_idle' }, ok],
    ['answers garbage', { kind: 'garbage' }, unknown],
    ['is ten minutes ahead', { kind: 'clock_skew', seconds: 600 }, ok],
    ['is ten minutes behind', { kind: 'clock_skew', seconds: -600 }, ok],
];

describe('when Kinesis', () => {
    let double, gateway;
    let number = 0;

    before(async () => {
        double = await startDouble();
        gateway = await start();
    });
    afterEach(async () => {
        await double.clearFaults();
        await double.setOpen(true);
    });
    after(() => stopAll(gateway));

    async function start() {
        return startGateway(
            {
                aws: { ...double.aws, call_timeout_ms: 600 },
                request_timeout_ms: 2000,
            },
            [await makeKey()],
        );
    }

    // One without connections upstream, and with a full retry budget.
    function withFreshGateway(test) {
        return async () => {
            const kept = gateway;
            gateway = await start();
            try {
                await test();
                await gateway.stop();
            } finally {
                gateway = kept;
            }
        };
    }

    async function putMany(count) {
        const bodies = Array.from({ length: count }, () => `fault-${++number}`);
        return Promise.all(bodies.map(async (body) => ({ body, ...(await answerTo(body)) })));
    }

    async function answerTo(body) {
        const { status, headers, text } = await gateway.put('four', body);
        return { status, headers, text, json: parse(text) };
    }

    // The ledger is only ever appended to, and before the double answers: what is missing now was never acknowledged.
    function isTrue(answers) {
        const ledger = double.ledger();
        assert.deepEqual(lostAcknowledgements(answers, ledger), []);
        const stored = new Set(ledger.values());
        const denied = answers.filter(
            ({ status, json, body }) => status !== 200 && json?.outcome === 'not_written' && stored.has(body),
        );
        assert.deepEqual(
            denied.map(({ body, text }) => `${body}: ${text}`),
            [],
            'said to be not written, yet in the ledger',
        );
    }

    function isWanted(answer, wanted) {
        assert.equal(answer.status, wanted.status, answer.text);
        if (wanted.outcome) assert.equal(answer.json?.outcome, wanted.outcome, answer.text);
        if (wanted.code) assert.equal(answer.json?.code, wanted.code, answer.text);
        if (answer.status === 503) assert.match(answer.headers['retry-after'], /^\d+$/);
        assert.ok(!/111122223333|arn:aws|AKIDEXAMPLE/.test(answer.text), `tells too much: ${answer.text}`);
    }

    async function recovers() {
        const bodies = [];
        await until(
            'the gateway recovers',
            async () => {
                const [answer] = await putMany(1);
                bodies.push(answer);
                return answer.status === 200;
            },
            5000,
        );
        return bodies;
    }

    for (const [what, fault, wanted] of faults) {
        it(`${what}: ${wanted.status}${wanted.outcome ? `, ${wanted.outcome}` : ''}`, async () => {
            const watch = watchAudit(gateway);
            await double.setFaults(fault);
            const answers = await putMany(8);
            for (const answer of answers) isWanted(answer, wanted);
            await double.clearFaults();
            answers.push(...(await recovers()));
            isTrue(answers);
            await watch.stop();
        });
    }

    for (const [what, breakIt, mendIt] of [
        ['refuses connections', () => double.setOpen(false), () => double.setOpen(true)],
        [
            'resets connections before they are up',
            () => double.setFaults({ kind: 'reset_accept' }),
            () => double.clearFaults(),
        ],
    ]) {
        it(
            `${what}: 503, not_written`,
            withFreshGateway(async () => {
                const watch = watchAudit(gateway);
                await breakIt();
                const answers = await putMany(8);
                for (const answer of answers) isWanted(answer, { status: 503, outcome: 'not_written' });
                await mendIt();
                answers.push(...(await recovers()));
                isTrue(answers);
                await watch.stop();
            }),
        );
    }

    it(
        'stores, resets and is gone: no caller of a record that it has is told "not_written"',
        withFreshGateway(async () => {
            await putMany(16); // so that there are connections
            await double.setFaults({ kind: 'reset_after' });
            await double.setOpen(false);
            const answers = await putMany(8);
            assert.ok(answers.every(({ status }) => [503, 504].includes(status)));
            assert.ok(answers.some(({ status }) => status === 504));
            await double.setOpen(true);
            await double.clearFaults();
            answers.push(...(await recovers()));
            isTrue(answers);
        }),
    );

    it(
        'fails once: the caller sees none of it, but for a possible duplicate',
        withFreshGateway(async () => {
            for (const [fault, duplicate] of [
                [{ kind: 'throttle' }, false],
                [{ kind: 'internal_500' }, true],
                [{ kind: 'reset_after' }, true],
                [{ kind: 'unavailable_503_xml' }, true],
            ]) {
                await double.setFaults({ ...fault, count: 1 });
                const [answer] = await putMany(1);
                assert.equal(answer.status, 200, `${fault.kind}: ${answer.text}`);
                assert.equal(answer.headers['kgw-possible-duplicate'], duplicate ? 'true' : undefined, fault.kind);
                isTrue([answer]);
            }
            await double.clearFaults();
        }),
    );

    it('does a bit of everything, under load', async () => {
        const watch = watchAudit(gateway);
        const kinds = [
            'throttle',
            'internal_500',
            'unavailable_503_xml',
            'unavailable_503_html',
            'silence',
            'reset_before',
            'reset_after',
            'cut',
            'garbage',
            'drip',
            'close_idle',
        ];
        await double.setFaults(
            ...kinds.map((kind) => ({ kind, percent: 3 })),
            { kind: 'odd_200', body: '{}', percent: 3 },
            { kind: 'truncate', bytes: 40, percent: 3 },
        );
        const load = startLoad(gateway, { connections: 24 });
        await until('400 answers', () => load.results.length > 400, 60000);
        const results = await load.stop();
        await double.clearFaults();
        await recovers();
        assert.deepEqual(
            results.filter((result) => result.error),
            [],
        );
        isTrue(results.map((result) => ({ ...result, json: parse(result.text) })));
        assert.ok(load.acknowledged.length > results.length / 2, `${load.acknowledged.length} of ${results.length}`);
        for (const { status, text } of results) assert.ok([200, 503, 504].includes(status), text);
        const metrics = await watch.stop();
        assert.equal(metrics.get('kgw_records_in_flight'), 0);
    });
});
