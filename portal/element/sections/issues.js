/** Open issues: facts, timeline, and the partner's follow-ups. */

import { form, formWithOutcome, hasDraft } from '../forms.js';
import { h } from '../html.js';
import { icon } from '../icons.js';
import { conversation } from '../conversation.js';
import { listOf } from '../lists/list.js';
import { callout, chip, details, due, empty, facts, freshness, heading, omittedHint, outcome, plainText, tone } from '../parts.js';
import { about, isAnswered, isWaiting } from '../pending-actions.js';
import { mayAct } from '../section-rows.js';
import { newMark } from '../unread.js';

export function issues(ui) {
  const { rows } = ui.state.data.sections.issues;
  const list = listOf(ui, 'issues');
  // In other orders open and closed ones are mixed.
  const isClosed = (row) => list.sort === 'urgent' && !row.open;
  const open = list.rows.filter((row) => !isClosed(row));
  const closed = list.rows.filter(isClosed);
  const isFirst = list.page === 1 && !list.isNarrowed;
  return [
    heading(ui, 'issues'),
    list.head,
    isFirst && !rows.some((row) => row.open) ? empty(ui, 'issues', 'check') : null,
    open.map((row, index) => issue(ui, row, isFirst && index === 0)),
    closed.length
      ? h(
          'div',
          { class: 'past', key: 'past' },
          h('h4', null, ui.t('issues.closed')),
          closed.map((row) => issue(ui, row, false)),
        )
      : null,
    list.end,
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
        newMark(ui, 'issues', row),
        h('span', { class: 'number' }, row.number),
        chip(ui.labelOf('case.status', row.status, row.statusLabel), tone(row.status)),
        chip(ui.labelOf('case.category', row.category, row.categoryLabel)),
        ['high', 'critical'].includes(row.priority) ? chip(ui.labelOf('case.priority', row.priority, row.priorityLabel), tone(row.priority)) : null,
      ),
      h('h4', { class: 'summary-title', dir: 'auto' }, ui.textOf(row, 'subject')),
    ),
    [
      nextStep(ui, row),
      row.status === 'resolved' && mayAct(ui.state, 'answer_resolution') ? resolution(ui, row) : outcome(ui, `resolution/${row.id}`),
      row.affected?.length ? affected(ui, row) : null,
      h('h5', { key: 'history' }, ui.t('issues.history')),
      conversation(ui, row, { text: ui.t('issues.opened'), at: row.openedAt }),
      mayAct(ui.state, 'comment') && (row.open || hasDraft(ui, `comment/${row.id}`)) ? followUp(ui, row) : null,
    ],
    { key: row.id, open, focus: `record/${row.id}`, className: `card issue ${freshness(ui, 'issues', row)}` },
  );
}

/** The next step and its owner. A step that the partner has answered is not asked for again. */
function nextStep(ui, row) {
  if (!row.open) return null;
  if (row.status !== 'resolved' && isAnswered(ui, row)) return callout('good', 'check', h('p', null, ui.t('turn.answered')));
  const waiting = isWaiting(ui, row);
  if (!row.nextStep && !row.dueAt) return null;
  return callout(
    waiting ? 'warn' : 'info',
    'info',
    row.nextStep ? [h('p', { key: 'title', class: 'callout-title' }, ui.t('issues.nextStep')), plainText(ui.textOf(row, 'nextStep'), 'p', { key: 'step' })] : null,
    row.dueAt ? h('p', { key: 'due', class: 'meta' }, due(ui, row.dueAt)) : null,
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
    omittedHint(ui, 'left.affected', row.moreAffected),
  );
}

function code(text) {
  return text ? h('bdi', { class: 'code' }, text) : null;
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
      about: about(row),
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
      : isAnswered(ui, row)
        ? callout('good', 'check', h('p', null, ui.t('turn.answered')))
        : [
          h('p', { key: 'help' }, ui.t('issues.solvedHelp')),
          h(
            'button',
            {
              key: 'accept',
              type: 'button',
              class: 'button primary',
              'aria-disabled': busy ? 'true' : null,
              on: { click: () => ui.run(id, () => answer(true, ''), { title: ui.textOf(row, 'subject'), about: about(row) }) },
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
              about: about(row),
              fields: [{ name: 'reason', label: ui.t('issues.reason'), kind: 'text', required: true, maxLength: 1000 }],
              submit: ({ reason }) => answer(false, reason),
            }),
            { key: 'reject', className: 'act' },
          ),
        ],
  );
}
