/**
 * The controls of a section's list: search, filters, order, how many rows there are, and pages.
 *
 * All of it works on the rows that were read. If the section has more, that is said beside the count,
 * with a button to read the rest, so that a part is never taken for everything.
 */

import { h } from '../html.js';
import { icon } from '../icons.js';
import { rowsOf } from '../section-rows.js';
import { tidyList } from '../addresses.js';
import { LISTS } from './kinds.js';
import { pageNumbers } from './matching.js';
import { rest } from './rest.js';
import { announceLater, commit, search, summarize } from './typing.js';
import { PERIODS, select, stateChoices, typeChoices } from './selection.js';

/** A list of so few rows has no controls. */
const FEW = 7;
/**
 * Return the list of a section: what `select` returns, and `head` and `end` to put around the rows
 * of the page. `rows` are those that the section lists, if not all. If nothing matches, `head` says so.
 */
export function listOf(ui, section, rows = rowsOf(ui.state, section)) {
  const list = select(ui, section, rows);
  const hasControls = rows.length > FEW || list.isNarrowed || list.next || list.page > 1;
  return {
    ...list,
    head: hasControls
      ? [controls(ui, section, list, rows), h('div', { key: 'count', class: 'list-count' }, count(ui, list), list.isNarrowed ? reset(ui) : null), rest(ui, section, list), list.found ? null : noneFound(ui)]
      : rest(ui, section, list),
    end: list.pages > 1 ? pagination(ui, section, list) : null,
  };
}

function controls(ui, section, list, rows) {
  const { unfolded } = ui.state;
  const { q = '', state, type, since } = ui.state.list;
  const active = [state, type, since].filter(Boolean).length;
  return h(
    'div',
    { key: 'controls', class: 'list-controls', role: 'search', 'aria-label': ui.t('lists.controls', { section: ui.t(`nav.${section}`) }) },
    h(
      'div',
      { class: 'field list-search' },
      h('label', { for: 'list-search' }, ui.t('lists.search')),
      h('input', {
        id: 'list-search',
        type: 'search',
        maxlength: 100,
        autocomplete: 'off',
        dir: 'auto',
        'data-focus': 'list-search',
        current: { value: q },
        on: { input: (event) => search(ui, event.target.value), change: () => commit(ui) },
      }),
    ),
    h(
      'button',
      { type: 'button', class: 'button list-fold', 'aria-expanded': unfolded ? 'true' : 'false', 'aria-controls': 'list-filters', on: { click: () => unfold(ui) } },
      active ? ui.t('lists.filters.active', { count: active }) : ui.t('lists.filters'),
    ),
    h(
      'div',
      { id: 'list-filters', class: unfolded ? 'list-filters' : 'list-filters folded' },
      filter(ui, 'state', ui.t('lists.state'), stateChoices(ui, section, rows), ui.t('lists.state.any')),
      filter(ui, 'type', ui.known(`lists.type.${section}`) ?? ui.t('lists.type'), typeChoices(ui, section, rows), ui.known(`lists.type.${section}.any`) ?? ui.t('lists.type.any')),
      filter(ui, 'since', ui.t(`lists.since.${section}`), Object.keys(PERIODS).map((name) => [name, ui.t(`lists.period.${name}`)]), ui.t('lists.period.any')),
      filter(ui, 'sort', ui.t('lists.sort'), Object.keys(LISTS[section].sorts).map((name) => [name, ui.t(`lists.sort.${name}`)]), null, list.sort),
    ),
  );
}

/** A choice that is part of the address. One that the rows no longer have is still shown. */
function filter(ui, name, label, choices, any, value = ui.state.list[name] ?? '') {
  if (choices.length < 2 && !value) return null;
  const unknown = value && !choices.some(([one]) => one === value) ? [[value, value]] : [];
  return h(
    'div',
    { key: name, class: 'field' },
    h('label', { for: `list-${name}` }, label),
    h(
      'select',
      { id: `list-${name}`, current: { value }, on: { change: (event) => change(ui, { [name]: event.target.value }) } },
      any ? h('option', { key: '', value: '' }, any) : null,
      [...choices, ...unknown].map(([one, text]) => h('option', { key: one, value: one }, text)),
    ),
  );
}

function count(ui, list) {
  const text = countText(ui, list);
  summarize(ui, text);
  return h('p', { class: 'list-range', tabindex: '-1', 'data-focus': 'list-range' }, text);
}

function countText(ui, { found, all, from, to, isNarrowed }) {
  if (isNarrowed) return found ? ui.t('lists.found', { first: from + 1, last: to, count: found, all }) : ui.t('lists.found.none', { count: all });
  return ui.t('lists.range', { first: Math.min(from + 1, to), last: to, count: all });
}

function reset(ui) {
  const on = { click: () => change(ui, { q: '', state: '', type: '', since: '' }, 'list-search') };
  return h('button', { type: 'button', class: 'link', on }, ui.t('lists.reset'));
}

/** A search without result looks different from a section without rows. */
function noneFound(ui) {
  return h('div', { key: 'none', class: 'empty' }, icon('search'), h('p', { class: 'empty-title' }, ui.t('lists.none')), h('p', null, ui.t('lists.noneHelp')));
}

function pagination(ui, section, { page, pages }) {
  const turn = (number) => () => change(ui, { page: number }, 'list-range');
  const step = (number, text, isPossible) => h('button', { type: 'button', class: 'button', disabled: !isPossible, on: { click: turn(number) } }, text);
  return h(
    'nav',
    { key: 'pages', class: 'pages', 'aria-label': ui.t('lists.pages', { section: ui.t(`nav.${section}`) }) },
    step(page - 1, ui.t('lists.previous'), page > 1),
    h(
      'ol',
      null,
      pageNumbers(page, pages).map((number, place) =>
        h(
          'li',
          { key: number ? String(number) : `gap-${place}` },
          number
            ? h('button', { type: 'button', class: 'page-number', 'aria-label': ui.t('lists.page', { page: number, pages }), 'aria-current': number === page ? 'page' : null, on: { click: turn(number) } }, ui.number(number))
            : h('span', { 'aria-hidden': 'true' }, '…'),
        ),
      ),
    ),
    step(page + 1, ui.t('lists.next'), page < pages),
  );
}

/** Change what the list shows, as an entry of the history. `focus`: what gets the focus then. */
function change(ui, changes, focus = null) {
  const { section, list } = ui.state;
  ui.go({ section, list: tidyList({ ...list, page: 1, ...changes }) }, focus);
  announceLater(ui);
}

function unfold(ui) {
  ui.state.unfolded = !ui.state.unfolded;
  ui.render();
}
