/** The rows that were read so far. A view's sections are read when it is opened. */

import { needsOf } from './needs.js';

/** Return the rows of a section; none if it was not read. */
export function rowsOf(state, section) {
  return state.data?.sections[section]?.rows ?? [];
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
