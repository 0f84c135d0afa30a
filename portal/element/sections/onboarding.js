/** Onboarding: progress of each program, its steps, and the report of a completed step. */

import { pictureUrl, sanitizeHtml } from '../sanitize.js';
import { formWithOutcome } from '../forms.js';
import { h } from '../html.js';
import { icon } from '../icons.js';
import { programName } from '../lists/kinds.js';
import { listOf } from '../lists/list.js';
import { callout, chip, details, due, empty, facts, freshness, heading, omittedHint, progressBar, plainText, time, tone } from '../parts.js';
import { byTarget, questions } from '../questions.js';
import { mayAct, rowsOf } from '../section-rows.js';
import { about } from '../pending-actions.js';
import { isForPartner } from '../steps.js';
import { documentType } from './documents.js';

const OVER = new Set(['completed', 'waived']);

/** The steps that wait for the partner. */
export function yourSteps(ui) {
  return rowsOf(ui.state, 'onboarding')
    .flatMap((row) => (row.steps ?? []).filter((step) => isForPartner(row, step)));
}

export function onboarding(ui) {
  const { rows } = ui.state.data.sections.onboarding;
  const running = rows.filter((row) => row.active);
  const past = rows.filter((row) => !row.active);
  const list = listOf(ui, 'onboarding', past);
  return [
    heading(ui, 'onboarding'),
    rows.length ? printButton(ui) : empty(ui, 'onboarding', 'onboarding'),
    running.map((row) => enrollment(ui, row)),
    past.length
      ? h(
          'div',
          { class: 'past', key: 'past' },
          h('h4', null, ui.t('onboarding.past')),
          list.head,
          list.rows.map((row) => details(summary(ui, row), steps(ui, row), { key: row.id, className: 'card', focus: `record/${row.id}` })),
          list.end,
        )
      : list.head,
  ];
}

function printButton(ui) {
  return h('p', { key: 'print', class: 'print' }, h('button', { type: 'button', class: 'link', on: { click: () => window.print() } }, icon('print'), ui.t('paper.print')));
}

function summary(ui, row) {
  return h(
    'span',
    { class: 'summary-line' },
    h('strong', { dir: 'auto' }, programName(ui, row)),
    chip(ui.labelOf('enrollment.status', row.status, row.statusLabel), tone(row.status)),
    h('span', { class: 'meta' }, time(ui, row.updatedAt, 'day')),
  );
}

/** How many steps are done. Trading Grid's percentage may weigh steps, which is then said. */
function stepCount(ui, { steps, moreSteps, percentComplete }) {
  const done = steps.filter((step) => OVER.has(step.status)).length;
  const isWeighted = !moreSteps && Math.abs(percentComplete - (100 * done) / steps.length) >= 1;
  return [ui.t('onboarding.done', { done: ui.number(done), all: ui.number(steps.length + (moreSteps ?? 0)) }), isWeighted ? ` ${ui.t('onboarding.weighted')}` : null];
}

function enrollment(ui, row) {
  return h(
    'div',
    { class: `card ${freshness(ui, 'onboarding', row)}`, key: row.id },
    h(
      'div',
      { class: 'card-head' },
      h('h4', { dir: 'auto', tabindex: '-1', 'data-focus': `record/${row.id}` }, programName(ui, row)),
      chip(ui.labelOf('enrollment.status', row.status, row.statusLabel), tone(row.status)),
    ),
    h(
      'div',
      { class: 'progress-line' },
      h('span', null, ui.t('onboarding.progress')),
      h('strong', null, ui.percent(row.percentComplete)),
    ),
    progressBar(ui, row.percentComplete, ui.t('onboarding.progress')),
    h('p', { class: 'hint after-bar' }, stepCount(ui, row)),
    row.targetGoLive ? h('p', { class: 'meta after-bar' }, due(ui, row.targetGoLive, 'onboarding.goLive')) : null,
    steps(ui, row),
  );
}

function steps(ui, row) {
  const titles = new Map(row.steps.map((step) => [step.key, step.title]));
  return h(
    'ol',
    { class: 'steps' },
    row.steps.map((step) => stepItem(ui, row, step, titles)),
    row.moreSteps ? h('li', { key: 'more' }, omittedHint(ui, 'left.steps', row.moreSteps)) : null,
  );
}

function stepItem(ui, row, step, titles) {
  const waits = (step.waitsOn ?? []).filter((key) => !OVER.has(row.steps.find((other) => other.key === key)?.status));
  const yours = isForPartner(row, step);
  const state = OVER.has(step.status) ? 'over' : yours ? 'yours' : step.status === 'locked' ? 'locked' : 'running';
  return h(
    'li',
    { key: step.key, class: `step ${state}` },
    h('span', { class: 'step-mark' }, icon(state === 'over' ? 'check' : state === 'locked' ? 'lock' : 'dot')),
    h(
      'div',
      { class: 'step-body' },
      h('h5', { dir: 'auto' }, step.title),
      h(
        'p',
        { class: 'meta' },
        chip(ui.labelOf('step.status', step.status, step.statusLabel), tone(step.status)),
        h('span', null, ui.t('onboarding.owner', { owner: ui.labelOf('step.owner', step.owner, step.ownerLabel) })),
        step.phaseLabel && h('span', null, ui.labelOf('step.phase', step.phase, step.phaseLabel)),
        OVER.has(step.status) ? null : due(ui, step.dueOn),
      ),
      step.note && callout(step.status === 'changes_requested' ? 'warn' : 'info', 'info', plainText(step.note)),
      step.status === 'locked' && waits.length
        ? h('p', { class: 'hint' }, ui.t('onboarding.waitsOn'), ' ', h('span', { dir: 'auto' }, ui.list(waits.map((key) => titles.get(key) ?? key))))
        : null,
      step.requiredDocumentTypes?.length
        ? facts([ui.t('onboarding.documents'), ui.list(step.requiredDocumentTypes.map((type) => documentType(ui, type)))])
        : null,
      step.instructions || step.copy || step.image ? details(ui.t('onboarding.instructions'), instructions(step), { key: 'how', open: yours }) : null,
      yours && mayAct(ui.state, 'submit_step') ? report(ui, row, step) : null,
    ),
  );
}

/** Instructions of the program, and content that was added on the site. */
function instructions(step) {
  const picture = pictureUrl(step.image);
  return [
    step.instructions ? h('div', { class: 'rich', dir: 'auto' }, sanitizeHtml(step.instructions)) : null,
    step.copy ? h('div', { class: 'rich', dir: 'auto' }, sanitizeHtml(step.copy)) : null,
    picture ? h('img', { class: 'picture', src: picture, alt: '', loading: 'lazy' }) : null,
  ];
}

/** The form to report a step: the step's own questions, or a comment if it has none. */
function report(ui, row, step) {
  const { form } = step;
  const remarks = [{ name: 'comment', label: ui.t('onboarding.comment'), kind: 'text', maxLength: 1000 }];
  return details(
    ui.t('onboarding.report'),
    formWithOutcome(ui, {
      id: `step/${row.id}/${step.key}`,
      title: step.title,
      button: ui.t('onboarding.submit'),
      fields: form ? questions(ui, form) : remarks,
      about: about(row, `enrollments/${row.id}/steps/${step.key}`),
      submit: (values) => ui.ask('submitStep', ui.state.partner.id, row.id, step.key, form ? byTarget(form, values) : values),
    }),
    { key: 'report', className: 'act' },
  );
}
