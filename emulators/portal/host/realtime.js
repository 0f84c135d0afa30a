/**
 * Wix Realtime: channels, their resources, and the pages that are connected.
 *
 * What Wix documents: a channel and each of its resources are independent; the permission hook runs
 * at each attempt to subscribe and does not end a running subscription; without the hook everybody
 * may read; without its file nobody in Wix Studio, and everybody in the editor; a preview grants
 * everything; nothing is kept for pages that are not connected. What it does not document (order,
 * loss) a test can ask for, see `FAULTS`.
 *
 * Source: https://dev.wix.com/docs/sdk/core-modules/realtime/realtime/introduction
 */

import { randomUUID } from 'node:crypto';
// Not the global one, which is stretched with the backend's time limits.
import { setTimeout } from 'node:timers';

import { WixFault, asMember } from './site.js';

const MAX_PAYLOAD = 10 * 1024;
const MAX_NAME = 140;
const MAX_RESOURCE = 1000;
const MAX_CONNECTIONS = 5000;
const MAX_SUBSCRIPTIONS = 20;

/** Codes of `wix-realtime-frontend`'s errors. */
export const CONNECTION_ERROR = 1;
export const SUBSCRIPTION_ERROR = 2;
export const BAD_INPUT = 3;

/**
 * Faults: shares (0 to 1) of the deliveries that are `lost`, `doubled` or `late`, by `lateSeconds`,
 * and of the calls of `publish` that fail (`unpublished`), drawn from `seed`; `blocked`: no page gets
 * a connection, and those that have one lose it; `preview`: everybody may read; `hookMissing`: the
 * site has no `realtime-permissions.js`.
 */
export const FAULTS = Object.freeze({
  lost: 0,
  doubled: 0,
  late: 0,
  lateSeconds: 2,
  unpublished: 0,
  seed: 1,
  blocked: false,
  preview: false,
  hookMissing: false,
});

/** An error that a page's `subscribe` gets. */
export class RealtimeError extends Error {
  constructor(errorCode, message) {
    super(message);
    this.errorCode = errorCode;
  }
}

class Hub {
  #connections = new Map();
  /** Connections by channel. */
  #listeners = new Map();
  #faults = FAULTS;
  #random = randomNumbers(FAULTS.seed);
  #counts = newCounts();
  /** Late deliveries that are still to come: functions that deliver, with their timers. */
  #held = new Map();
  /** `{hook, studio}`; `hook` is undefined if the file does not export it, null if there is no file. */
  #site = { hook: null, studio: true };

  configure(site) {
    this.#site = site;
  }

  /** True while the fault hides `realtime-permissions.js`. */
  get hidesHook() {
    return this.#faults.hookMissing;
  }

  /** Change faults, and start the random numbers again. Ends all connections if they are blocked now. */
  order(faults) {
    this.#faults = Object.freeze({ ...this.#faults, ...faults });
    this.#random = randomNumbers(this.#faults.seed);
    if (this.#faults.blocked) {
      this.disconnectAll();
    }
  }

