// A load of single records over a number of connections, each answer and each failure remembered.
import http from 'node:http';

let run = 0;

// Keeps `connections` requests in flight until `stop()`, which gives [{ body, status, json, error }].
export function startLoad(gateway, { connections = 16, stream = 'four', key = gateway.key.key } = {}) {
    const agent = new http.Agent({ keepAlive: true, maxSockets: connections });
    const tag = `load-${process.pid}-${++run}`;
    const results = [];
    let stopped = false,
        number = 0;

    async function client() {
        while (!stopped) {
            const result = { body: `${tag}-${++number}` };
            try {
                const answer = await gateway.put(stream, result.body, { agent, key });
                Object.assign(result, { status: answer.status, text: answer.text });
            } catch (error) {
                Object.assign(result, { error: error.code ?? error.message, reusedSocket: error.reusedSocket });
                if (error.code === 'ECONNREFUSED') stopped = true;
            }
            results.push(result);
        }
    }

    const clients = Array.from({ length: connections }, client);
    return {
        results,
        get acknowledged() {
            return results.filter((result) => result.status === 200);
        },
        async stop() {
            stopped = true;
            await Promise.all(clients);
            agent.destroy();
            return results;
        },
    };
}

// What an answer's text says, or null where it is not even JSON.
export function parse(text) {
    try {
        return JSON.parse(text);
    } catch {
        return null;
    }
}

// Those acknowledged under a sequence number that the ledger does not have with that body.
export function lostAcknowledgements(results, ledger) {
    return results.filter(
        ({ status, text, body }) => status === 200 && ledger.get(parse(text)?.SequenceNumber) !== body,
    );
}
