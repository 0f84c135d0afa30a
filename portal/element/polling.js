/**
 * Polling schedule: every 2.5 seconds while the page is visible and was used in the last five
 * minutes, else every 15 seconds. Exponential backoff up to a minute while polls fail.
 */

const ACTIVE_INTERVAL = 2_500;
const IDLE_INTERVAL = 15_000;
const ACTIVE_FOR = 5 * 60_000;
const MAX_DELAY = 60_000;
const ACTIVITY_EVENTS = ['pointerdown', 'keydown', 'wheel', 'touchstart', 'focusin'];

/** Calls `poll` by the schedule. `poll` returns a promise of whether it succeeded. */
export class ChangePoller {
  #poll;
  #timer = null;
  #running = false;
  #current = null;
  #again = false;
  #failures = 0;
  #lastUsed = 0;

  constructor(poll) {
    this.#poll = poll;
  }

  start() {
    this.#running = true;
    this.#lastUsed = Date.now();
    for (const event of ACTIVITY_EVENTS) window.addEventListener(event, this.#onUse, { passive: true, capture: true });
    document.addEventListener('visibilitychange', this.#onVisible);
    this.#schedule();
  }

  stop() {
    this.#running = false;
    clearTimeout(this.#timer);
    for (const event of ACTIVITY_EVENTS) window.removeEventListener(event, this.#onUse, { capture: true });
    document.removeEventListener('visibilitychange', this.#onVisible);
  }

  /** Poll now, for example after a submission. */
  async pollNow() {
    clearTimeout(this.#timer);
    if (!this.#running) return;
    // One poll at a time: a poll that is requested meanwhile follows at once.
    if (this.#current) return void (this.#again = true);
    this.#current = this.#poll();
    const succeeded = await this.#current;
    this.#current = null;
    this.#failures = succeeded ? 0 : this.#failures + 1;
    if (this.#again) {
      this.#again = false;
      return this.pollNow();
    }
    this.#schedule();
  }

  #schedule() {
    clearTimeout(this.#timer);
    if (this.#running) this.#timer = setTimeout(() => this.pollNow(), this.#delay());
  }

  #delay() {
    const isActive = document.visibilityState === 'visible' && Date.now() - this.#lastUsed < ACTIVE_FOR;
    return Math.max(isActive ? ACTIVE_INTERVAL : IDLE_INTERVAL, this.#failures ? Math.min(ACTIVE_INTERVAL * 2 ** this.#failures, MAX_DELAY) : 0);
  }

  #onUse = () => {
    const wasIdle = Date.now() - this.#lastUsed >= ACTIVE_FOR;
    this.#lastUsed = Date.now();
    if (wasIdle) this.pollNow();
  };

  #onVisible = () => {
    if (document.visibilityState === 'visible') this.pollNow();
  };
}
