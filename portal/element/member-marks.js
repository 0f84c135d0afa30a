/** The member's read marks on the page: which rows are unread, which were seen, and what is said of them. */

import { MarksSync } from './marks-sync.js';
import { SeenRows } from './seen.js';
import { rowsOf } from './section-rows.js';
import { News, unreadRows } from './unread.js';

export class MemberMarks {
  #root;
  #ui;
  #sync;
  #seen = new SeenRows((section, id) => this.#markSeen(section, id));
  #news = new News();
  #partner = null;

  /** `ui()` returns the current one, `render()` shows changes. */
  constructor(root, ui, render) {
    this.#root = root;
    this.#ui = ui;
    this.#sync = new MarksSync((method, ...args) => ui().ask(method, ...args), render);
  }

  /** See `MarksSync`. */
  get phase() {
    return this.#sync.phase;
  }

  get isUnsaved() {
    return this.#sync.isUnsaved;
  }

  isUnread(section, row) {
    return this.#sync.isUnread(section, row);
  }

  /** A partner's rows are shown; null: none. */
  async open(partner) {
    if (partner === this.#partner) return;
    this.#partner = partner;
    this.#news.clear();
    if (partner === null) return void this.#sync.open(null);
    this.#seen.start(this.#root);
    await this.#sync.open(partner);
    const count = partner === this.#partner ? this.takeNews() : 0;
    if (count) this.#ui().announce(this.#ui().t('new.said', { count }));
  }

  stop() {
    this.#sync.stop();
    this.#seen.stop(this.#root);
    this.#partner = null;
  }

  refresh() {
    return this.#sync.refresh();
  }

  markAll(sections) {
    this.#sync.markAll(sections);
  }

  /** Watch the marks that are on the page now. */
  watch() {
    this.#seen.watch(this.#root);
  }

  /** Return how many unread rows nobody was told of yet, and count them as told. */
  takeNews() {
    return this.#news.take(unreadRows(this.#ui()));
  }

  #markSeen(section, id) {
    const row = rowsOf(this.#ui().state, section).find((one) => one.id === id);
    if (row) this.#sync.mark(section, row);
  }
}
