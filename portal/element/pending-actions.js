/**
 * Decides what waits for the partner, and what the partner has already answered although Trading
 * Grid does not show it yet.
 */

import { noticesIn } from './notice-times.js';
import { rowsOf } from './section-rows.js';

/** Statuses of an issue and of a request that wait for the partner. */
const ASKED = new Set(['awaiting_partner', 'waiting_on_partner']);
const UNDECIDED = new Set(['new', 'open']);
const SOON = 3;

/** The target of an action, for `ui.run`: the record, and its version when the partner acted. */
export function about(row, record = `cases/${row.id}`) {
  return { record, version: versionOf(row) };
}

function versionOf(row) {
  return JSON.stringify([row.status, row.updatedAt, row.nextStep, row.comments?.length]);
}

/**
 * True if the partner has answered what a row asks for: just now, or with a submission after the
 * row's last change.
 */
export function isAnswered(ui, row, record = `cases/${row.id}`) {
  if (ui.state.answered.get(`${ui.state.partner.id}/${record}`) === versionOf(row)) return true;
  const asked = row.updatedAt ?? lastWord(row, 'hub')?.createdAt;
  return rowsOf(ui.state, 'requests').some(
    (sent) =>
      sent.kind !== 'request' &&
      sent.record === record &&
      (sent.status === 'received' || (sent.status === 'done' && asked !== undefined && sent.submittedAt > asked)),
  );
}

function lastWord(row, author = null) {
  return [...(row.comments ?? [])]
    .filter((comment) => author === null || comment.author === author)
    .sort((one, other) => (one.createdAt < other.createdAt ? -1 : 1))
    .at(-1);
}

/**
 * True if an issue waits for the partner. A resolved issue waits only for a confirmation:
 * `isToConfirm`.
 */
export function isWaiting(ui, issue) {
  return issue.open && issue.status !== 'resolved' && asks(issue) && !isAnswered(ui, issue);
}

/** `waitsFor` of the row; rows of an earlier release lack it, and get the same rules here. */
function asks(issue) {
  if (issue.waitsFor) return issue.waitsFor === 'partner';
  if (ASKED.has(issue.status)) return true;
  return UNDECIDED.has(issue.status) && Boolean(issue.nextStep) && lastWord(issue)?.author !== 'partner';
}

export function isToConfirm(ui, issue) {
  return issue.open && issue.status === 'resolved' && !isAnswered(ui, issue);
}

/** True if a request waits for the partner's answer. */
export function isQuestion(ui, request) {
  return request.open && ASKED.has(request.status) && !isAnswered(ui, request, request.record);
}

/**
 * Count the open rows of a section. `atLeast`: there may be more. Open rows come first, so further
 * pages matter only if all loaded rows are open.
 */
export function countOpen({ rows, next }) {
  const count = rows.filter((row) => row.open).length;
  return { count, atLeast: Boolean(next) && count === rows.length };
}

/** Count the notices that are on now, as `countOpen` counts. Those that nobody closed come first, too. */
export function countNotices({ rows, next }) {
  return { count: noticesIn(rows, 'on').length, atLeast: Boolean(next) && rows.every((row) => row.active) };
}

/** True if an open row is due within three days, or overdue. */
export function isDueSoon(ui, row) {
  return row.open && ui.dates.daysAway(row.dueAt) <= SOON;
}

/**
 * Return the partner's next steps: those of the hub without the answered ones, and the waiting
 * issues and requests.
 */
export function nextSteps(ui, status) {
  const listed = (status?.nextSteps ?? []).filter((step) => !isOver(ui, step, status));
  const known = new Set(listed.map((step) => step.reference));
  const waiting = rowsOf(ui.state, 'issues')
    .filter((issue) => isWaiting(ui, issue) && !known.has(`cases/${issue.id}`))
    .map((issue) => ({ kind: 'case', text: issue.nextStep ? ui.textOf(issue, 'nextStep') : ui.textOf(issue, 'subject'), dueAt: issue.dueAt, reference: `cases/${issue.id}` }));
  const questions = rowsOf(ui.state, 'requests')
    .filter((request) => isQuestion(ui, request))
    .map((request) => ({ kind: 'request', text: ui.t('overview.answer', { title: ui.textOf(request, 'title') }), reference: request.record }));
  // The hub's order stays. What only the page knows of comes before the steps of the onboarding, and an issue by its due date.
  const all = [...listed];
  const isLater = (issue, other) => other.kind === 'step' || (other.kind === 'case' && dueOrder(other) > dueOrder(issue));
  for (const issue of waiting) insertBefore(all, issue, (other) => isLater(issue, other));
  for (const question of questions) insertBefore(all, question, ({ kind }) => kind === 'step');
  return all;
}

/** Insert an entry before the first one that `isLater`, or at the end. */
function insertBefore(entries, entry, isLater) {
  const at = entries.findIndex(isLater);
  entries.splice(at < 0 ? entries.length : at, 0, entry);
}

/** Steps without a due date come last. Rows of an earlier release have a day for an issue as well. */
function dueOrder({ dueAt, dueOn }) {
  return Date.parse(dueAt ?? dueOn) || Infinity;
}

/**
 * True if a next step is obsolete: the partner has answered, or its issue has changed since and
 * waits for someone else.
 */
function isOver(ui, step, status) {
  const [collection, id] = String(step.reference ?? '').split('/');
  if (collection === 'enrollments') {
    const enrollment = rowsOf(ui.state, 'onboarding').find((row) => row.id === id);
    return Boolean(enrollment) && ui.state.answered.get(`${ui.state.partner.id}/${step.reference}`) === versionOf(enrollment);
  }
  const issue = collection === 'cases' ? rowsOf(ui.state, 'issues').find((row) => row.id === id) : null;
  if (!issue) return false;
  return isAnswered(ui, issue) || (!isWaiting(ui, issue) && issue.updatedAt > (status.updatedAt ?? ''));
}
