/**
 * Search in all sections. Its view needs the rows of all of them, so those that were not read yet are
 * read with one call when it is opened, and later only when they change.
 */

import { h } from '../html.js';
import { icon } from '../icons.js';
import { showKeys } from '../keys.js';
import { LISTS } from '../lists/kinds.js';
import { wordsOf } from '../lists/matching.js';
import { rest } from '../lists/rest.js';
import { searchRows } from '../lists/selection.js';
import { announceLater, commit, search as searchFor, summarize } from '../lists/typing.js';
import { NAVIGATION } from '../needs.js';
import { callout, chip, heading, time, tone } from '../parts.js';

/** People have a search of their own alone: they are loaded when their section is opened. */
const NAMES = NAVIGATION.filter((name) => Object.hasOwn(LISTS, name) && name !== 'people');
/** Rows of a section that the results show; its list has all of them. */
const MOST = 5;

export function search(ui) {
  const { list, data } = ui.state;
  const isAsked = wordsOf(list.q).length > 0;
  const known = NAMES.filter((name) => data.sections[name]);
  const groups = isAsked ? known.map((name) => [name, searchRows(ui, name, list.q)]).filter(([, rows]) => rows.length) : [];
  const count = groups.reduce((sum, [, rows]) => sum + rows.length, 0);
  if (isAsked) summarize(ui, count ? ui.t('search.found', { count }) : ui.t('search.none'));
  const { failed } = data;
  const error = NAMES.map((name) => failed.get(name)).find(Boolean);
  const isReading = known.length < NAMES.length && !error;
  return [
    heading(ui, 'search'),
    box(ui),
    error ? unread(ui, error, NAMES.filter((name) => failed.has(name))) : null,
    isReading ? h('p', { key: 'reading', class: 'hint' }, ui.t('search.reading')) : null,
    isAsked ? h('p', { key: 'count', class: 'list-range', tabindex: '-1', 'data-focus': 'list-range' }, count ? ui.t('search.found', { count }) : isReading ? null : ui.t('search.none')) : h('p', { key: 'help', class: 'hint' }, ui.t('search.help')),
    groups.map(([name, rows]) => group(ui, name, rows)),
    isAsked ? known.filter((name) => data.sections[name].next).map((name) => partial(ui, name)) : null,
    isAsked && !count && !isReading ? h('div', { key: 'none', class: 'empty' }, icon('search'), h('p', { class: 'empty-title' }, ui.t('lists.none')), h('p', null, ui.t('search.noneHelp'))) : null,
    h('p', { key: 'keys' }, h('button', { type: 'button', class: 'link', on: { click: () => showKeys(ui.host.shadowRoot) } }, ui.t('keys'))),
  ];
}

function box(ui) {
  return h(
    'form',
    {
      key: 'box',
      class: 'card list-controls',
      role: 'search',
      on: {
        submit: (event) => {
          event.preventDefault();
          commit(ui);
          announceLater(ui);
        },
      },
    },
    h(
      'div',
      { class: 'field list-search' },
      h('label', { for: 'search' }, ui.t('search.label')),
      h('input', {
        id: 'search',
        type: 'search',
        maxlength: 100,
        autocomplete: 'off',
        dir: 'auto',
        'data-focus': 'search',
        current: { value: ui.state.list.q ?? '' },
        on: { input: (event) => searchFor(ui, event.target.value), change: () => commit(ui) },
      }),
    ),
  );
}

function group(ui, name, rows) {
  const sorted = Object.values(LISTS[name].sorts)[0](ui, rows);
  const { list } = ui.state;
  const titleId = `results-${name}`;
  return h(
    'section',
    { key: name, class: 'card results', 'aria-labelledby': titleId },
    h('h4', { id: titleId }, icon(name), h('span', null, ui.t('search.group', { section: ui.t(`nav.${name}`), count: rows.length }))),
    h(
      'ul',
      null,
      sorted.slice(0, MOST).map((row) => h('li', { key: row.id }, result(ui, name, row))),
    ),
    rows.length > MOST ? h('button', { type: 'button', class: 'link', on: { click: () => ui.go({ section: name, list: { q: list.q } }, 'heading') } }, ui.t('search.all', { count: rows.length, section: ui.t(`nav.${name}`) })) : null,
  );
}

function result(ui, name, row) {
  const { title, status, number, date } = LISTS[name];
  return [
    h('button', { type: 'button', class: 'link', dir: 'auto', on: { click: () => ui.open(name, row.id) } }, title(ui, row)),
    h('p', { class: 'meta' }, number ? h('span', { class: 'number' }, number(row)) : null, chip(status(ui, row), tone(row.status)), time(ui, date(row), 'day')),
  ];
}

/** A section of which only a part was searched. */
function partial(ui, name) {
  return h('div', { key: `partial-${name}`, class: 'partial' }, h('h4', null, ui.t(`nav.${name}`)), rest(ui, name, { isNarrowed: true }));
}

function unread(ui, error, names) {
  return h(
    'div',
    { key: 'unread', role: 'alert' },
    callout(
      'bad',
      'alert',
      h('p', null, ui.t('search.unread', { sections: ui.list(names.map((name) => ui.t(`nav.${name}`))) }), ' ', ui.error(error, { reading: true })),
      h('button', { type: 'button', class: 'link', on: { click: () => ui.reload() } }, ui.t('tryAgain')),
    ),
  );
}
