// deploy/beacon.js by itself, in a page whose time, network and answers are the test's: what it sends when.
import assert from 'node:assert/strict';
import { Blob } from 'node:buffer';
import { describe, it } from 'node:test';
import vm from 'node:vm';
import { beaconScript } from './lib/chromium.mjs';

// A page: `posts` has what was sent, `beacons` what sendBeacon got; `answers` are taken one a post, the last for ever.
class Page {
    constructor({ answers = [204], keepalive = true, accepts = true } = {}) {
        Object.assign(this, { answers, accepts, posts: [], beacons: [], listeners: {} });
        Object.assign(this, { timers: new Map(), now: 0, ids: 0 });
        this.document = { hidden: false };
        const window = vm.createContext({
            document: this.document,
            Blob,
            Math: { min: Math.min, random: () => 0.5 },
            Request: keepalive ? class { get keepalive() { return false; } } : class {},
            navigator: { sendBeacon: (url, body) => this.beacon(body) },
            addEventListener: (name, listener) => (this.listeners[name] = listener),
            setTimeout: (run, ms = 0) => (this.timers.set(++this.ids, { run, at: this.now + ms }), this.ids),
            clearTimeout: (id) => void this.timers.delete(id),
            fetch: async (url, options) => this.answer(options),
        });
        window.window = window;
        vm.runInContext(beaconScript, window);
        this.send = window.kgw('https://host/v1/e/clicks?key=k');
    }

    beacon(body) {
        if (this.accepts) this.beacons.push(body.split('\n').length - 1);
        return this.accepts;
    }
    answer({ body, keepalive }) {
        const lines = body.split('\n').slice(0, -1);
        this.posts.push({ at: this.now, lines, keepalive, bytes: Buffer.byteLength(body) });
        const next = this.answers.length > 1 ? this.answers.shift() : this.answers[0];
        const answer = typeof next === 'function' ? next(lines) : next;
        if (answer instanceof Error) throw answer;
        if (answer === 204) return { ok: true };
        return { ok: false, json: async () => answer };
    }

    // Lets this much time pass, with everything that falls into it.
    async pass(ms) {
        const end = this.now + ms;
        for (;;) {
            await new Promise(setImmediate);
            const [id, timer] = [...this.timers].sort(([, a], [, b]) => a.at - b.at)[0] ?? [];
            if (!timer || timer.at > end) break;
            this.timers.delete(id);
            this.now = timer.at;
            timer.run();
        }
        this.now = end;
    }
    async hide() {
        this.document.hidden = true;
        this.listeners.visibilitychange({});
        await new Promise(setImmediate);
    }
    get sizes() {
        return this.posts.map(({ lines }) => lines.length);
    }
}

const sendAll = (page, count, event = {}) => {
    for (let n = 0; n < count; n++) page.send({ n, ...event });
};
const later = { status: 503, retryable: true, outcome: 'not_written' };
const hour = 3600 * 1000;

describe('beacon.js sends', () => {
    it('after two seconds, at fifty events, at 16 KB, and when the page is hidden', async () => {
        const page = new Page();
        sendAll(page, 2);
        await page.pass(1999);
        assert.deepEqual(page.sizes, []);
        await page.pass(1);
        assert.deepEqual(page.sizes, [2]);
        sendAll(page, 50);
        assert.deepEqual(page.sizes, [2, 50]);
        await page.pass(0);
        page.send('x'.repeat(16000));
        assert.deepEqual(page.sizes, [2, 50, 1]);
        page.send('last');
        await page.hide();
        assert.deepEqual(page.sizes, [2, 50, 1, 1]);
        await page.pass(hour);
        assert.equal(page.posts.length, 4);
    });

    it('an event as JSON in a line, as it was when it was given', async () => {
        const page = new Page(), event = { text: 'a\nb', n: 1 };
        page.send(event);
        event.n = 2;
        await page.pass(2000);
        assert.deepEqual(page.posts[0].lines, ['{"text":"a\\nb","n":1}']);
    });

    it('no more than 60,000 bytes that may outlive the page, and what is larger without that', async () => {
        const page = new Page();
        page.send('x'.repeat(70000));
        sendAll(page, 49, { filler: 'é'.repeat(1000) });
        await page.pass(hour);
        assert.ok(page.posts.every(({ bytes, keepalive }) => keepalive === bytes <= 60000));
        assert.equal(page.sizes.reduce((a, b) => a + b), 50);
    });
});

