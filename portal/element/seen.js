/**
 * Finds the rows that a person has seen: rows with a mark (`data-unread`) that is on the screen, of a
 * row that is unfolded, for a while.
 */

/** Milliseconds for which a row has to be on the screen. */
const SEEN_AFTER = 2_000;

export class SeenRows {
  #seen;
  /** By mark: its timer, or null while the row is not on the screen. */
  #timers = new Map();
  #observer = new IntersectionObserver((entries) => entries.forEach((entry) => this.#notice(entry.target, entry.isIntersecting)), { threshold: 1 });

  /** `seen(section, id)` is called once for each mark. */
  constructor(seen) {
    this.#seen = seen;
  }

  start(root) {
    // A toggle does not bubble.
    root.addEventListener('toggle', this.#onToggle, { capture: true });
    document.addEventListener('visibilitychange', this.#onVisibility);
  }

  stop(root) {
    root.removeEventListener('toggle', this.#onToggle, { capture: true });
    document.removeEventListener('visibilitychange', this.#onVisibility);
    this.#observer.disconnect();
    for (const timer of this.#timers.values()) clearTimeout(timer);
    this.#timers.clear();
  }

  /** Watch the marks that are there now, and no others. */
  watch(root) {
    const marks = new Set(root.querySelectorAll('[data-unread]'));
    for (const [mark, timer] of this.#timers) {
      if (marks.has(mark)) continue;
      clearTimeout(timer);
      this.#timers.delete(mark);
      this.#observer.unobserve(mark);
    }
    for (const mark of marks) {
      if (this.#timers.has(mark)) continue;
      this.#timers.set(mark, null);
      this.#observer.observe(mark);
    }
  }

  #notice(mark, onScreen) {
    if (!this.#timers.has(mark)) return;
    clearTimeout(this.#timers.get(mark));
    const isShown = onScreen && document.visibilityState === 'visible' && !mark.closest('details:not([open])');
    this.#timers.set(mark, isShown ? setTimeout(() => this.#finish(mark), SEEN_AFTER) : null);
  }

  #finish(mark) {
    const [section, ...id] = mark.dataset.unread.split('/');
    this.#seen(section, id.join('/'));
  }

  /** The observer tells of each mark anew. */
  #restart(marks) {
    for (const mark of marks) {
      this.#observer.unobserve(mark);
      this.#observer.observe(mark);
    }
  }

  #onToggle = ({ target }) => this.#restart([...this.#timers.keys()].filter((mark) => target.contains(mark)));

  #onVisibility = () => {
    for (const mark of this.#timers.keys()) this.#notice(mark, false);
    if (document.visibilityState === 'visible') this.#restart(this.#timers.keys());
  };
}
