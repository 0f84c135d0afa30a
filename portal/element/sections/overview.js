/** Overview: status, next steps of the partner, and open items of the hub. */

import { h } from '../html.js';
import { icon } from '../icons.js';
import { callout, details, due, empty, heading, omittedHint, link, progressBar, plainText, time } from '../parts.js';
import { isDueSoon, isQuestion, isToConfirm, isWaiting, nextSteps, countOpen } from '../pending-actions.js';
import { isHidden, mayAct } from '../section-rows.js';
import { documentType } from './documents.js';
import { newest } from './messages.js';
import { activityTile, issueTrend } from './trends.js';

/** Next steps that are shown unfolded: the tiles, documents and trends below stay within reach. */
const MOST_STEPS = 10;

const SYMBOL = new Map([
  ['compliance_check', 'alert'],
  ['case', 'issues'],
  ['request', 'requests'],
  ['step', 'onboarding'],
]);

export function overview(ui) {
  const [row] = ui.state.data.sections.status.rows;
  const [message] = newest(ui);
  return [
    heading(ui, 'overview'),
    row ? standing(ui, row) : empty(ui, 'overview', 'overview'),
    tiles(ui, row),
    steps(ui, row),
    row?.documentRequests?.length ? wanted(ui, row) : null,
    issueTrend(ui),
    message ? latest(ui, message) : null,
  ];
}

function standing(ui, row) {
  return h(
    'div',
    { class: 'card standing', key: 'standing' },
    plainText(ui.textOf(row, 'headline'), 'p', { class: 'headline' }),
    row.onboardingPercent === null || row.onboardingPercent === undefined
      ? null
      : h(
          'div',
          { class: 'standing-progress' },
          h('div', { class: 'progress-line' }, h('span', null, ui.t('overview.onboarding')), h('strong', null, ui.percent(row.onboardingPercent))),
          progressBar(ui, row.onboardingPercent, ui.t('overview.onboarding')),
          row.currentSteps?.length ? h('p', { class: 'hint' }, ui.t('overview.now'), ' ', h('span', { dir: 'auto' }, ui.list(row.currentSteps)), row.moreCurrentSteps ? ` ${ui.t('left.current', { count: row.moreCurrentSteps })}` : null) : null,
        ),
    row.targetGoLive ? h('p', { class: 'meta' }, due(ui, row.targetGoLive, 'onboarding.goLive')) : null,
    row.failedChecks ? callout('warn', 'alert', h('p', null, ui.t('overview.failedChecks', { count: row.failedChecks }))) : null,
  );
}

function tiles(ui, row) {
  const { issues, documents, requests } = ui.state.data.sections;
  const asked = requests.rows.filter((request) => isQuestion(ui, request)).length;
  const review = documents.rows.filter((document) => document.review?.status === 'in_review').length;
  const all = [
    [
      'issues',
      countOpen(issues),
      ui.t('overview.openIssues', { count: countOpen(issues).count }),
      openIssueCounts(ui, issues.rows),
    ],
    [
      'documents',
      { count: documents.rows.length, atLeast: Boolean(documents.next) },
      ui.t('overview.documents', { count: documents.rows.length }),
      review ? ui.t('overview.inReview', { count: review }) : ui.t('overview.noneInReview'),
    ],
    ['requests', countOpen(requests), ui.t('overview.requests'), asked ? ui.t('overview.questions', { count: asked }) : mayAct(ui.state, 'send_request') ? ui.t('overview.ask') : null],
    activityTile(ui),
  ].filter((tile) => tile && !isHidden(ui.state, tile[0]));
  return h(
    'ul',
    { class: 'tiles', key: 'tiles' },
    all.map(([name, { count, atLeast }, label, detail]) =>
      h(
        'li',
        { key: name },
        h(
          'button',
          { type: 'button', class: 'tile', on: { click: () => ui.open(name) } },
          h('span', { class: 'tile-top' }, icon(name), h('span', { class: 'tile-count' }, `${ui.number(count)}${atLeast ? '+' : ''}`)),
          h('span', { class: 'tile-label' }, label),
          detail ? h('span', { class: 'tile-detail' }, detail) : null,
        ),
      ),
    ),
  );
}