describe('beacon.js sends again', () => {
    it('ever more rarely, a minute apart in the end, and with fewer events', async () => {
        const page = new Page({ answers: [later] });
        sendAll(page, 50);
        await page.pass(hour);
        const waits = page.posts.slice(1).map(({ at }, n) => at - page.posts[n].at);
        assert.deepEqual(waits.slice(0, 5), [750, 1500, 3000, 6000, 12000]);
        assert.equal(waits.at(-1), 45000);
        assert.deepEqual(page.sizes.slice(0, 7), [50, 25, 12, 6, 3, 1, 1]);
    });

    it('all, in their order, once it is heard', async () => {
        const page = new Page({ answers: [later, later, 204] });
        sendAll(page, 50);
        await page.pass(hour);
        const written = page.posts.slice(2).flatMap(({ lines }) => lines.map((line) => JSON.parse(line).n));
        assert.deepEqual(written, Array.from({ length: 50 }, (_, n) => n));
    });

    it('the newest thousand', async () => {
        const page = new Page({ answers: [later] });
        sendAll(page, 1500);
        await page.pass(hour);
        page.answers = [204];
        page.posts = [];
        await page.pass(hour);
        const written = page.posts.flatMap(({ lines }) => lines.map((line) => JSON.parse(line).n));
        assert.deepEqual(written, Array.from({ length: 1000 }, (_, n) => 500 + n));
    });

    it('less at a time, if all at once is more than the quota ever allows', async () => {
        const tooMany = { status: 413, retryable: false, outcome: 'not_written' };
        const page = new Page({ answers: [({ length }) => (length > 10 ? tooMany : 204)] });
        sendAll(page, 50);
        await page.pass(hour);
        const written = page.posts.filter(({ lines }) => lines.length <= 10).flatMap(({ lines }) => lines);
        assert.equal(new Set(written).size, 50);
    });

    const cases = {
        'what a 429 says': [{ ...later, status: 429 }, [2, 2]],
        'what the network lost': [new TypeError('lost'), [2, 2]],
        'nothing that may be written': [{ status: 504, retryable: true, outcome: 'unknown' }, [2]],
        'nothing that is refused for good': [{ status: 403, retryable: false, outcome: 'not_written' }, [2]],
        'what is valid of a batch': [{ status: 400, retryable: false, outcome: 'not_written', invalid: [0] }, [2, 1]],
        'what a proxy answered in its own words': [new SyntaxError('no JSON'), [2, 2]],
        'what alone of a batch was not written': [
            {
                status: 503,
                outcome: 'unknown',
                retryable: true,
                Records: [{ SequenceNumber: '1' }, { ErrorCode: 'x', Outcome: 'not_written', Retryable: true }],
            },
            [2, 1],
        ],
        'nothing of a batch that may be written': [
            { status: 504, Records: [{ SequenceNumber: '1' }, { Outcome: 'unknown', Retryable: true }] },
            [2],
        ],
    };
    for (const [what, [answer, sizes]] of Object.entries(cases)) {
        it(what, async () => {
            const page = new Page({ answers: [answer, 204], accepts: false });
            sendAll(page, 2);
            await page.pass(hour);
            assert.deepEqual(page.sizes, sizes);
        });
    }
});

describe('beacon.js falls back to sendBeacon', () => {
    it('when a page ends and the browser knows no keepalive', async () => {
        const page = new Page({ keepalive: false });
        sendAll(page, 3);
        await page.hide();
        assert.deepEqual([page.sizes, page.beacons], [[], [3]]);
    });

    it('when the browser refuses the call at once', async () => {
        const page = new Page({ answers: [new TypeError('refused')] });
        sendAll(page, 3);
        await page.hide();
        assert.deepEqual([page.sizes, page.beacons], [[3], [3]]);
    });

    it('and keeps what that refuses too', async () => {
        const page = new Page({ keepalive: false, accepts: false });
        sendAll(page, 3);
        await page.hide();
        await page.pass(hour);
        assert.deepEqual([page.sizes.at(-1), page.beacons], [3, []]);
    });
});
