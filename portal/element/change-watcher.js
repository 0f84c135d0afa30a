/**
 * Keeps an open page current: listens to rings and to the use of the page, and runs what
 * `schedule.js` says, one task at a time.
 */

import { followUpTimes, nextTask } from './schedule.js';

const ACTIVITY_EVENTS = ['pointerdown', 'keydown', 'wheel', 'touchstart', 'focusin'];
/**
 * Milliseconds: pages that lost or found their connection together check within the spread of a ring
 * for everybody, or longer, because each subscription takes a read as well, and all at once: of 3,000
 * reads a minute, 1,000 pages leave 2,000 for their checks and for what these find. `UNKNOWN_SPREAD` is for a
 * page that has not heard such a ring, and so does not know how many pages there are.
 */
const SHORTEST_SPREAD = 5_000;
const LONGER_SPREAD = { factor: 18, most: 180_000 };
const UNKNOWN_SPREAD = 180_000;
/**
 * Milliseconds of spread from which so many pages hear a ring for everybody that two reads of all of
 * them within a minute would exceed the site's quota: each page leaves `CROWD_PAUSE` between its own.
 */
const CROWD = 5_000;
const CROWD_PAUSE = 60_000;
/**
 * Reads that rings cause within a minute. A comment on an issue causes two: of the issues, and of the
 * status. When the hub closes hundreds of issues of one partner, each rings, and the pages of all its
 * people would use up the quota of the whole site.
 */
const MOST_READS = 20;
const MOST_READS_WITHIN = 60_000;
/**
 * Milliseconds for which gridwix repeats a ring at least: a page that connects within this time
 * after its rows were asked for misses nothing.
 */
const RINGS_REPEAT = 5_000;

/**
 * Each of `tasks` returns a promise of whether it succeeded: `read()` what rings named, `follow()`
 * the partner's submission, `check()` the numbers, and `safety()` both and what is on the screen.
 */
export class ChangeWatcher {
  #tasks;
  #timer = null;
  #running = false;
  #busy = false;
  #connection = 0;
  #openedAt = 0;
  /** When to read what rings named, by audience: the rings for the partner, and for everybody. */
  #reads = new Map();
  #crowdReadAt = -Infinity;
  /** When the newest reads that rings caused began, oldest first. */
  #readTimes = [];
  #state = { visible: true, realtime: false, failures: 0, triedAt: 0, usedAt: 0, checkedAt: 0, lostAt: 0, safeAt: 0, readAt: null, checkAt: null, followAt: [], stretch: 0 };

  constructor(tasks) {
    this.#tasks = tasks;
  }

  /** Rows are asked for; if those of another partner, no rings of it are heard yet. */
  opening(isOther) {
    this.#openedAt = Date.now();
    if (isOther) this.#state.realtime = false;
  }

