/**
 * Selects the rows of a section that a list shows: those that its search and filters match, in its
 * order, and of these one page.
 */

import { isRecord, rowsOf } from '../section-rows.js';
import { LISTS } from './kinds.js';
import { PAGE_SIZE, matches, normalize, pageAt, wordsOf } from './matching.js';

/** Days back that a list can be narrowed to, by name. Today counts. */
export const PERIODS = { '7d': 7, '30d': 30, '90d': 90, '12m': 365 };

/** Texts of rows for searching, each worked out once for a language. */
const searchable = new WeakMap();

/**
 * Return what the open view's list shows of `rows`, those of the section that it lists:
 *
 *   rows       those on the page, in order
 *   found, all the numbers of rows that match, and of those that were read
 *   page, pages, from, to   as of `pageAt`
 *   sort       the name of the order
 *   isNarrowed something is searched or filtered
 *   next       the section has rows that were not read
 */
export function select(ui, section, rows = rowsOf(ui.state, section)) {
  const { list, record, data, printing } = ui.state;
  const kind = LISTS[section];
  const sort = Object.hasOwn(kind.sorts, list.sort ?? '') ? list.sort : Object.keys(kind.sorts)[0];
  const found = kind.sorts[sort](ui, filter(ui, section, rows));
  // A record that is opened is on the page that is shown.
  const place = record ? found.findIndex((row) => isRecord(row, record)) : -1;
  // On paper there is nothing to turn pages with, so a program's steps are all there.
  const size = printing && section === 'onboarding' ? Math.max(1, found.length) : PAGE_SIZE;
  const page = pageAt(found.length, list.page ?? (place < 0 ? 1 : 1 + Math.floor(place / size)), size);
  const isNarrowed = Boolean(list.q || list.state || list.type || Object.hasOwn(PERIODS, list.since ?? ''));
  const next = Boolean(data.sections[section]?.next);
  return { ...page, rows: found.slice(page.from, page.to), found: found.length, all: rows.length, sort, isNarrowed, next };
}

/** Return the rows of a section that have all words of a search. */
export function searchRows(ui, section, search) {
  const words = wordsOf(search);
  return rowsOf(ui.state, section).filter((row) => matches(words, searchTextOf(ui, section, row)));
}

/** Return the choices of the filter by state, `[[value, label]]`: the groups, then the statuses of the rows. */
export function stateChoices(ui, section, rows) {
  const { groups, status } = LISTS[section];
  return [...Object.keys(groups).map((name) => [name, ui.t(`lists.state.${name}`)]), ...distinct(rows, (row) => [row.status, status(ui, row)])];
}

/** Return the choices of the filter by type, `[[value, label]]`, by label. */
export function typeChoices(ui, section, rows) {
  return distinct(rows, (row) => LISTS[section].type(ui, row)).sort(([, one], [, other]) => String(one).localeCompare(String(other), ui.locale));
}

function filter(ui, section, rows) {
  const { q = '', state, type, since } = ui.state.list;
  const { groups, date, type: typeOf } = LISTS[section];
  const words = wordsOf(q);
  const days = Object.hasOwn(PERIODS, since ?? '') ? PERIODS[since] : null;
  return rows.filter(
    (row) =>
      (!state || (Object.hasOwn(groups, state) ? groups[state](ui, row) : row.status === state)) &&
      (!type || typeOf(ui, row)[0] === type) &&
      (days === null || isWithin(ui.dates.daysAway(date(row)), days)) &&
      matches(words, words.length ? searchTextOf(ui, section, row) : ''),
  );
}

/** True for one of the last days. What is still to come is in none of them. */
function isWithin(daysAway, days) {
  return daysAway <= 0 && daysAway > -days;
}

function searchTextOf(ui, section, row) {
  const known = searchable.get(row);
  if (known?.ui === ui) return known.text;
  const { title, status, number = () => '', type, texts } = LISTS[section];
  const text = normalize([number(row), title(ui, row), status(ui, row), type(ui, row)[1], ...texts(ui, row)].filter(Boolean).join('\n'));
  searchable.set(row, { ui, text });
  return text;
}

/** Return the pairs of value and label that rows have, each value once; none for rows without one. */
function distinct(rows, pairOf) {
  return [...new Map(rows.map(pairOf).filter(([value, label]) => value && label))];
}
