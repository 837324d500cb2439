// Waiting for conditions.
import { setTimeout as delay } from 'node:timers/promises';

// Calls `condition` until it gives something true, which is returned; throws when that takes longer than `ms`.
export async function until(what, condition, ms = 10000) {
    const deadline = performance.now() + ms;
    for (;;) {
        const found = await condition();
        if (found) return found;
        if (performance.now() > deadline) throw new Error(`not within ${ms} ms: ${what}`);
        await delay(10);
    }
}

export async function within(what, promise, ms) {
    const abort = new AbortController();
    const late = delay(ms, undefined, { signal: abort.signal, ref: true }).then(
        () => {
            throw new Error(`not within ${ms} ms: ${what}`);
        },
        () => {},
    );
    try {
        return await Promise.race([promise, late]);
    } finally {
        abort.abort();
    }
}
