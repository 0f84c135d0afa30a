/**
 * What each section's list can be searched, filtered and sorted by.
 *
 * `title`, `status` and `texts` are what a row says, in the reader's language. `date` is the time
 * that periods and sorting by time go by. `groups` are states that several statuses share. The
 * first of `sorts` is the list's own order. All are pure.
 */

import { beginOf, byUrgency, phaseOf } from '../notice-times.js';
import { isQuestion, isToConfirm, isWaiting } from '../pending-actions.js';
import { sanitizeHtml, textOf } from '../sanitize.js';

const newest = (date) => (ui, rows) => [...rows].sort((one, other) => compare(date(other), date(one)));
const oldest = (date) => (ui, rows) => [...rows].sort((one, other) => compare(date(one), date(other)));

/** Rows by a rank, which is worked out once for each; those of the same rank in the order of `then`. */
const ranked = (rank, then) => (ui, rows) => {
  const ranks = new Map(rows.map((row) => [row, rank(ui, row)]));
  return then(ui, rows).sort((one, other) => ranks.get(one) - ranks.get(other));
};

const opened = (row) => row.openedAt ?? row.updatedAt;
const submitted = (row) => row.submittedAt;
const sent = (row) => row.sentAt;
const published = (row) => row.publishedAt ?? row.updatedAt;
const changed = (row) => row.updatedAt;
const begun = (row) => row.since ?? row.invitedAt;

/** What the states of people are called. */
const PEOPLE_STATES = { invited: 'people.invited', expired: 'people.expired', member: 'people.members' };

