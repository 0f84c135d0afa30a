import { submit } from 'backend/webhook-client.js';
import { ATTACHMENTS, FORMS } from 'backend/forms.js';
import { readId, readLocale, readFlatObject, readText } from 'backend/inputs.js';
import { maySend, requireAction, requireForm } from 'backend/permissions.js';
import { forQuestion, readAnswers, formForPage, prefilledAnswers, ownFormKey } from 'backend/questions.js';
import { Refused } from 'backend/refusals.js';
import { rowOf, stepsOf } from 'backend/rows.js';
import { isForPartner } from 'backend/steps.js';
import { requireUploadedFile, purposeLabel, createUploadUrl } from 'backend/uploads.js';

/** Form of a step that has no questions of its own. */
const STEP_FORM = 'onboarding-step';

/** Keys of all request forms. */
export const REQUEST_FORMS = Object.keys(FORMS).filter((key) => FORMS[key].action === 'request');

/**
 * Return the request forms that a member may send at one of these partners, in a language. Questions
 * that the session answers, such as the member's name, are left out.
 */
export function requestForms(partners, wanted) {
  return REQUEST_FORMS.filter((key) => partners.some((partner) => maySend(partner, key))).map((key) => ({ key, ...formForPage(FORMS[key], readLocale(wanted)) }));
}

/**
 * Submit a request form with the files that were uploaded for it, `[{fileId, fileName}]`:
 * `{reference}`. Throws Refused.
 */
export async function sendRequest(member, partner, key, values, files) {
  const form = requestForm(partner, key);
  const answers = readAnswers(form, values);
  return submit(member, partner.id, key, { ...answers, ...prefilledAnswers(form, member), ...(await attachmentValues(member, partner, key, files ?? [])) });
}

/**
 * Return an upload URL for an attachment of a request form, as a private file: `{uploadUrl}`.
 * Throws Refused.
 */
export async function attachmentUrl(member, partner, key, description) {
  const { attachments } = requestForm(partner, key);
  if (!attachments) {
    throw new Refused('not_found');
  }
  return forQuestion(attachments.target, () => createUploadUrl(member, description, purposeLabel(member.id, partner.id, key)));
}

/**
 * Return the attachments of a request by the target of its form. A file without the label of this
 * member, partner and form counts as missing. Throws Refused.
 */
async function attachmentValues(member, partner, key, files) {
  const { attachments } = requestForm(partner, key);
  if (!Array.isArray(files) || (files.length && !attachments)) {
    throw new Refused('invalid');
  }
  if (!files.length) {
    return {};
  }
  return forQuestion(attachments.target, async () => {
    if (files.length > ATTACHMENTS.most) {
      throw new Refused('too_large');
    }
    const described = files.map((file) => readFlatObject(file, 2));
    if (new Set(described.map(({ fileId }) => fileId)).size < files.length) {
      throw new Refused('invalid');
    }
    const mark = purposeLabel(member.id, partner.id, key);
    return { [attachments.target]: await Promise.all(described.map(({ fileId, fileName }) => requireUploadedFile(fileId, fileName, mark))) };
  });
}

/** Return a request form that the member may send. Throws Refused. */
function requestForm(partner, key) {
  if (!REQUEST_FORMS.includes(readText(key, 60))) {
    throw new Refused('not_found');
  }
  requireForm(partner, key);
  return FORMS[key];
}

export async function addComment(member, partner, issueId, comment) {
  requireAction(partner, 'comment');
  const issue = await requireIssue(partner, issueId);
  requirePossible(issue.open === true);
  const values = { case_id: issue._id, comment: readText(comment, 4000) };
  return submit(member, partner.id, 'issue-comment', { ...values, ...prefilledAnswers(FORMS['issue-comment'], member) });
}

/** Answer a team's question about one of the partner's requests. */
export async function answerRequest(member, partner, requestId, answer) {
  requireAction(partner, 'answer_request');
  const values = { request_id: await requireAnswerable(partner, requestId), comment: readText(answer, 4000) };
  return submit(member, partner.id, 'request-answer', { ...values, ...prefilledAnswers(FORMS['request-answer'], member) });
}

/**
 * Return the Trading Grid id of one of the partner's requests. Throws Refused for any other id, and
 * for a request that accepts no answer, or is closed.
 */
async function requireAnswerable(partner, requestId) {
  const row = await rowOf('requests', partner, readId(requestId));
  const [collection, identifier] = String(row?.record ?? '').split('/');
  if (row?.kind !== 'request' || row.answerable === false || collection !== 'collaboration-requests' || !identifier) {
    throw new Refused('not_found');
  }
  // A question that the team has taken back meanwhile may still be answered.
  requirePossible(row.open === true);
  return identifier;
}

export async function answerResolution(member, partner, issueId, accepted, reason) {
  requireAction(partner, 'answer_resolution');
  if (typeof accepted !== 'boolean') {
    throw new Refused('invalid');
  }
  const why = readText(reason, 1000, { optional: accepted });
  const issue = await requireIssue(partner, issueId);
  requirePossible(issue.status === 'resolved');
  const values = { case_id: issue._id, accepted, ...(why ? { comment: why } : {}) };
  return submit(member, partner.id, 'issue-resolution', values);
}

/** Report a step as done, with the answers to the step's own form, if it has one. */
export async function submitStep(member, partner, enrollmentId, stepKey, answers) {
  requireAction(partner, 'submit_step');
  const row = await rowOf('onboarding', partner, readId(enrollmentId));
  const key = readText(stepKey, 100);
  const step = row?.steps?.find((one) => one.key === key);
  if (!step) {
    throw new Refused('not_found');
  }
  requirePossible(isForPartner(row, step));
  const form = await stepFormKey(row, key);
  const values = { enrollment_id: row._id, step_key: key, ...readAnswers(FORMS[form], answers ?? {}), ...prefilledAnswers(FORMS[form], member) };
  return submit(member, partner.id, form, values);
}

/** Return one of the partner's issues. Throws Refused for any other id. */
async function requireIssue(partner, issueId) {
  const row = await rowOf('issues', partner, readId(issueId));
  if (!row) {
    throw new Refused('not_found');
  }
  return row;
}

/** Throw Refused, not_possible, for what the state of a record does not allow. */
function requirePossible(isPossible) {
  if (!isPossible) {
    throw new Refused('not_possible');
  }
}

async function stepFormKey(row, key) {
  const catalog = await stepsOf(row.programId ? [row.programId] : []);
  return ownFormKey(catalog.filter((step) => step.stepKey === key)) ?? STEP_FORM;
}
