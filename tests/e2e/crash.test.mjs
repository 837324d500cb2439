// kill -9 under load: what was acknowledged is in the ledger.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { stopEverything } from './lib/child.mjs';
import { startDouble } from './lib/double.mjs';
import { makeKey, startGateway } from './lib/gateway.mjs';
import { lostAcknowledgements, startLoad } from './lib/load.mjs';
import { until } from './lib/wait.mjs';

const ROUNDS = 20;

describe('kill -9 under load', () => {
    let double, key;

    before(async () => {
        double = await startDouble();
        await double.setFaults({ kind: 'delay', delay_ms: 5 });
        key = await makeKey();
    });
    after(stopEverything);

    it(`loses no acknowledged record in ${ROUNDS} rounds`, async () => {
        for (let round = 0; round < ROUNDS; round++) {
            const gateway = await startGateway({ aws: double.aws }, [key]);
            const load = startLoad(gateway, { connections: 32 });
            await until('the load is on', () => load.acknowledged.length > 20);
            await delay(7 * round); // another moment each round
            gateway.child.signal('SIGKILL');
            assert.equal((await gateway.child.exited).signal, 'SIGKILL');
            const results = await load.stop();
            assert.deepEqual(lostAcknowledgements(results, double.ledger()), [], `round ${round}`);
        }
    });
});