export const LISTS = {
  issues: {
    title: (ui, row) => ui.textOf(row, 'subject'),
    status: (ui, row) => ui.labelOf('case.status', row.status, row.statusLabel),
    number: (row) => row.number,
    date: opened,
    type: (ui, row) => [row.category ?? row.categoryLabel, ui.labelOf('case.category', row.category, row.categoryLabel)],
    texts: (ui, row) => [
      ui.labelOf('case.priority', row.priority, row.priorityLabel),
      ui.textOf(row, 'nextStep'),
      ...(row.affected ?? []).flatMap((one) => [ui.textOf(one, 'name'), one.poNumber, one.shipmentId, one.invoiceNumber, one.errorCode, one.problem]),
      ...(row.comments ?? []).map(({ text }) => text),
    ],
    groups: {
      all_open: (ui, row) => row.open,
      yours: (ui, row) => isWaiting(ui, row) || isToConfirm(ui, row),
      all_closed: (ui, row) => !row.open,
    },
    sorts: {
      // Of closed ones the newest change comes first, as the backend has them.
      urgent: (ui, rows) => {
        const open = rows.filter((row) => row.open);
        return [...ranked(issueRank, newest(opened))(ui, open), ...rows.filter((row) => !row.open)];
      },
      newest: newest(opened),
      oldest: oldest(opened),
      due: (ui, rows) => [...rows].sort((one, other) => compare(dueAt(one), dueAt(other))),
    },
  },
  notices: {
    title: (ui, row) => row.title,
    status: (ui, row) => ui.labelOf('notice.status', row.status, row.statusLabel),
    date: beginOf,
    type: (ui, row) => [row.kind, ui.labelOf('notice.kind', row.kind, row.kindLabel)],
    texts: (ui, row) => [
      ui.labelOf('notice.impact', row.impact, row.impactLabel),
      row.workaround,
      ...(row.components ?? []).map(({ name }) => name),
      ...(row.transactionTypes ?? []).map((code) => ui.nameOf('transaction.type', code)),
      ...(row.entries ?? []).map(({ html }) => plain(html)),
    ],
    groups: {
      all_active: (ui, row) => phaseOf(row) === 'on',
      all_planned: (ui, row) => phaseOf(row) === 'planned',
      all_past: (ui, row) => ['unclosed', 'over'].includes(phaseOf(row)),
    },
    sorts: { urgent: (ui, rows) => byUrgency(rows), newest: newest(beginOf), oldest: oldest(beginOf) },
  },
  documents: {
    title: (ui, row) => row.title,
    status: (ui, row) => ui.labelOf('document.status', row.status, row.statusLabel),
    date: published,
    type: (ui, row) => [row.category, documentCategory(ui, row)],
    texts: (ui, row) => [row.fileName, row.changeNote, row.review?.fileName, row.review?.comment, ...(row.history ?? []).flatMap((one) => [one.fileName, one.changeNote])],
    groups: { new_version: (ui, row) => row.review?.status === 'in_review' },
    sorts: {
      // The category of the first title comes first.
      category: (ui, rows) => [...Map.groupBy(byTitle(ui, rows), (row) => documentCategory(ui, row)).values()].flat(),
      title: byTitle,
      newest: newest(published),
    },
  },
  requests: {
    title: (ui, row) => ui.textOf(row, 'title'),
    status: (ui, row) => ui.labelOf('request.status', row.status, row.statusLabel),
    number: (row) => row.number ?? row.reference,
    date: submitted,
    type: (ui, row) => [row.kind, row.kind === 'request' ? ui.t('lists.kind.request') : (ui.known(`requestKind.${row.kind}`) ?? row.kind)],
    texts: (ui, row) => [row.reference, ui.textOf(row, 'team'), ui.textOf(row, 'message'), ui.textOf(row, 'nextStep'), ...(row.comments ?? []).map(({ text }) => text)],
    groups: { all_open: (ui, row) => row.open, yours: (ui, row) => isQuestion(ui, row), all_closed: (ui, row) => !row.open },
    sorts: { urgent: ranked((ui, row) => (isQuestion(ui, row) ? 0 : row.open ? 1 : 2), newest(submitted)), newest: newest(submitted), oldest: oldest(submitted) },
  },
  messages: {
    title: (ui, row) => row.title,
    status: () => null,
    date: sent,
    type: (ui, row) => {
      const name = row.importance === 'important' ? 'important' : row.kind === 'marketing' ? 'news' : 'other';
      return [name, name === 'other' ? ui.t('lists.kind.message') : ui.t(`messages.${name}`)];
    },
    texts: (ui, row) => [plain(row.body)],
    groups: {},
    sorts: { newest: newest(sent), oldest: oldest(sent) },
  },
  onboarding: {
    title: programName,
    status: (ui, row) => ui.labelOf('enrollment.status', row.status, row.statusLabel),
    date: changed,
    type: (ui, row) => [row.programId, programName(ui, row)],
    texts: (ui, row) => (row.steps ?? []).flatMap((step) => [step.title, ui.labelOf('step.status', step.status, step.statusLabel), step.note, plain(step.instructions), plain(step.copy)]),
    groups: {},
    sorts: { newest: newest(changed), oldest: oldest(changed) },
  },
  people: {
    title: personName,
    status: (ui, row) => ui.t(PEOPLE_STATES[row.status]),
    date: begun,
    type: (ui, row) => [row.role, row.role ? ui.role(row.role) : null],
    texts: (ui, row) => [row.email, row.self ? ui.t('people.you') : null],
    groups: {},
    // By name, as the backend has them: the invited first.
    sorts: { name: (ui, rows) => [...rows], newest: newest(begun), oldest: oldest(begun) },
  },
};

/** The name of somebody who acts for the company, or is invited to, as far as known. */
export function personName(ui, row) {
  return row.name || row.email || ui.t(row.status === 'member' ? 'people.unknown' : 'people.byHand');
}

/** A document's category in words. */
export function documentCategory(ui, row) {
  return ui.labelOf('document.category', row.category, row.categoryLabel) || ui.t('documents.other');
}

/** The name of an enrollment's program, as far as known. */
export function programName(ui, row) {
  return row.programName ?? row.steps?.find((step) => step.programName)?.programName ?? ui.t('onboarding.program');
}

function issueRank(ui, row) {
  return isWaiting(ui, row) ? 0 : isToConfirm(ui, row) ? 1 : 2;
}

/** Closed ones are no longer due. */
function dueAt(row) {
  return row.open && row.dueAt ? row.dueAt : '9999';
}

function byTitle(ui, rows) {
  return [...rows].sort((one, other) => one.title.localeCompare(other.title, ui.locale));
}

/** Order of two times as text; one that is missing counts as the earliest. */
function compare(one = '', other = '') {
  return (one ?? '') < (other ?? '') ? -1 : (one ?? '') > (other ?? '') ? 1 : 0;
}

/** The words of a rich text, for the search. */
function plain(html) {
  return textOf(sanitizeHtml(html), ' ');
}
