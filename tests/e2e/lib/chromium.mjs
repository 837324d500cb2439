// A genuine browser, the pages it visits, and what stands between it and the gateway to see what it sends.
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import http from 'node:http';
import { join } from 'node:path';
import { startDouble } from './double.mjs';
import { makeKey, startGateway, stopAll } from './gateway.mjs';
import { fromNpm, root } from './paths.mjs';
import { until } from './wait.mjs';

export const beaconScript = readFileSync(join(root, 'deploy/beacon.js'), 'utf8');

function startChromium() {
    const { chromium } = fromNpm('playwright-core');
    const executablePath = spawnSync('which', ['chromium'], { encoding: 'utf8' }).stdout.trim();
    // A browser's own sandbox refuses to be root's.
    const args = ['--disable-dev-shm-usage', ...(process.getuid() === 0 ? ['--no-sandbox'] : [])];
    return chromium.launch({ executablePath, headless: true, args });
}

async function listen(server) {
    await new Promise((resolve, reject) => server.on('error', reject).listen(0, '127.0.0.1', resolve));
    return server.address().port;
}

// A site of its own: every path is an empty page; /beacon.js is what is deployed. `query` may say referrer=POLICY.
async function startSite(host) {
    const server = http.createServer((request, response) => {
        const { pathname, searchParams } = new URL(request.url, 'http://site');
        if (pathname === '/beacon.js') {
            response.setHeader('Content-Type', 'text/javascript');
            return response.end(beaconScript);
        }
        response.setHeader('Content-Type', 'text/html');
        response.setHeader('Referrer-Policy', searchParams.get('referrer') ?? 'strict-origin-when-cross-origin');
        return response.end(
            `<!doctype html><title>${pathname}</title><link rel="icon" href="data:,"><script src="/beacon.js"></script>`,
        );
    });
    const origin = `http://${host}:${await listen(server)}`;
    return { origin, stop: () => server.close(() => {}).closeAllConnections() };
}

// A proxy before the gateway: `seen` has every request in the order of arrival, with its body and the answer's status.
// hold() keeps requests back until release(); lose(n) closes the connections of the next n without a word to the gateway.
class Tap {
    static async start(gatewayUrl) {
        const tap = new Tap();
        tap.gatewayUrl = gatewayUrl;
        tap.server = http.createServer((request, response) => tap.accept(request, response));
        tap.url = `http://127.0.0.1:${await listen(tap.server)}`;
        tap.agent = new http.Agent({ keepAlive: true });
        return tap;
    }

    constructor() {
        this.clear();
    }

    // Forgets what was seen.
    clear() {
        this.seen = [];
        this.held = null;
        this.losing = 0;
    }
    hold() {
        this.held = [];
    }
    release() {
        const { held } = this;
        this.held = null;
        held.forEach((forward) => forward());
    }
    lose(count) {
        this.losing = count;
    }

    accept(request, response) {
        const chunks = [], row = { method: request.method, url: request.url, headers: request.headers };
        request.on('data', (data) => chunks.push(data));
        request.on('error', () => {});
        request.on('end', () => {
            row.body = Buffer.concat(chunks);
            this.seen.push(row);
            if (this.losing > 0) {
                this.losing--;
                return request.socket.destroy();
            }
            const forward = () => this.forward(row, response);
            return this.held ? this.held.push(forward) : forward();
        });
    }

    forward(row, response) {
        const { method, headers, body } = row;
        const onward = http.request(this.gatewayUrl + row.url, { method, headers, agent: this.agent }, (answer) => {
            row.status = answer.statusCode;
            response.writeHead(answer.statusCode, answer.rawHeaders);
            answer.pipe(response);
        });
        onward.on('error', () => response.destroy());
        onward.end(body);
    }

    stop() {
        this.server.close(() => {}).closeAllConnections();
        this.agent.destroy();
    }
}

// A browser, two sites of which one is listed, and the tap, the gateway and the double that what is sent goes through.
export class BrowserWorld {
    static async start(settings) {
        const world = new BrowserWorld();
        world.listed = await startSite('localhost');
        world.forbidden = await startSite('127.0.0.1');
        const origins = [world.listed.origin];
        world.key = await makeKey({ calls: ['beacon'], origins });
        world.openKey = await makeKey({ calls: ['beacon'], origins, allow_no_origin: true });
        world.double = await startDouble();
        world.gateway = await startGateway({ aws: world.double.aws, ...settings }, [world.key, world.openKey]);
        world.tap = await Tap.start(world.gateway.url);
        world.browser = await startChromium();
        world.begin();
        return world;
    }

    async stop() {
        await this.browser.close();
        for (const part of [this.tap, this.listed, this.forbidden]) part.stop();
        await stopAll(this.gateway);
    }

    // What was seen and written before is no concern of the test that begins.
    begin() {
        this.tap.clear();
        this.first = this.double.records().length;
    }

    to(stream, key = this.key) {
        return `${this.tap.url}/v1/e/${stream}?key=${key.key}`;
    }
    // What Kinesis has; of a large record the ledger knows only how it begins.
    get written() {
        const records = this.double.records().slice(this.first);
        return records.map(({ data, head }) => (data.length > 0 ? data : Buffer.from(head, 'base64')).toString());
    }
    // Every request and its answer's status: 'POST 204'.
    get statuses() {
        return this.tap.seen.map(({ method, status }) => `${method} ${status}`);
    }

    async arrived(count) {
        await until(`${count} records are in Kinesis`, () => this.written.length >= count);
        return this.written;
    }
    async answered(count) {
        const { tap } = this;
        await until(`${count} answers`, () => tap.seen.filter((row) => row.status).length >= count);
        return this.statuses;
    }
}

// A page that has been opened, with what its console said and what went wrong in it.
export async function openPage(browser, url, { script } = {}) {
    const page = await browser.newPage();
    const said = [];
    page.on('console', (message) => said.push(`${message.type()}: ${message.text()}`));
    page.on('pageerror', (error) => said.push(`error: ${error.message}`));
    if (script) await page.addInitScript(script);
    await page.goto(url);
    return Object.assign(page, { said });
}

// Closes the tab as its user would: the page hears of it.
export async function closeTab(page) {
    const closed = new Promise((resolve) => page.once('close', resolve));
    await page.close({ runBeforeUnload: true });
    await closed;
}
