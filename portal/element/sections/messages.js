/** Messages from the hub to the partner. */

import { sanitizeHtml } from '../sanitize.js';
import { h } from '../html.js';
import { icon } from '../icons.js';
import { listOf } from '../lists/list.js';
import { chip, empty, freshness, heading, link, time } from '../parts.js';
import { newMark } from '../unread.js';

/** The messages, newest first. */
export function newest(ui) {
  return [...ui.state.data.sections.messages.rows].sort((one, other) => (one.sentAt < other.sentAt ? 1 : -1));
}

export function messages(ui) {
  const { rows } = ui.state.data.sections.messages;
  const list = listOf(ui, 'messages');
  return [
    heading(ui, 'messages'),
    list.head,
    rows.length
      ? h(
          'ul',
          { class: 'messages', key: 'list' },
          list.rows.map((row) => h('li', { key: row.id, class: `card message ${row.importance} ${freshness(ui, 'messages', row)}` }, messageCard(ui, row))),
        )
      : empty(ui, 'messages', 'messages'),
    list.end,
  ];
}

function messageCard(ui, row) {
  return [
    h(
      'div',
      { class: 'card-head', key: 'head' },
      h('h4', { dir: 'auto', tabindex: '-1', 'data-focus': `record/${row.id}` }, row.title),
      newMark(ui, 'messages', row),
      row.importance === 'important' ? chip(ui.t('messages.important'), 'warn', 'alert') : null,
      row.kind === 'marketing' ? chip(ui.t('messages.news')) : null,
    ),
    h('p', { class: 'meta', key: 'when' }, icon('messages'), time(ui, row.sentAt)),
    h('div', { class: 'rich', dir: 'auto', key: 'body' }, sanitizeHtml(row.body)),
    h('p', { class: 'meta', key: 'about' }, link(ui, row.record, ui.t('messages.about'))),
  ];
}
