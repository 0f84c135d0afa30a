/**
 * Open pages of the portal without a browser: `node open_pages.js --portal URL`.
 *
 * Each page logs in at the portal's host and runs the page's own code (`portal/pages`), the host's
 * realtime client, and the element's logic that decides what to read and when. It renders nothing.
 *
 * Reads orders from the standard input, one JSON object a line, and answers each with a line:
 *   {"open": [{"member", "partner", "view"}], "over": ms}  answered once all are open
 *   {"report": true}  `{pages: [{partner, view, connected, failures, shown: {mark: ms}}]}`: when each
 *                     `[mark N]` in a text of an issue or notice was shown first (Unix time)
 */

import { readFileSync } from 'node:fs';
import http from 'node:http';
import { registerHooks } from 'node:module';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';

import { byEvents } from '../portal/element/backend.js';
import { ChangeWatcher } from '../portal/element/change-watcher.js';
import { needsOf } from '../portal/element/needs.js';
import { readRings } from '../portal/element/rings.js';
import { SectionReader } from '../portal/element/section-reader.js';

const { portal } = parseArgs({ options: { portal: { type: 'string' } } }).values;
const MARK = /\[mark (\d+)\]/g;
const LOCALE = 'en';

const agent = new http.Agent({ keepAlive: true, maxSockets: 100 });
const nobodyListens = { addEventListener() {}, removeEventListener() {} };

/** What the modules of one page find as globals, by the number of the page. */
const scopes = new Map();
const HOST = new URL('../emulators/portal/host/browser/', import.meta.url);
const PAGE_CODE = new URL('../portal/pages/partner-portal.js', import.meta.url);
const BACKEND = 'portal:backend';
const sources = new Map();

// Somebody looks at every page: only a page on the screen reads.
globalThis.window = nobodyListens;
globalThis.document = { ...nobodyListens, visibilityState: 'visible' };

/** Gives each page its own instance of the page's modules, and to these its own globals. */
registerHooks({
  resolve(specifier, context, next) {
    const page = pageOf(context.parentURL) ?? pageOf(specifier);
    if (page === null) return next(specifier, context);
    return { url: `${addressOf(specifier)}?page=${page}`, format: 'module', shortCircuit: true };
  },
  load(url, context, next) {
    const page = pageOf(url);
    if (page === null) return next(url, context);
    const file = url.replace(/\?.*/, '');
    if (!sources.has(file)) sources.set(file, readFileSync(new URL(file), 'utf8'));
    const names = Object.keys(scopes.get(Number(page))).join(', ');
    // One line, so that a stack trace shows the file's own lines.
    const source = `const { ${names} } = globalThis.scopeOf(${page}); ${sources.get(file)}`;
    return { format: 'module', source, shortCircuit: true };
  },
});
globalThis.scopeOf = (page) => scopes.get(page);

function pageOf(url) {
  return /\?page=(\d+)$/.exec(url ?? '')?.[1] ?? null;
}

function addressOf(specifier) {
  if (specifier === 'backend/gridwix.web.js') return BACKEND;
  if (specifier.startsWith('/host/')) return new URL(specifier.slice('/host/'.length), HOST).href;
  if (specifier.startsWith('wix-')) return new URL(`${specifier}.js`, HOST).href;
  return specifier.replace(/\?.*/, '');
}

