// Looks on while a load runs: what part of their processors some processes took between two moments of it, and how busy
// these processors were, whoever it was for.
import { performance } from 'node:perf_hooks';
import { cpuNow, idleTicksNow } from './process.mjs';

const INTERVAL_MS = 200;
const TICK_MS = 10;

export class Watch {
    constructor(pids, processors) {
        Object.assign(this, { pids: Object.entries(pids), processors, samples: [], startMs: performance.now() });
        this.look();
        this.timer = setInterval(() => this.look(), INTERVAL_MS);
    }

    look() {
        const sample = { ms: performance.now() - this.startMs, idle: idleTicksNow() };
        try {
            for (const [name, pid] of this.pids) sample[name] = [...cpuNow(pid).values()].reduce((sum, ns) => sum + ns, 0);
            this.samples.push(sample);
        } catch {
            clearInterval(this.timer); // one of them has ended, and with it the load
        }
    }

    stop() {
        clearInterval(this.timer);
    }

    /**
     * Parts of one processor between two moments: what the gateway took, what the client and the double took together,
     * and how busy the processors of either were. NaN if nobody looked twice, or nothing was pinned.
     */
    shares(fromSeconds = 0, toSeconds = Infinity) {
        const between = this.samples.filter(({ ms }) => ms >= fromSeconds * 1000 && ms <= toSeconds * 1000);
        const first = between[0], last = between.at(-1);
        if (between.length < 2) return { gateway: NaN, others: NaN, gatewayBusy: NaN, othersBusy: NaN };
        const ms = last.ms - first.ms;
        const took = (name) => (last[name] - first[name]) / (ms * 1e6);
        const busy = (processor) => 1 - ((last.idle[processor] - first.idle[processor]) * TICK_MS) / ms;
        return {
            gateway: took('gateway'),
            others: took('client') + took('double'),
            gatewayBusy: busy(this.processors.server),
            othersBusy: busy(this.processors.client),
        };
    }
}