  /** Deliver now what is late. */
  release() {
    for (const [deliver, timer] of [...this.#held]) {
      clearTimeout(timer);
      deliver();
    }
  }

  reset() {
    for (const timer of this.#held.values()) {
      clearTimeout(timer);
    }
    this.#held.clear();
    this.#faults = FAULTS;
    this.#random = randomNumbers(FAULTS.seed);
    this.#counts = newCounts();
  }

  status() {
    const subscriptions = [...this.#listeners.values()].reduce((sum, listeners) => sum + listeners.size, 0);
    return { faults: this.#faults, connections: this.#connections.size, subscriptions, ...this.#counts };
  }

  /**
   * Connect a page of a member, or of a visitor if it is null. `send(event, data)` writes to it,
   * `end()` ends it. Returns the connection's id. Throws RealtimeError.
   */
  connect(memberId, send, end) {
    if (this.#faults.blocked || this.#connections.size >= MAX_CONNECTIONS) {
      throw new RealtimeError(CONNECTION_ERROR, 'realtime cannot be reached');
    }
    const id = randomUUID();
    const subscriber = memberId ? { type: 'Member', id: memberId } : { type: 'Visitor', id: randomUUID() };
    this.#connections.set(id, { id, memberId, subscriber, send, end, channels: new Map() });
    return id;
  }

  disconnect(id) {
    const connection = this.#connections.get(id);
    for (const key of connection?.channels.keys() ?? []) {
      this.#forget(key, connection);
    }
    this.#connections.delete(id);
  }

  disconnectAll() {
    for (const { id, end } of [...this.#connections.values()]) {
      this.disconnect(id);
      end();
    }
  }

  /** Subscribe a connection to a channel, if the site's hook lets it. Throws RealtimeError. */
  async subscribe(id, memberId, channel) {
    const connection = this.#require(id, memberId);
    const { name, resourceId } = readChannel(channel, (message) => new RealtimeError(BAD_INPUT, message));
    if (connection.channels.size >= MAX_SUBSCRIPTIONS) {
      throw new RealtimeError(BAD_INPUT, 'too many subscriptions');
    }
    this.#counts.attempts += 1;
    const wanted = { name, ...(resourceId === undefined ? {} : { resourceId }) };
    if (!(await this.#mayRead(wanted, connection.subscriber))) {
      this.#counts.refused += 1;
      throw new RealtimeError(SUBSCRIPTION_ERROR, 'the subscriber may not read this channel');
    }
    if (!this.#connections.has(id)) {
      throw new RealtimeError(CONNECTION_ERROR, 'the connection has ended');
    }
    const key = keyOf(wanted);
    connection.channels.set(key, wanted);
    this.#listeners.set(key, (this.#listeners.get(key) ?? new Set()).add(connection));
  }

  unsubscribe(id, memberId, channel) {
    const connection = this.#require(id, memberId);
    const key = keyOf(readChannel(channel, (message) => new RealtimeError(BAD_INPUT, message)));
    connection.channels.delete(key);
    this.#forget(key, connection);
  }

  /** Send a message to all that listen now. Throws WixFault for a bad channel or payload. */
  publish(channel, payload) {
    const key = keyOf(readChannel(channel, (message) => new WixFault(400, 'INVALID_ARGUMENT', message)));
    const text = JSON.stringify(payload);
    if (text === undefined || Buffer.byteLength(text) > MAX_PAYLOAD) {
      throw new WixFault(400, 'INVALID_ARGUMENT', `a payload is JSON of at most ${MAX_PAYLOAD} bytes`);
    }
    if (this.#faults.unpublished > 0 && this.#random() < this.#faults.unpublished) {
      throw new WixFault(500, 'INTERNAL', 'the message could not be published');
    }
    this.#counts.published += 1;
    for (const connection of this.#listeners.get(key) ?? []) {
      this.#deliver(connection, key, text);
    }
  }

  #deliver(connection, key, text) {
    const { lost, doubled, late, lateSeconds } = this.#faults;
    // Three draws for each delivery: a fault that is turned off changes no other's.
    const [isLost, isDoubled, isLate] = [lost, doubled, late].map((share) => this.#random() < share);
    const send = () => {
      // It may have unsubscribed meanwhile.
      const channel = connection.channels.get(key);
      if (channel && this.#connections.has(connection.id)) {
        this.#counts.delivered += 1;
        connection.send('message', `{"channel":${JSON.stringify(channel)},"payload":${text}}`);
      }
    };
    if (isLost) {
      this.#counts.lost += 1;
      return;
    }
    if (isLate) {
      this.#counts.late += 1;
      const deliver = () => this.#held.delete(deliver) && send();
      this.#held.set(deliver, setTimeout(deliver, lateSeconds * 1000).unref());
    }
    if (!isLate) {
      send();
    }
    if (isDoubled) {
      this.#counts.doubled += 1;
      send();
    }
  }

  async #mayRead(channel, subscriber) {
    if (this.#faults.preview) {
      return true;
    }
    if (this.#site.hook === null || this.hidesHook) {
      return !this.#site.studio;
    }
    if (this.#site.hook === undefined) {
      return true;
    }
    try {
      // Whose session the hook sees is not documented: it sees none here.
      const permissions = await asMember(null, () => this.#site.hook(channel, subscriber));
      return permissions?.read ?? true;
    } catch (error) {
      console.error(`portal: realtime_check_permission: ${error.code ?? error.name}`);
      return false;
    }
  }

  #require(id, memberId) {
    const connection = this.#connections.get(id);
    if (connection?.memberId !== memberId) {
      throw new RealtimeError(CONNECTION_ERROR, 'there is no such connection');
    }
    return connection;
  }

  #forget(key, connection) {
    const listeners = this.#listeners.get(key);
    listeners?.delete(connection);
    if (listeners?.size === 0) {
      this.#listeners.delete(key);
    }
  }
}

/** The site's own. */
export const hub = new Hub();

function newCounts() {
  return { published: 0, delivered: 0, lost: 0, doubled: 0, late: 0, attempts: 0, refused: 0 };
}

function readChannel(channel, fault) {
  const { name, resourceId } = channel ?? {};
  // "Cannot exceed 140 characters. Cannot include spaces or special characters."
  if (typeof name !== 'string' || !/^[\w-]+$/.test(name) || name.length > MAX_NAME) {
    throw fault(`a channel's name has at most ${MAX_NAME} letters, digits, hyphens and underscores`);
  }
  if (resourceId !== undefined && (typeof resourceId !== 'string' || !resourceId || resourceId.length > MAX_RESOURCE)) {
    throw fault(`a resource's id has at most ${MAX_RESOURCE} characters`);
  }
  return { name, resourceId };
}

function keyOf({ name, resourceId }) {
  return JSON.stringify([name, resourceId ?? null]);
}

/** Mulberry32: the same numbers from 0 to 1 for the same seed. https://gist.github.com/tommyettinger/46a874533244883189143505d203312c */
function randomNumbers(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