  /** Start over, after everything on the screen was read, or failed to be. */
  start(succeeded) {
    const now = Date.now();
    this.#running = true;
    this.#reads.clear();
    Object.assign(this.#state, { usedAt: now, checkedAt: now, safeAt: now, triedAt: now, readAt: null, followAt: [], stretch: Math.random() });
    this.#state.failures = succeeded ? 0 : Math.max(1, this.#state.failures);
    for (const event of ACTIVITY_EVENTS) window.addEventListener(event, this.#onUse, { passive: true, capture: true });
    document.addEventListener('visibilitychange', this.#onVisibility);
    this.#state.visible = document.visibilityState === 'visible';
    this.#plan();
  }

  stop() {
    this.#running = false;
    clearTimeout(this.#timer);
    for (const event of ACTIVITY_EVENTS) window.removeEventListener(event, this.#onUse, { capture: true });
    document.removeEventListener('visibilitychange', this.#onVisibility);
  }

  /**
   * Whether rings arrive. `connection` counts the connections: what was rung between two is lost, so
   * the numbers are checked once after each.
   */
  connect({ connected, connection, spread }) {
    const isLost = this.#state.realtime && !connected;
    const isNew = connected && connection > this.#connection;
    this.#state.realtime = connected;
    if (isLost) this.#state.lostAt = Date.now();
    if (connected) this.#connection = Math.max(this.#connection, connection);
    // A check that is planned finds all: pages whose connection comes and goes would ask ever more often.
    const isDue = (isLost || isNew) && this.#state.checkAt === null;
    if (isDue && Date.now() - this.#openedAt > RINGS_REPEAT) this.#checkWithin(reconnectionSpread(spread.everybody));
    this.#plan();
  }

  /**
   * Read what rings named, each audience (`own`, `everybody`) after a random wait of at most its
   * spread in milliseconds. The first read that is due reads all.
   */
  readWithin(spreads) {
    const earliest = this.#readTimes.length < MOST_READS ? Date.now() : Math.max(Date.now(), this.#readTimes[0] + MOST_READS_WITHIN);
    for (const [audience, spread] of Object.entries(spreads)) {
      // A later ring, or a repeat, does not change when an earlier one of the audience is read.
      if (this.#reads.has(audience)) continue;
      const from = audience === 'everybody' && spread >= CROWD ? Math.max(earliest, this.#crowdReadAt + CROWD_PAUSE) : earliest;
      this.#reads.set(audience, from + Math.random() * spread);
    }
    this.#state.readAt = this.#reads.size ? Math.min(...this.#reads.values()) : null;
    this.#plan();
  }

  /** The partner has sent something: look for it until `stopFollowing`, a few times. */
  follow() {
    this.#state.followAt = followUpTimes(this.#state.realtime, Date.now());
    this.#plan();
  }

  stopFollowing() {
    this.#state.followAt = [];
    this.#plan();
  }

  /** Check at once, because a person asks for it. */
  async checkNow() {
    if (this.#running && !this.#busy) await this.#run('check');
  }

  #checkWithin(spread) {
    const at = Date.now() + Math.random() * spread;
    this.#state.checkAt = Math.min(this.#state.checkAt ?? at, at);
  }

  #plan() {
    clearTimeout(this.#timer);
    if (!this.#running || this.#busy) return;
    const next = nextTask(this.#state, Date.now());
    if (next) this.#timer = setTimeout(() => this.#run(next.task), Math.max(0, next.at - Date.now()));
  }

  async #run(task) {
    clearTimeout(this.#timer);
    this.#busy = true;
    const state = this.#state;
    state.triedAt = Date.now();
    if (task === 'read') {
      this.#dropReads();
      this.#readTimes = [...this.#readTimes, state.triedAt].slice(-MOST_READS);
    }
    if (task === 'follow') state.followAt = state.followAt.slice(1);
    if (task === 'check' || task === 'safety') {
      this.#dropReads();
      Object.assign(state, { checkedAt: state.triedAt, checkAt: null, stretch: Math.random() });
    }
    if (task === 'safety') state.safeAt = state.triedAt;
    const succeeded = await this.#tasks[task]();
    this.#busy = false;
    state.failures = succeeded ? 0 : state.failures + 1;
    this.#plan();
  }

  /** What rings named is being read, or checked. */
  #dropReads() {
    if (this.#reads.has('everybody')) this.#crowdReadAt = Date.now();
    this.#reads.clear();
    this.#state.readAt = null;
  }

  #onUse = () => {
    this.#state.usedAt = Date.now();
    this.#plan();
  };

  #onVisibility = () => {
    this.#state.visible = document.visibilityState === 'visible';
    // The check finds what was rung meanwhile.
    this.#reads.clear();
    this.#state.readAt = null;
    if (this.#state.visible) this.#checkWithin(0);
    this.#plan();
  };
}

/** Within how many milliseconds to check after a connection was lost or found. */
function reconnectionSpread(spread) {
  if (spread === null) return UNKNOWN_SPREAD;
  return Math.max(SHORTEST_SPREAD, Math.min(spread * LONGER_SPREAD.factor, spread + LONGER_SPREAD.most));
}
