/** Service notices for all partners or for this one: what is on, what is planned, then past ones. */

import { sanitizeHtml } from '../sanitize.js';
import { h } from '../html.js';
import { listOf } from '../lists/list.js';
import { beginOf, endOf, noticesIn, phaseOf } from '../notice-times.js';
import { rowsOf } from '../section-rows.js';
import { callout, chip, details, empty, facts, freshness, heading, omittedHint, plainText, time, tone } from '../parts.js';
import { newMark } from '../unread.js';

/** The parts of the list below what is on, with their headings. */
const BELOW = [
  ['planned', 'notices.planned'],
  ['unclosed', 'notices.unclosed'],
  ['over', 'notices.over'],
];

export function notices(ui) {
  const list = listOf(ui, 'notices');
  // In other orders what is on, what is planned and past ones are mixed.
  const partOf = (row) => (list.sort === 'urgent' ? phaseOf(row) : 'on');
  const parts = Map.groupBy(list.rows, partOf);
  const isFirst = list.page === 1 && !list.isNarrowed;
  return [
    heading(ui, 'notices'),
    list.head,
    isFirst && !noticesIn(rowsOf(ui.state, 'notices'), 'on').length ? empty(ui, 'notices', 'check') : null,
    (parts.get('on') ?? []).map((row, index) => notice(ui, row, isFirst && index === 0)),
    BELOW.filter(([part]) => parts.has(part)).map(([part, title]) =>
      h(
        'div',
        { class: 'past', key: part },
        h('h4', null, ui.t(title)),
        parts.get(part).map((row) => notice(ui, row, false)),
      ),
    ),
    list.end,
  ];
}

/** When a notice begins or began; of one that nobody closed, when it should have ended. */
export function noticeTime(ui, row) {
  const phase = phaseOf(row);
  if (phase === 'unclosed') return h('span', null, ui.t('notices.shouldHaveEnded'), ' ', time(ui, endOf(row)));
  return h('span', null, ui.t(row.scheduledFor || phase === 'planned' ? 'notices.scheduled' : 'notices.started'), ' ', time(ui, beginOf(row)));
}

function notice(ui, row, open) {
  const phase = phaseOf(row);
  return details(
    h(
      'span',
      { class: 'summary-line' },
      h(
        'span',
        { class: 'summary-chips' },
        newMark(ui, 'notices', row),
        chip(ui.labelOf('notice.kind', row.kind, row.kindLabel)),
        chip(ui.labelOf('notice.status', row.status, row.statusLabel), phase === 'over' ? 'good' : phase === 'unclosed' ? 'neutral' : 'info'),
        row.impact === 'none' ? null : chip(ui.t('notices.impact', { impact: ui.labelOf('notice.impact', row.impact, row.impactLabel) }), phase === 'on' ? tone(row.impact) : 'neutral'),
      ),
      h('h4', { class: 'summary-title', dir: 'auto' }, row.title),
      h(
        'span',
        { class: 'meta' },
        noticeTime(ui, row),
      ),
    ),
    [
      row.workaround && row.active ? callout('info', 'info', h('p', { class: 'callout-title' }, ui.t('notices.workaround')), plainText(row.workaround)) : null,
      facts(
        [ui.t('notices.expected'), phase === 'unclosed' ? null : time(ui, row.expectedUntil ?? (phase === 'over' ? null : endOf(row)))],
        [ui.t('notices.ended'), phase === 'over' ? time(ui, row.endsAt) : null],
        [
          ui.t('notices.types'),
          row.transactionTypes?.length
            ? [ui.list(row.transactionTypes.map((code) => ui.nameOf('transaction.type', code))), omittedHint(ui, 'left.affected', row.moreTransactionTypes)]
            : null,
        ],
        [
          ui.t('notices.components'),
          row.components?.length
            ? [
                h(
                  'span',
                  { class: 'chips', key: 'components' },
                  row.components.map((part) =>
                    h('span', { key: part.name, class: 'part' }, h('span', { dir: 'auto' }, part.name), chip(ui.labelOf('component.state', part.state, part.stateLabel), tone(part.state))),
                  ),
                ),
                omittedHint(ui, 'left.components', row.moreComponents),
              ]
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
    { key: row.id, open, focus: `record/${row.id}`, className: `card notice ${phase === 'on' ? tone(row.impact) : ''} ${freshness(ui, 'notices', row)}` },
  );
}
