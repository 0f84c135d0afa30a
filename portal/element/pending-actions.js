/** Whose turn it is: what waits for the partner, and what it has answered already although Trading Grid does not show it yet. */

/** Statuses of an issue and of a request in which the hub has asked the partner something. */
const ASKED = new Set(['awaiting_partner', 'waiting_on_partner']);
const UNDECIDED = new Set(['new', 'open']);
const SOON = 3;

/** What an action is about, for `ui.run`: the record, and how it was when the partner acted. */
export function about(row, record = `cases/${row.id}`) {
  return { record, version: versionOf(row) };
}

function versionOf(row) {
  return JSON.stringify([row.status, row.updatedAt, row.nextStep, row.comments?.length]);
}

/** Whether the partner has answered what a row asks for: just now, or by something that it has sent since the row last changed. */
export function isAnswered(ui, row, record = `cases/${row.id}`) {
  if (ui.state.answered.get(`${ui.state.partner.id}/${record}`) === versionOf(row)) return true;
  const asked = row.updatedAt ?? lastWord(row, 'hub')?.createdAt;
  return ui.state.data.sections.requests.rows.some(
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

/** Whether an issue waits for something that the partner has to do or tell. One that is solved waits for a confirmation only: `isToConfirm`. */
export function isWaiting(ui, issue) {
  return issue.open && issue.status !== 'resolved' && asks(issue) && !isAnswered(ui, issue);
}

/** What the row says; a row of an earlier release does not, and is read as the functions would. */
function asks(issue) {
  if (issue.waitsFor) return issue.waitsFor === 'partner';
  if (ASKED.has(issue.status)) return true;
  return UNDECIDED.has(issue.status) && Boolean(issue.nextStep) && lastWord(issue)?.author !== 'partner';
}

export function isToConfirm(ui, issue) {
  return issue.open && issue.status === 'resolved' && !isAnswered(ui, issue);
}

/** Whether a request waits for the partner's answer. */
export function isQuestion(ui, request) {
  return request.open && ASKED.has(request.status) && !isAnswered(ui, request, request.record);
}

/** How many of a section are open, and whether there may be more: they come before those that are over, so another page matters only if all are open. */
export function openOf({ rows, next }, name = 'open') {
  const count = rows.filter((row) => row[name]).length;
  return { count, atLeast: Boolean(next) && count === rows.length };
}

/** Whether something that is open is due within three days, or was. */
export function isDueSoon(ui, row) {
  return row.open && ui.dates.daysAway(row.dueAt) <= SOON;
}

/** What the partner should do next: what the hub says, less what has been answered, and the issues and requests that wait besides. */
export function nextSteps(ui, status) {
  const { issues, requests } = ui.state.data.sections;
  const listed = (status?.nextSteps ?? []).filter((step) => !isOver(ui, step, status));
  const known = new Set(listed.map((step) => step.reference));
  const waiting = issues.rows
    .filter((issue) => isWaiting(ui, issue) && !known.has(`cases/${issue.id}`))
    .map((issue) => ({ kind: 'case', text: issue.nextStep ? ui.textOf(issue, 'nextStep') : ui.textOf(issue, 'subject'), dueOn: issue.dueAt, reference: `cases/${issue.id}` }));
  const questions = requests.rows
    .filter((request) => isQuestion(ui, request))
    .map((request) => ({ kind: 'request', text: ui.t('overview.answer', { title: ui.textOf(request, 'title') }), reference: request.record }));
  return [...listed, ...waiting, ...questions];
}

/** Whether a next step no longer asks: the partner has answered, or its issue, which has changed later, waits for somebody else. */
function isOver(ui, step, status) {
  const [collection, id] = String(step.reference ?? '').split('/');
  const { issues, onboarding } = ui.state.data.sections;
  if (collection === 'enrollments') {
    const enrollment = onboarding.rows.find((row) => row.id === id);
    return Boolean(enrollment) && ui.state.answered.get(`${ui.state.partner.id}/${step.reference}`) === versionOf(enrollment);
  }
  const issue = collection === 'cases' ? issues.rows.find((row) => row.id === id) : null;
  if (!issue) return false;
  return isAnswered(ui, issue) || (!isWaiting(ui, issue) && issue.updatedAt > (status.updatedAt ?? ''));
}
