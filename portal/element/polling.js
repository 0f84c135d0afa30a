/**
 * When to ask whether something has changed: every 2.5 seconds while the page is in view and somebody has used it in the last five minutes, else every
 * 15; more rarely while the answers fail.
 */

const AWAKE = 2_500;
const ASLEEP = 15_000;
const USED_FOR = 5 * 60_000;
const SLOWEST = 60_000;
const USES = ['pointerdown', 'keydown', 'wheel', 'touchstart', 'focusin'];

/** `beat` is awaited; it gives whether it went well. */
export class Pulse {
  #beat;
  #timer = null;
  #running = false;
  #beating = null;
  #again = false;
  #failures = 0;
  #used = 0;

  constructor(beat) {
    this.#beat = beat;
  }

  start() {
    this.#running = true;
    this.#used = Date.now();
    for (const use of USES) window.addEventListener(use, this.#onUse, { passive: true, capture: true });
    document.addEventListener('visibilitychange', this.#onVisible);
    this.#plan();
  }

  stop() {
    this.#running = false;
    clearTimeout(this.#timer);
    for (const use of USES) window.removeEventListener(use, this.#onUse, { capture: true });
    document.removeEventListener('visibilitychange', this.#onVisible);
  }

  /** Ask now: something was sent, or somebody wants to know. */
  async soon() {
    clearTimeout(this.#timer);
    if (!this.#running) return;
    // One at a time: what is asked for meanwhile comes right after.
    if (this.#beating) return void (this.#again = true);
    this.#beating = this.#beat();
    const well = await this.#beating;
    this.#beating = null;
    this.#failures = well ? 0 : this.#failures + 1;
    if (this.#again) {
      this.#again = false;
      return this.soon();
    }
    this.#plan();
  }

  #plan() {
    clearTimeout(this.#timer);
    if (this.#running) this.#timer = setTimeout(() => this.soon(), this.#wait());
  }

  #wait() {
    const awake = document.visibilityState === 'visible' && Date.now() - this.#used < USED_FOR;
    return Math.max(awake ? AWAKE : ASLEEP, this.#failures ? Math.min(AWAKE * 2 ** this.#failures, SLOWEST) : 0);
  }

  #onUse = () => {
    const slept = Date.now() - this.#used >= USED_FOR;
    this.#used = Date.now();
    if (slept) this.soon();
  };

  #onVisible = () => {
    if (document.visibilityState === 'visible') this.soon();
  };
}
