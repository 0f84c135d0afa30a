/** The header's tools: what is new, and the member's settings. */

import { h } from './html.js';
import { icon } from './icons.js';
import { callout, time } from './parts.js';
import { MARKED_SECTIONS } from './read-marks.js';
import { rowsOf } from './section-rows.js';
import { unreadRows } from './unread.js';

/** Rows in the list. */
const MOST = 8;

export function newsTools(ui) {
  const { section, newsOpen } = ui.state;
  const rows = unreadRows(ui);
  const label = rows.length ? ui.t('news.bell.count', { count: rows.length }) : ui.t('news.bell');
  return h(
    'div',
    {
      key: 'own',
      class: 'own-tools',
      on: {
        keydown: (event) => newsOpen && event.key === 'Escape' && close(ui),
        focusout: ({ currentTarget, relatedTarget }) => relatedTarget && !currentTarget.contains(relatedTarget) && leave(ui),
      },
    },
    h(
      'button',
      {
        key: 'bell',
        type: 'button',
        class: 'head-tool',
        'data-focus': 'bell',
        'aria-label': label,
        title: label,
        'aria-expanded': String(newsOpen),
        'aria-controls': newsOpen ? 'news' : null,
        on: { click: () => toggle(ui) },
      },
      icon('bell'),
      rows.length ? h('span', { class: 'tool-count', 'aria-hidden': 'true' }, rows.length > 99 ? '99+' : ui.number(rows.length)) : null,
    ),
    newsOpen ? news(ui, rows) : null,
    h(
      'button',
      {
        key: 'settings',
        type: 'button',
        class: 'head-tool',
        'aria-label': ui.t('nav.settings'),
        title: ui.t('nav.settings'),
        'aria-current': section === 'settings' ? 'page' : null,
        on: { click: () => ui.open('settings') },
      },
      icon('settings'),
    ),
  );
}

function toggle(ui) {
  ui.state.newsOpen = !ui.state.newsOpen;
  ui.render();
  if (!ui.state.newsOpen) return;
  ui.marks.refresh();
  ui.reload(MARKED_SECTIONS);
}

/** Close the list when the focus or a click goes elsewhere: it would cover what has the focus. */
function leave(ui) {
  if (!ui.state.newsOpen) return;
  ui.state.newsOpen = false;
  ui.render();
}

/** Listener of the whole element. The path is that of the click: a row may have gone since. */
export function clickedBeside(ui) {
  return (event) => event.composedPath().some((node) => node.classList?.contains('own-tools')) || leave(ui);
}

function close(ui) {
  ui.state.newsOpen = false;
  ui.focus('bell');
}

function news(ui, rows) {
  const { data } = ui.state;
  const error = MARKED_SECTIONS.map((name) => data.failed.get(name)).find(Boolean);
  const isLoading = ui.marks.phase === 'loading' || MARKED_SECTIONS.some((name) => data.loading.has(name));
  const retry = () => {
    ui.marks.refresh();
    ui.reload(MARKED_SECTIONS);
    ui.focus('bell');
  };
  return h(
    'div',
    { key: 'news', id: 'news', class: 'card news', role: 'group', 'aria-label': ui.t('news.title') },
    h(
      'div',
      { key: 'title', class: 'news-head' },
      h('p', { class: 'news-title' }, ui.t('news.title')),
      rows.length ? h('button', { type: 'button', class: 'link', on: { click: () => markAll(ui) } }, ui.t('news.markAll')) : null,
    ),
    rows.length
      ? h(
          'ul',
          { key: 'list', class: 'news-list' },
          rows.slice(0, MOST).map((one) => newsItem(ui, one)),
        )
      : null,
    rows.length > MOST ? h('p', { key: 'more', class: 'hint' }, ui.t('news.more', { count: rows.length - MOST })) : null,
    isLoading ? h('p', { key: 'loading', class: 'hint' }, ui.t('news.loading')) : null,
    error || ui.marks.phase === 'failed'
      ? callout(
          'bad',
          'alert',
          h('p', null, ui.t('news.failed')),
          h('button', { type: 'button', class: 'link', on: { click: retry } }, ui.t('tryAgain')),
        )
      : null,
    !rows.length && !isLoading && !error && ui.marks.phase === 'ready' ? h('p', { key: 'empty', class: 'hint' }, ui.t('news.empty')) : null,
    ui.marks.isUnsaved ? h('p', { key: 'unsaved', class: 'hint' }, ui.t('news.unsaved')) : null,
  );
}

function newsItem(ui, { section, row, at }) {
  return h(
    'li',
    { key: `${section}/${row.id}` },
    icon(section),
    h(
      'div',
      null,
      h('button', { type: 'button', class: 'link', dir: 'auto', on: { click: () => ui.open(section, row.id) } }, titleOf(ui, section, row)),
      h('p', { class: 'meta' }, h('span', null, ui.t(`nav.${section}`)), time(ui, at)),
    ),
  );
}

function titleOf(ui, section, row) {
  const title = { issues: () => ui.textOf(row, 'subject'), requests: () => ui.textOf(row, 'title') }[section]?.() ?? row.title;
  return title || ui.t(`nav.${section}`);
}

function markAll(ui) {
  const sections = MARKED_SECTIONS.filter((name) => name in ui.state.data.sections);
  ui.marks.markAll(Object.fromEntries(sections.map((name) => [name, rowsOf(ui.state, name)])));
  ui.announce(ui.t('news.allRead'));
  ui.focus('bell');
}
