/** The rows that were read so far. A view's sections are read when it is opened. */

import { needsOf } from './needs.js';

/** Return the rows of a section; none if it was not read. */
export function rowsOf(state, section) {
  return state.data?.sections[section]?.rows ?? [];
}

/**
 * True if the page does not show a section, or another area: it has no source, or the member's role
 * does not see it. People are for administrators alone; an earlier backend knows nothing of them.
 */
export function isHidden(state, name) {
  if (name === 'people' && state.data) return !state.data.may?.actions.includes('manage_people');
  return Boolean(state.data?.hidden.has(name));
}

/**
 * True if the member's role allows an action. The backend decides; an earlier one does not say, and
 * allows everything.
 */
export function mayAct(state, action) {
  return state.data?.may?.actions.includes(action) ?? true;
}

/** Return the address to open in place of one: an old link can name a section that is hidden now. */
export function shownAddress(state, address) {
  return isHidden(state, address.section) ? { section: 'overview' } : address;
}

/** True if the page shows an area from now on, of which it has no rows yet. */
export function isLit(before, after) {
  return [...(before?.hidden ?? [])].some((name) => !after.hidden.has(name));
}

/** True if all sections that the open view needs were read. */
export function isLoaded(state) {
  return Boolean(state.data) && needsOf(state.section).every((name) => name in state.data.sections);
}

/**
 * Find the row of a record, by the row's id or the record's. A request's row has the id of the
 * submission, and names the request in `record`.
 */
export function findRow(state, id, section = state.section) {
  return rowsOf(state, section).find((row) => isRecord(row, id));
}

/** True if a row has this id, or shows the record that has it. */
export function isRecord(row, id) {
  return row.id === id || (row.kind === 'request' && row.record === `collaboration-requests/${id}`);
}
