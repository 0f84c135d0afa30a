/**
 * Keeps the member's read marks in step with the backend, and with its other devices.
 *
 * Reads them when a partner is opened, and again when the page is shown or the list of news is
 * opened, if that is a while ago. Sends what was read together, so that many pages stay within the
 * quota of writes of Wix Data.
 */

import { ReadMarks } from './read-marks.js';

/** Milliseconds from the first row that was read to the call; doubled at random. */
const SEND_AFTER = 120_000;
/** Milliseconds between two calls, whatever the member does: 1,000 pages make 1,000 writes a minute. */
const LEAST_GAP = 60_000;
const LAST_RETRY = 10 * 60_000;
/** Milliseconds after which marks that could not be read are read again. */
const READ_RETRY = 120_000;
/** Milliseconds for which marks count as current. */
const CURRENT_FOR = 5 * 60_000;

/** A call that failed with one of these fails again. */
const FINAL = new Set(['invalid', 'too_large', 'not_yours', 'not_linked', 'not_allowed']);

export class MarksSync {
  #call;
  #show;
  /** By partner: what was read of one that is shown no longer is still to be sent. */
  #partners = new Map();
  #partner = null;
  #timer = null;
  #retry = null;
  #busy = false;
  #readAt = -Infinity;
  #sentAt = -Infinity;
  #dueAt = Infinity;
  #failures = 0;
  #readFailed = false;

  /**
   * `call(method, ...args)` asks the backend; `show()` renders, after `isUnread` may have another
   * result.
   */
  constructor(call, show) {
    this.#call = call;
    this.#show = show;
  }

  /** The marks of the partner that is shown. */
  get #marks() {
    return this.#partners.get(this.#partner) ?? new ReadMarks();
  }

  /** `loading`, `failed`, or `ready`. Until then nothing is unread. */
  get phase() {
    return this.#marks.known ? 'ready' : this.#readFailed ? 'failed' : 'loading';
  }

  /** True if the last call could not save what was read. It is tried again. */
  get isUnsaved() {
    return this.#failures > 0 && [...this.#partners.values()].some((one) => one.hasPending);
  }

  isUnread(section, row) {
    return this.#marks.isUnread(section, row, Date.now());
  }

  /** Show another partner; null: none. */
  async open(partner) {
    if (partner === this.#partner) return;
    this.#partner = partner;
    this.#readAt = -Infinity;
    this.#readFailed = false;
    clearTimeout(this.#retry);
    if (partner === null) return;
    if (!this.#partners.has(partner)) this.#partners.set(partner, new ReadMarks());
    document.addEventListener('visibilitychange', this.#onVisibility);
    await this.refresh();
  }

  /** Read the marks, unless they are current. */
  async refresh() {
    const partner = this.#partner;
    if (partner === null || Date.now() - this.#readAt < CURRENT_FOR) return;
    clearTimeout(this.#retry);
    this.#readAt = Date.now();
    const answer = await this.#call('getReadMarks', partner);
    const isShown = partner === this.#partner;
    if (!answer.error) this.#partners.get(partner).store(answer.marks ?? {});
    if (!isShown) return;
    this.#readFailed = Boolean(answer.error);
    if (answer.error) {
      this.#readAt = -Infinity;
      this.#retry = setTimeout(() => document.visibilityState === 'visible' && this.refresh(), READ_RETRY);
    }
    this.#show();
  }

  /** A row was read. */
  mark(section, row) {
    this.#marks.add(section, row);
    this.#dueAt = Math.min(this.#dueAt, Date.now() + SEND_AFTER * (1 + Math.random()));
    this.#plan();
    this.#show();
  }

  /** Everything was read, `{section: rows}`: sent at once, if the last call is a while ago. */
  markAll(sections) {
    for (const [section, rows] of Object.entries(sections)) this.#marks.addAll(section, rows, Date.now());
    this.#dueAt = Date.now();
    this.#plan();
    this.#show();
  }

  stop() {
    this.#leave();
    clearTimeout(this.#timer);
    clearTimeout(this.#retry);
    document.removeEventListener('visibilitychange', this.#onVisibility);
    this.#partner = null;
  }

  #plan() {
    clearTimeout(this.#timer);
    if (this.#dueAt === Infinity || this.#busy) return;
    const at = Math.max(this.#dueAt, this.#sentAt + this.#gap());
    this.#timer = setTimeout(() => this.#send(), Math.max(0, at - Date.now()));
  }

  #gap() {
    return Math.min(LEAST_GAP * 2 ** this.#failures, LAST_RETRY);
  }

  /** Send what is pending of one partner, and plan the others. */
  async #send() {
    const [partner, marks] = [...this.#partners].find(([, one]) => one.hasPending) ?? [];
    this.#dueAt = Infinity;
    if (!marks) return;
    this.#busy = true;
    this.#sentAt = Date.now();
    const answer = await this.#call('markRead', partner, marks.begin());
    this.#busy = false;
    const { code } = answer.error ?? {};
    this.#failures = code && !FINAL.has(code) ? this.#failures + 1 : 0;
    if (this.#failures) marks.fail();
    else if (code) marks.refuse();
    else {
      marks.store(answer.marks ?? {});
      marks.end();
    }
    if ([...this.#partners.values()].some((one) => one.hasPending)) this.#dueAt = Math.min(this.#dueAt, Date.now() + SEND_AFTER);
    this.#plan();
    this.#show();
  }

  /** The page is being closed or hidden: send what was read, unless a call was made just now. */
  #leave() {
    if (this.#dueAt < Infinity && !this.#busy && Date.now() >= this.#sentAt + this.#gap()) this.#send();
  }

  #onVisibility = () => {
    if (document.visibilityState === 'visible') this.refresh();
    else this.#leave();
  };
}
