/** Service notices for all partners or for this one: active ones by severity, then past ones. */

import { sanitizeHtml } from '../sanitize.js';
import { h } from '../html.js';
import { rowsOf } from '../section-rows.js';
import { callout, chip, details, empty, facts, freshness, heading, omittedHint, more, plainText, time, tone } from '../parts.js';

const WORST = ['critical', 'major', 'minor', 'none'];

/** Active notices by severity, then newest first. */
export function active(ui) {
  return rowsOf(ui.state, 'notices')
    .filter((row) => row.active)
    .sort((one, other) => rank(one) - rank(other) || (one.startsAt < other.startsAt ? 1 : -1));
}

function rank({ impact }) {
  const found = WORST.indexOf(impact);
  return found < 0 ? WORST.length : found;
}

export function notices(ui) {
  const on = active(ui);
  const over = ui.state.data.sections.notices.rows.filter((row) => !row.active).sort((one, other) => (one.startsAt < other.startsAt ? 1 : -1));
  return [
    heading(ui, 'notices'),
    on.length ? on.map((row, index) => notice(ui, row, index === 0)) : empty(ui, 'notices', 'check'),
    over.length
      ? h(
          'div',
          { class: 'past', key: 'past' },
          h('h4', null, ui.t('notices.over')),
          over.map((row) => notice(ui, row, false)),
        )
      : null,
    more(ui, 'notices'),
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
        chip(ui.labelOf('notice.kind', row.kind, row.kindLabel)),
        chip(ui.labelOf('notice.status', row.status, row.statusLabel), row.active ? 'info' : 'good'),
        row.impact === 'none' ? null : chip(ui.t('notices.impact', { impact: ui.labelOf('notice.impact', row.impact, row.impactLabel) }), row.active ? tone(row.impact) : 'neutral'),
      ),
      h('h4', { class: 'summary-title', dir: 'auto' }, row.title),
      h('span', { class: 'meta' }, time(ui, row.scheduledFor ?? row.startsAt)),
    ),
    [
      row.workaround && row.active ? callout('info', 'info', h('p', { class: 'callout-title' }, ui.t('notices.workaround')), plainText(row.workaround)) : null,
      facts(
        [ui.t('notices.scheduled'), time(ui, row.scheduledFor)],
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
