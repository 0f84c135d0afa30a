/** What is open between the partner and the hub: what it is about, what was said, and what the partner can say. */

import { form, formWithOutcome, hasDraft } from '../forms.js';
import { h } from '../html.js';
import { icon } from '../icons.js';
import { callout, chip, details, due, empty, facts, heading, outcome, said, time, tone } from '../parts.js';

const URGENCY = new Map([
  ['awaiting_partner', 0],
  ['resolved', 1],
]);

export function issues(ui) {
  const { rows } = ui.state.data.sections.issues;
  const open = rows
    .filter((row) => row.open)
    .sort((one, other) => (URGENCY.get(one.status) ?? 2) - (URGENCY.get(other.status) ?? 2) || (one.openedAt < other.openedAt ? 1 : -1));
  const closed = rows.filter((row) => !row.open);
  return [
    heading(ui, 'issues'),
    open.length ? null : empty(ui, 'issues', 'check'),
    open.map((row, index) => issue(ui, row, index === 0)),
    closed.length
      ? h(
          'div',
          { class: 'past', key: 'past' },
          h('h4', null, ui.t('issues.closed')),
          closed.map((row) => issue(ui, row, false)),
        )
      : null,
  ];
}

function issue(ui, row, open) {
  return details(
    h(
      'span',
      { class: 'summary-line' },
      h(
        'span',
        { class: 'summary-chips' },
        h('span', { class: 'number' }, row.number),
        chip(ui.labelOf('case.status', row.status, row.statusLabel), tone(row.status)),
        chip(ui.labelOf('case.category', row.category, row.categoryLabel)),
        ['high', 'critical'].includes(row.priority) ? chip(ui.labelOf('case.priority', row.priority, row.priorityLabel), tone(row.priority)) : null,
      ),
      h('h4', { class: 'summary-title', dir: 'auto' }, ui.textOf(row, 'subject')),
    ),
    [
      row.nextStep && row.open
        ? callout(
            row.status === 'awaiting_partner' ? 'warn' : 'info',
            'info',
            h('p', { class: 'callout-title' }, ui.t('issues.nextStep')),
            said(ui.textOf(row, 'nextStep')),
            row.dueAt ? h('p', { class: 'meta' }, due(ui, row.dueAt)) : null,
          )
        : null,
      row.status === 'resolved' ? resolution(ui, row) : outcome(ui, `resolution/${row.id}`),
      row.affected?.length ? affected(ui, row) : null,
      h('h5', { key: 'history' }, ui.t('issues.history')),
      timeline(ui, row),
      row.open || hasDraft(ui, `comment/${row.id}`) ? followUp(ui, row) : null,
    ],
    { key: row.id, open, focus: `record/${row.id}`, className: 'card issue' },
  );
}

function affected(ui, row) {
  return h(
    'div',
    { key: 'affected' },
    h('h5', null, ui.t('issues.affected')),
    h(
      'ul',
      { class: 'affected' },
      row.affected.map((document, index) =>
        h(
          'li',
          { key: String(index) },
          h(
            'p',
            { class: 'affected-name' },
            icon('documents'),
            h('span', { dir: 'auto' }, ui.textOf(document, 'name')),
            document.problem ? chip(ui.labelOf('transaction.exception', document.exception, document.problem), 'bad') : null,
          ),
          facts(
            [ui.t('issues.poNumber'), code(document.poNumber)],
            [ui.t('issues.shipment'), code(document.shipmentId)],
            [ui.t('issues.invoice'), code(document.invoiceNumber)],
            [ui.t('issues.error'), code(document.errorCode)],
          ),
        ),
      ),
    ),
  );
}

function code(text) {
  return text ? h('bdi', { class: 'code' }, text) : null;
}

function timeline(ui, row) {
  const entries = [...(row.comments ?? [])].sort((one, other) => (one.createdAt < other.createdAt ? -1 : 1));
  return h(
    'ol',
    { class: 'timeline', key: 'timeline' },
    h('li', { key: 'opened', class: 'mark' }, h('p', { class: 'meta' }, h('strong', null, ui.t('issues.opened')), time(ui, row.openedAt))),
    entries.map((comment, index) =>
      h(
        'li',
        { key: `${comment.createdAt}/${index}`, class: comment.author === 'partner' ? 'ours' : 'theirs' },
        h('p', { class: 'meta' }, h('strong', null, ui.t(comment.author === 'partner' ? 'issues.partner' : 'issues.hub')), time(ui, comment.createdAt)),
        said(comment.text),
      ),
    ),
  );
}

function followUp(ui, row) {
  const id = `comment/${row.id}`;
  return h(
    'div',
    { key: 'follow-up', class: 'follow-up' },
    formWithOutcome(ui, {
      id,
      title: ui.textOf(row, 'subject'),
      button: ui.t('issues.send'),
      fields: [{ name: 'comment', label: ui.t('issues.followUp'), kind: 'text', required: true, maxLength: 4000, hint: ui.t('issues.followUpHint') }],
      submit: ({ comment }) => ui.ask('addComment', ui.state.partner.id, row.id, comment),
    }),
  );
}

function resolution(ui, row) {
  const id = `resolution/${row.id}`;
  const answer = (accepted, reason) => ui.ask('answerResolution', ui.state.partner.id, row.id, accepted, reason);
  const { busy, result } = ui.state.actions.get(id) ?? {};
  return h(
    'div',
    { key: 'resolution', class: 'resolution' },
    h('h5', null, ui.t('issues.solved')),
    outcome(ui, id),
    result
      ? null
      : [
          h('p', { key: 'help' }, ui.t('issues.solvedHelp')),
          h(
            'button',
            {
              key: 'accept',
              type: 'button',
              class: 'button primary',
              'aria-disabled': busy ? 'true' : null,
              on: { click: () => ui.run(id, () => answer(true, ''), { title: ui.textOf(row, 'subject') }) },
            },
            ui.t('issues.accept'),
          ),
          details(
            ui.t('issues.reject'),
            form(ui, {
              id,
              title: ui.textOf(row, 'subject'),
              button: ui.t('issues.rejectSend'),
              danger: true,
              fields: [{ name: 'reason', label: ui.t('issues.reason'), kind: 'text', required: true, maxLength: 1000 }],
              submit: ({ reason }) => answer(false, reason),
            }),
            { key: 'reject', className: 'act' },
          ),
        ],
  );
}
