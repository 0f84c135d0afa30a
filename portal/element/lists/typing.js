/**
 * Search fields: what is typed applies at once, and becomes an address, thus an entry of the
 * browser's history, when the field is left or Enter is pressed.
 */

import { tidyList } from '../addresses.js';

/** Milliseconds without a change after which what is found is announced. */
const SETTLED = 700;

/** What is found, in words, and the timer of its announcement, by the element's state. */
const summaries = new WeakMap();
const timers = new WeakMap();

/** Show what matches a text while it is typed. */
export function search(ui, q) {
  const { list } = ui.state;
  Object.assign(ui.state, { record: null, list: { ...tidyList({ ...list, page: 1 }), q } });
  ui.render();
  announceLater(ui);
}

export function commit(ui) {
  const { section, list } = ui.state;
  ui.go({ section, list: tidyList(list) }, null);
}

/** Note what the open view has found, in words, for `announceLater`. */
export function summarize(ui, text) {
  summaries.set(ui.state, text);
}

/** Announce what is found, once nothing has changed for a moment. */
export function announceLater(ui) {
  const { section, partner } = ui.state;
  clearTimeout(timers.get(ui.state));
  const say = () => ui.state.section === section && ui.state.partner === partner && ui.announce(summaries.get(ui.state) ?? '');
  timers.set(ui.state, setTimeout(say, SETTLED));
}
