/** Service notices for all partners or for this one: active ones by severity, then past ones. */

import { sanitizeHtml } from '../sanitize.js';
import { h } from '../html.js';
import { listOf } from '../lists/list.js';
import { LISTS } from '../lists/kinds.js';
import { rowsOf } from '../section-rows.js';
import { callout, chip, details, empty, facts, freshness, heading, omittedHint, plainText, time, tone } from '../parts.js';
import { newMark } from '../unread.js';

/** Active notices by severity, then newest first. */
export function active(ui) {
  return LISTS.notices.sorts.urgent(
    ui,
    rowsOf(ui.state, 'notices').filter((row) => row.active),
  );
}

export function notices(ui) {
  const list = listOf(ui, 'notices');
  // In other orders active and past ones are mixed.
  const isOver = (row) => list.sort === 'urgent' && !row.active;
  const on = list.rows.filter((row) => !isOver(row));
  const over = list.rows.filter(isOver);
  const isFirst = list.page === 1 && !list.isNarrowed;
  return [
    heading(ui, 'notices'),
    list.head,
    isFirst && !active(ui).length ? empty(ui, 'notices', 'check') : null,
    on.map((row, index) => notice(ui, row, isFirst && index === 0)),
    over.length
      ? h(
          'div',
          { class: 'past', key: 'past' },
          h('h4', null, ui.t('notices.over')),
          over.map((row) => notice(ui, row, false)),
        )
      : null,
    list.end,
  ];
}

function notice(ui, row, open) {
  return details(
    h(
      'span',
      { class: 'summary-line' },
      h(
        'span',
        { class: 'summary-chips' },
        newMark(ui, 'notices', row),
        chip(ui.labelOf('notice.kind', row.kind, row.kindLabel)),
        chip(ui.labelOf('notice.status', row.status, row.statusLabel), row.active ? 'info' : 'good'),
        row.impact === 'none' ? null : chip(ui.t('notices.impact', { impact: ui.labelOf('notice.impact', row.impact, row.impactLabel) }), row.active ? tone(row.impact) : 'neutral'),
      ),
      h('h4', { class: 'summary-title', dir: 'auto' }, row.title),
      h(
        'span',
        { class: 'meta' },
        h('span', null, ui.t(row.scheduledFor ? 'notices.scheduled' : 'notices.started'), ' ', time(ui, row.scheduledFor ?? row.startsAt)),
      ),
    ),
    [
      row.workaround && row.active ? callout('info', 'info', h('p', { class: 'callout-title' }, ui.t('notices.workaround')), plainText(row.workaround)) : null,
      facts(
        [ui.t('notices.expected'), time(ui, row.expectedUntil)],
        [ui.t('notices.ended'), time(ui, row.endsAt)],
        [ui.t('notices.types'), row.transactionTypes?.length ? ui.list(row.transactionTypes.map((code) => ui.nameOf('transaction.type', code))) : null],
        [
          ui.t('notices.components'),
          row.components?.length
            ? h(
                'span',
                { class: 'chips' },
                row.components.map((part) =>
                  h('span', { key: part.name, class: 'part' }, h('span', { dir: 'auto' }, part.name), chip(ui.labelOf('component.state', part.state, part.stateLabel), tone(part.state))),
                ),
              )
            : null,
        ],
      ),
      row.entries?.length
        ? h(
            'ol',
            { class: 'timeline', key: 'timeline' },
            row.entries.map((entry, index) =>
              h(
                'li',
                { key: `${entry.at}/${index}`, class: 'theirs' },
                h('p', { class: 'meta' }, h('strong', null, ui.labelOf('notice.status', entry.status, entry.statusLabel)), time(ui, entry.at)),
                h('div', { class: 'rich', dir: 'auto' }, sanitizeHtml(entry.html)),
                entry.shortened ? h('p', { class: 'hint' }, ui.t('left.text')) : null,
              ),
            ),
            row.earlierEntries ? h('li', { key: 'earlier', class: 'mark' }, omittedHint(ui, 'left.entries', row.earlierEntries)) : null,
          )
        : null,
    ],
    { key: row.id, open, focus: `record/${row.id}`, className: `card notice ${row.active ? tone(row.impact) : ''} ${freshness(ui, 'notices', row)}` },
  );
}
