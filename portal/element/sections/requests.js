/** Requests of the partner with their status, and the forms for new ones. */

import { conversation } from '../conversation.js';
import { formWithOutcome, hasDraft } from '../forms.js';
import { h } from '../html.js';
import { icon } from '../icons.js';
import { listOf } from '../lists/list.js';
import { callout, chip, details, due, empty, facts, freshness, heading, link, outcome, progressBar, plainText, time, tone } from '../parts.js';
import { byTarget, questions, titleOf } from '../questions.js';
import { about as aboutRecord, isAnswered } from '../pending-actions.js';
import { mayAct } from '../section-rows.js';
import { newMark } from '../unread.js';
import { uploadAttachments } from '../upload.js';

const WAITS = 'waiting_on_partner';

export function requests(ui) {
  const { rows } = ui.state.data.sections.requests;
  const sent = ui.state.sent.filter((item) => item.partner === ui.state.partner.id);
  const list = listOf(ui, 'requests');
  return [
    heading(ui, 'requests'),
    mayAct(ui.state, 'send_request') ? ask(ui) : null,
    h('h4', { key: 'title', class: 'list-title' }, ui.t('requests.yours')),
    list.head,
    rows.length || sent.length ? null : empty(ui, 'requests', 'requests'),
    rows.length || sent.length
      ? h(
          'ul',
          { class: 'requests', key: 'list' },
          sent.map((item) => pendingRequest(ui, item)),
          list.rows.map((row) => requestCard(ui, row)),
        )
      : null,
    list.end,
  ];
}

/** A submission that was just sent, until its row appears. */
function pendingRequest(ui, item) {
  return h(
    'li',
    { key: item.reference, class: 'card request waiting-row' },
    h('p', { class: 'summary-chips' }, h('span', { class: 'number' }, item.reference), chip(ui.t('requests.onTheWay'), 'info', 'clock')),
    h('h5', { dir: 'auto' }, ui.label(item.title)),
    h('p', { class: 'meta' }, time(ui, item.at)),
  );
}

function requestCard(ui, row) {
  const about = row.kind === 'request' ? null : link(ui, row.record, ui.t('messages.about'));
  const title = ui.textOf(row, 'title');
  const kind = row.kind === 'request' ? null : ui.known(`requestKind.${row.kind}`);
  return h(
    'li',
    { key: row.reference, class: `card request ${freshness(ui, 'requests', row)}` },
    h(
      'p',
      { class: 'summary-chips' },
      newMark(ui, 'requests', row),
      h('span', { class: 'number' }, row.number ?? row.reference),
      chip(ui.labelOf('request.status', row.status, row.statusLabel), tone(row.status)),
      kind === title ? null : chip(kind),
    ),
    h('h5', { dir: 'auto', tabindex: '-1', 'data-focus': `record/${row.id}` }, title),
    row.message ? callout(tone(row.status) === 'bad' ? 'bad' : 'info', 'info', plainText(ui.textOf(row, 'message'))) : null,
    nextStep(ui, row),
    row.comments?.length || row.earlierComments ? conversation(ui, row, { text: ui.t('requests.sent'), at: row.submittedAt }) : null,
    row.open && row.status === WAITS && mayAct(ui.state, 'answer_request') ? answer(ui, row) : outcome(ui, `answer/${row.id}`),
    facts(
      [ui.t('requests.reference'), row.number ? h('bdi', { class: 'code' }, row.reference) : null],
      [ui.t('requests.team'), row.team && h('span', { dir: 'auto' }, ui.textOf(row, 'team'))],
      [ui.t('requests.sent'), time(ui, row.submittedAt)],
    ),
    (row.open && row.dueAt && row.status !== WAITS) || about ? h('p', { class: 'meta' }, row.open && row.status !== WAITS ? due(ui, row.dueAt, 'requests.due') : null, about) : null,
  );
}

