/** What is new for the member: marks of rows, numbers of the navigation, and the newest rows. */

import { h } from './html.js';
import { MARKED_SECTIONS, changedAt } from './read-marks.js';
import { rowsOf } from './section-rows.js';

/** The mark of a row that the member has not read, to put beside its title or its chips. */
export function newMark(ui, section, row) {
  return ui.marks.isUnread(section, row) ? h('span', { key: 'new', class: 'new-mark', 'data-unread': `${section}/${row.id}` }, ui.t('new.mark')) : null;
}

export function countUnread(ui, section) {
  return rowsOf(ui.state, section).filter((row) => ui.marks.isUnread(section, row)).length;
}

/** The number of new rows beside a section's name. */
export function newCount(ui, section) {
  const count = countUnread(ui, section);
  if (!count) return null;
  return h(
    'span',
    { key: 'new', class: 'new-count' },
    h('span', { 'aria-hidden': 'true' }, ui.number(count)),
    h('span', { class: 'unseen' }, ui.t('new.count', { count })),
  );
}

/** Return the rows that the member has not read, `[{section, row, at}]`, newest first. */
export function unreadRows(ui) {
  const found = MARKED_SECTIONS.flatMap((section) =>
    rowsOf(ui.state, section)
      .filter((row) => ui.marks.isUnread(section, row))
      .map((row) => ({ section, row, at: changedAt(section, row) })),
  );
  return found.sort((one, other) => (one.at === other.at ? 0 : one.at < other.at ? 1 : -1));
}

/**
 * Counts the unread rows that nobody was told of yet, for the live region: each change of a row
 * counts once.
 */
export class News {
  #told = new Set();

  /** `rows` as `unreadRows` returns them. */
  take(rows) {
    const fresh = rows.map(({ section, row, at }) => `${section}/${row.id}/${at}`).filter((key) => !this.#told.has(key));
    for (const key of fresh) this.#told.add(key);
    return fresh.length;
  }

  clear() {
    this.#told.clear();
  }
}