/** Counts of open issues: waiting for the partner, to confirm, and due while someone else acts. */
function openIssueCounts(ui, rows) {
  const waiting = rows.filter((issue) => isWaiting(ui, issue)).length;
  const confirm = rows.filter((issue) => isToConfirm(ui, issue)).length;
  const soon = rows.filter((issue) => isDueSoon(ui, issue) && !isWaiting(ui, issue) && !isToConfirm(ui, issue));
  const overdue = soon.filter((issue) => ui.dates.daysAway(issue.dueAt) < 0).length;
  const first = soon.map((issue) => issue.dueAt).sort()[overdue];
  const counts = [
    waiting ? ui.t('overview.waiting', { count: waiting }) : null,
    confirm ? ui.t('overview.toConfirm', { count: confirm }) : null,
    overdue ? ui.t('overview.overdue', { count: overdue }) : null,
    first ? ui.t('overview.dueSoon', { count: soon.length - overdue, when: ui.dates.away(first) }) : null,
  ].filter(Boolean);
  return counts.length ? counts.join(' · ') : ui.t('overview.noneWaiting');
}

function steps(ui, row) {
  const todo = nextSteps(ui, row);
  if (!row && !todo.length) return null;
  const rest = todo.slice(MOST_STEPS);
  // The status counts the waiting issues that it does not list. Those that are shown are not left out.
  const listed = new Set(row?.nextSteps?.map(({ reference }) => reference));
  const added = todo.filter(({ kind, reference }) => kind === 'case' && !listed.has(reference)).length;
  const unlisted = Math.max(0, (row?.moreNextSteps ?? 0) - added);
  return h(
    'div',
    { class: 'card', key: 'steps' },
    h('h4', null, ui.t('overview.nextSteps')),
    todo.length ? stepList(ui, todo.slice(0, MOST_STEPS)) : h('p', { class: 'all-done' }, icon('check'), ui.t('overview.nothingToDo')),
    rest.length ? details(ui.t('left.current', { count: rest.length }), stepList(ui, rest), { key: 'rest', className: 'act' }) : null,
    omittedHint(ui, 'left.nextSteps', unlisted),
  );
}

function stepList(ui, list) {
  return h(
    'ul',
    { class: 'todo' },
    list.map((step) =>
      h(
        'li',
        { key: `${step.reference}/${step.text}` },
        h('span', { class: 'todo-symbol' }, icon(SYMBOL.get(step.kind) ?? 'dot')),
        h(
          'div',
          { class: 'todo-text' },
          plainText(ui.textOf(step, 'text')),
          h('p', { class: 'meta' }, due(ui, step.dueAt ?? step.dueOn), link(ui, step.reference, ui.t('overview.goTo'))),
        ),
      ),
    ),
  );
}

function wanted(ui, row) {
  return h(
    'div',
    { class: 'card', key: 'wanted' },
    h('h4', null, ui.t('overview.wanted')),
    h(
      'ul',
      { class: 'todo' },
      row.documentRequests.map((request) =>
        h(
          'li',
          { key: `${request.reference}/${request.title}` },
          h('span', { class: 'todo-symbol' }, icon('documents')),
          h(
            'div',
            { class: 'todo-text' },
            plainText(request.title),
            h(
              'p',
              { class: 'meta' },
              h('span', null, ui.list(request.documentTypes.map((type) => documentType(ui, type)))),
              due(ui, request.dueOn),
              link(ui, request.reference, ui.t('overview.goTo')),
            ),
          ),
        ),
      ),
    ),
    omittedHint(ui, 'left.wanted', row.moreDocumentRequests),
  );
}

function latest(ui, message) {
  return h(
    'div',
    { class: 'card', key: 'latest' },
    h('h4', null, ui.t('overview.latest')),
    h('p', { class: 'latest' }, h('strong', { dir: 'auto' }, message.title), ' ', h('span', { class: 'meta' }, time(ui, message.sentAt))),
    h('p', { class: 'meta' }, h('button', { type: 'button', class: 'link', on: { click: () => ui.open('messages', message.id) } }, ui.t('overview.read'))),
  );
}