/** The next step. A step that the partner has answered is not asked for again. */
function nextStep(ui, row) {
  if (!row.open || (row.status === WAITS && isAnswered(ui, row, row.record))) return null;
  const kind = row.status === WAITS ? 'warn' : 'info';
  return row.nextStep ? callout(kind, 'info', h('p', { class: 'callout-title' }, ui.t('issues.nextStep')), plainText(ui.textOf(row, 'nextStep'))) : null;
}

/**
 * The form to answer a team's question; if the hub's system accepts no answers, how to answer
 * otherwise.
 */
function answer(ui, row) {
  const id = `answer/${row.id}`;
  if (row.answerable === false) {
    return callout('info', 'info', h('p', { key: 'elsewhere' }, ui.t('requests.answerElsewhere', { number: row.number ?? row.reference })));
  }
  if (isAnswered(ui, row, row.record) && !hasDraft(ui, id)) {
    return h('div', { key: 'answered' }, outcome(ui, id) ?? callout('good', 'check', h('p', null, ui.t('turn.answered'))));
  }
  return h(
    'div',
    { key: 'answer', class: 'follow-up' },
    formWithOutcome(ui, {
      id,
      title: ui.textOf(row, 'title'),
      button: ui.t('requests.answerSend'),
      fields: [{ name: 'answer', label: ui.t('requests.answer'), kind: 'text', required: true, maxLength: 4000, hint: ui.t('requests.answerHint') }],
      about: aboutRecord(row, row.record),
      submit: (values) => ui.ask('answerRequest', ui.state.partner.id, row.id, values.answer),
    }),
  );
}

function ask(ui) {
  // Partners differ in the role that the member has there, and so in the forms.
  if (ui.state.formsOf !== ui.state.partner.id) Object.assign(ui.state, { forms: null, formsOf: ui.state.partner.id });
  if (!ui.state.forms) load(ui);
  const { forms } = ui.state;
  return h(
    'div',
    { class: 'card ask', key: 'ask' },
    h('h4', null, ui.t('requests.new')),
    h('p', { class: 'hint' }, ui.t('requests.newHelp')),
    !forms || forms === 'loading' ? h('div', { class: 'skeleton line', 'aria-hidden': 'true' }) : null,
    forms?.error
      ? callout(
          'bad',
          'alert',
          h('p', null, ui.error(forms.error, { reading: true })),
          h('button', { type: 'button', class: 'link', on: { click: () => load(ui) } }, ui.t('tryAgain')),
        )
      : null,
    Array.isArray(forms) ? forms.map((one) => newRequest(ui, one)) : null,
  );
}

async function load(ui) {
  ui.state.forms = 'loading';
  const partner = ui.state.partner.id;
  const forms = await ui.ask('getRequestForms', ui.asked, partner);
  if (ui.state.formsOf !== partner) return;
  ui.state.forms = Array.isArray(forms) ? forms : { error: forms.error ?? 'unavailable' };
  ui.render();
}

function newRequest(ui, form) {
  const id = `request/${form.key}`;
  const title = titleOf(ui, form);
  const { busy, share } = ui.state.actions.get(id) ?? {};
  return details(
    h('span', { class: 'ask-title' }, icon('requests'), title),
    [
      formWithOutcome(ui, {
        id,
        title,
        button: ui.t('requests.send'),
        fields: questions(ui, form).map((field) => ({ ...field, value: field.name === 'name' ? ui.state.session.member?.name : '' })),
        submit: (values, progress) => send(ui, form, values, progress),
      }),
      busy && typeof share === 'number' ? progressBar(ui, Math.round(share * 100), ui.t('uploading')) : null,
    ],
    { key: form.key, className: 'act' },
  );
}

/** Send the answers after the attachments are uploaded. */
async function send(ui, form, values, progress) {
  const { [form.attachments?.name]: chosen = [], ...answers } = values;
  const files = await uploadAttachments(ui, form.key, chosen, progress);
  if (files.error) return files;
  return ui.ask('sendRequest', ui.state.partner.id, form.key, byTarget(form, answers), ...(files.length ? [files] : []));
}