class OpenPage extends EventTarget {
  #number;
  #transport = byEvents(this);
  #reader = new SectionReader((method, ...args) => this.#call(method, ...args), (_, after) => this.#note(after));
  #watcher = new ChangeWatcher({
    read: () => this.#settle(this.#reader.readDue()),
    follow: async () => true,
    check: () => this.#check(),
    safety: async () => (await this.#check()) && this.#settle(this.#reader.refresh(needsOf(this.view))),
  });
  #rings = null;
  #isListening = false;

  connected = false;
  failures = 0;
  shown = new Map();

  constructor(number, { member, partner, view }) {
    super();
    Object.assign(this, { member, partner, view });
    this.#number = number;
  }

  async open() {
    const login = await request('/login', { method: 'POST', headers: { 'Content-Type': 'application/x-www-form-urlencoded' }, body: `member=${this.member}` });
    const cookie = login.headers['set-cookie'][0].split(';')[0];
    let ready;
    const $w = () => ({ setAttribute: (name, value) => this.#setAttribute(name, value), on: (type, listener) => this.addEventListener(type, listener) });
    $w.onReady = (work) => {
      ready = work;
    };
    scopes.set(this.#number, {
      $w,
      fetch: (path, options) => request(path, options, cookie),
      EventSource: streamsOf(cookie),
      location: { search: '', href: `${portal}/portal`, assign() {} },
      history: { pushState() {} },
      navigator: { language: LOCALE },
    });
    await import(`${PAGE_CODE.href}?page=${this.#number}`);
    ready();
    await this.#begin();
  }

  /** As the element does when it is connected. */
  async #begin() {
    const session = await this.#call('getSession');
    if (session.error) return this.#start(false);
    this.#watcher.opening(!this.#isListening);
    if (!this.#isListening) this.dispatchEvent(new CustomEvent('gridwix-listen', { detail: { partner: this.partner } }));
    this.#isListening = true;
    const answer = await this.#reader.open(this.partner, LOCALE, needsOf(this.view));
    if (answer?.error) return this.#start(false);
    this.#start(true);
    this.#hear();
    return true;
  }

  #start(succeeded) {
    this.#watcher.start(succeeded);
    return succeeded;
  }

  async #call(method, ...args) {
    const answer = await this.#transport.call(method, ...args);
    if (answer.error) this.failures += 1;
    return answer;
  }

  #setAttribute(name, value) {
    if (name === 'answer') this.#transport.answer(value);
    if (name !== 'rings') return;
    this.#rings = readRings(value);
    this.connected = this.#rings.connected;
    this.#hear();
  }

  #hear() {
    if (this.#rings?.partner !== this.partner) return;
    this.#watcher.connect(this.#rings);
    const audiences = this.#reader.hear(this.#rings.numbers);
    this.#watcher.readWithin(Object.fromEntries(audiences.map((audience) => [audience, this.#rings.spread[audience]])));
  }

  async #check() {
    return this.#reader.data ? this.#settle(this.#reader.check()) : this.#begin();
  }

  async #settle(response) {
    return !(await response)?.error;
  }

  #note({ sections }) {
    const text = JSON.stringify([sections.issues?.rows, sections.notices?.rows]);
    for (const [, mark] of text.matchAll(MARK)) {
      if (!this.shown.has(mark)) this.shown.set(mark, Date.now());
    }
  }
}

function request(path, { method = 'GET', headers = {}, body } = {}, cookie = null) {
  const own = { Origin: portal, ...(cookie ? { Cookie: cookie } : {}), ...(body ? { 'Content-Length': Buffer.byteLength(body) } : {}) };
  return new Promise((resolve, reject) => {
    const sent = http.request(portal + path, { method, agent, headers: { ...headers, ...own } }, (response) => {
      const chunks = [];
      response.on('data', (chunk) => chunks.push(chunk)).once('error', reject);
      response.once('end', () => {
        const { statusCode: status } = response;
        resolve({ status, ok: status < 300, headers: response.headers, json: async () => JSON.parse(Buffer.concat(chunks)) });
      });
    });
    sent.once('error', reject).end(body);
  });
}

/** `EventSource` for one session; it does not connect again. */
function streamsOf(cookie) {
  return class {
    #listeners = new Map();
    #sent;

    constructor(path) {
      this.#sent = http.get(portal + path, { agent: false, headers: { Cookie: cookie } }, (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (chunk) => {
          const events = (text + chunk).split('\n\n');
          text = events.pop();
          for (const event of events) this.#tell(/^event: (.*)$/m.exec(event)[1], { data: /^data: (.*)$/m.exec(event)[1] });
        });
        response.once('close', () => this.#tell('error', {}));
        if (response.statusCode !== 200) response.destroy();
      });
      this.#sent.once('error', () => this.#tell('error', {}));
    }

    addEventListener(name, listener) {
      this.#listeners.set(name, listener);
    }

    close() {
      this.#listeners.clear();
      this.#sent.destroy();
    }

    #tell(name, event) {
      this.#listeners.get(name)?.(event);
    }
  };
}

const pages = [];

async function openPages(wanted, over) {
  const opening = [];
  for (const one of wanted) {
    const page = new OpenPage(pages.length, one);
    pages.push(page);
    opening.push(page.open());
    // After the last one, not by the clock: a busy machine does not open at once what it is behind.
    await new Promise((resolve) => setTimeout(resolve, over / wanted.length));
  }
  await Promise.all(opening);
}

// The imports of the backend's web methods, as the host gives them to a browser.
sources.set(BACKEND, await new Promise((resolve) => {
  http.get(`${portal}/host/backend.js`, (response) => {
    let text = '';
    response.setEncoding('utf8').on('data', (chunk) => (text += chunk)).once('end', () => resolve(text));
  });
}));

for await (const line of createInterface({ input: process.stdin })) {
  const order = JSON.parse(line);
  if (order.open) await openPages(order.open, order.over);
  const found = pages.map(({ partner, view, connected, failures, shown }) => ({ partner, view, connected, failures, shown: Object.fromEntries(shown) }));
  console.log(JSON.stringify(order.report ? { pages: found } : {}));
}
process.exit();
