/** Brings what a person, or the page's address, asked for into view. */

import { findRow, isLoaded } from './section-rows.js';

/**
 * Show what is wanted, `{record, name, focus}`: the row of a record, or without one, or if there is
 * none, the element with that name in `data-focus`. Only what a person asked for gets the focus.
 * Returns false while it is not on the page yet.
 */
export function reveal(root, state, { record, name, focus }) {
  const find = (one) => root.querySelector(`[data-focus="${CSS.escape(one)}"]`);
  const row = record ? findRow(state, record) : null;
  if (record && !row && !isLoaded(state)) return false;
  const wanted = (row && find(`record/${row.id}`)) || find(name);
  if (!wanted) return false;
  if (!row && !focus) return true;
  const details = wanted.closest('details');
  if (details) details.open = true;
  if (focus) wanted.focus();
  wanted.scrollIntoView({ block: 'nearest' });
  return true;
}

/** Where the navigation is a row that scrolls, bring the open section into it. */
export function scrollNavigation(root) {
  const item = root.querySelector('.nav-item[aria-current]');
  const list = item?.closest('ul');
  if (!list) return;
  const [one, all] = [item, list].map((element) => element.getBoundingClientRect());
  // Not scrollIntoView, which might move the page, too.
  list.scrollBy(one.x + one.width / 2 - (all.x + all.width / 2), 0);
}
