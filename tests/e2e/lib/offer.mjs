// An open loop: requests leave when they are due, whatever has become of those before. Written on bare sockets, so that
// one process can offer a thousand a second and still say when each answer came.
import { connect } from 'node:net';
import { until } from './wait.mjs';

const TICK_MS = 4;

// One connection, one request at a time.
class Line {
    constructor(pool, address) {
        Object.assign(this, { pool, text: '', result: null });
        const [host, port] = address.split(':');
        this.socket = connect({ host, port: Number(port), noDelay: true });
        this.socket.unref(); // a test that failed must not wait for its load
        this.socket.setEncoding('latin1').on('data', (text) => this.take(text));
        this.socket.on('error', () => {});
        this.socket.on('close', () => this.end());
    }

    send(text, result) {
        this.result = result;
        this.socket.write(text);
    }

    take(text) {
        this.text += text;
        const head = this.text.indexOf('\r\n\r\n');
        if (head < 0 || !this.result) return;
        const length = Number(/\r\ncontent-length: (\d+)/i.exec(this.text.slice(0, head + 2))?.[1] ?? 0);
        if (this.text.length < head + 4 + length) return;
        const { result } = this;
        Object.assign(result, { status: Number(this.text.slice(9, 12)), body: this.text.slice(head + 4) });
        result.took = performance.now() - result.sent;
        Object.assign(this, { text: '', result: null });
        this.pool.push(this);
    }

    end() {
        if (this.result) this.result.error = 'the connection ended without an answer';
        this.result = null;
        const at = this.pool.indexOf(this);
        if (at >= 0) this.pool.splice(at, 1);
    }
}

/*
 * Offers `rate` requests a second, each gateway and each key in turn; `results` has one entry for each that was sent:
 * { gateway, key, sent, took, status, body } and `error` instead, where there was none. Times are performance.now()'s.
 */
export function startOffer(gateways, { rate, keys = [gateways[0].key], stream = 'four' }) {
    const addresses = gateways.map(({ address }) => address); // looked up in a log that grows
    const pools = gateways.map(() => []);
    const lines = [];
    const results = [];
    const began = performance.now();
    let number = 0;

    function send() {
        const index = number % gateways.length;
        const key = keys[Math.floor(number / gateways.length) % keys.length];
        const pool = pools[index];
        let line = pool.pop();
        if (!line) lines.push((line = new Line(pool, addresses[index])));
        const data = `${number++}`;
        const head = [
            `POST /v1/streams/${stream}/record HTTP/1.1`,
            `Host: ${addresses[index]}`,
            `X-Api-Key: ${key.key}`,
            `Content-Length: ${data.length}`,
        ];
        const result = { gateway: gateways[index], key, sent: performance.now(), status: 0 };
        results.push(result);
        line.send(`${head.join('\r\n')}\r\n\r\n${data}`, result);
    }

    const timer = setInterval(() => {
        while (number < ((performance.now() - began) / 1000) * rate) send();
    }, TICK_MS);
    timer.unref();

    return {
        results,
        began,
        // No more is sent; gives the results once all are there.
        async stop() {
            clearInterval(timer);
            const open = () => results.some(({ status, error }) => status === 0 && !error);
            await until('every request has its answer', () => !open(), 30000);
            for (const line of lines) line.socket.destroy();
            return results;
        },
    };
}

export function quantile(numbers, part) {
    const sorted = [...numbers].sort((a, b) => a - b);
    return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))];
}
