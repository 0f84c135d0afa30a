import { submit } from 'backend/door.js';
import { FORMS } from 'backend/forms.js';
import { id, plain, text } from 'backend/inputs.js';
import { Refused } from 'backend/refusals.js';
import { rowOf, stepsOf } from 'backend/rows.js';

const MOST_VALUES = 100;
const STEP_FORM = 'onboarding-step';
const NUMBER = /^[+-]?\d{1,20}([.,]\d{1,12})?$/;
const DATE = /^\d{4}-\d{2}-\d{2}$/;
const EMAIL = /^[^@\s]{1,64}@[^@\s.]+(\.[^@\s.]+)+$/;

/** The forms with which a member asks for something. What the session says, such as the member's name, is not asked. */
export function requestForms() {
  return Object.entries(FORMS)
    .filter(([, form]) => form.action === 'request')
    .map(([key, { title, fields }]) => ({ key, title, fields }));
}

/** Send one of the request forms: `{reference}`. */
export async function sendRequest(member, partner, key, values) {
  const form = Object.hasOwn(FORMS, text(key, 60)) ? FORMS[key] : undefined;
  if (form?.action !== 'request') {
    throw new Refused('not_found');
  }
  return submit(member, partner.id, key, { ...answersOf(form, values), ...filled(form, member) });
}

export async function addComment(member, partner, issueId, comment) {
  const about = { case_id: await issue(partner, issueId), comment: text(comment, 4000) };
  return submit(member, partner.id, 'issue-comment', { ...about, ...filled(FORMS['issue-comment'], member) });
}

export async function answerResolution(member, partner, issueId, accepted, reason) {
  if (typeof accepted !== 'boolean') {
    throw new Refused('invalid');
  }
  const why = text(reason, 1000, { optional: accepted });
  const about = { case_id: await issue(partner, issueId), accepted, ...(why ? { comment: why } : {}) };
  return submit(member, partner.id, 'issue-resolution', about);
}

/** Report that a step is done, with the answers to the step's own form, if it has one. */
export async function submitStep(member, partner, enrollmentId, stepKey, answers) {
  const row = await rowOf('onboarding', partner.id, id(enrollmentId));
  const key = text(stepKey, 100);
  if (!row?.steps?.some((step) => step.key === key)) {
    throw new Refused('not_found');
  }
  const form = await stepForm(row, key);
  const values = { enrollment_id: row._id, step_key: key, ...answersOf(FORMS[form], answers ?? {}), ...filled(FORMS[form], member) };
  return submit(member, partner.id, form, values);
}

/** The id of an issue of the partner's. Throws Refused if it has none of that id. */
async function issue(partner, issueId) {
  const row = await rowOf('issues', partner.id, id(issueId));
  if (!row) {
    throw new Refused('not_found');
  }
  return row._id;
}

async function stepForm(row, key) {
  const catalog = await stepsOf(row.programId ? [row.programId] : []);
  const found = catalog.find((step) => step.stepKey === key && Object.hasOwn(FORMS, step.formKey ?? ''))?.formKey;
  return found && FORMS[found].action === 'step_submission' ? found : STEP_FORM;
}

/** The answers to a form's questions, checked; a question that the form does not ask is refused. */
function answersOf(form, values) {
  const given = Object.entries(plain(values, MOST_VALUES)).filter(([, value]) => value !== null && value !== undefined && value !== '');
  const fields = new Map(form.fields.map((field) => [field.target, field]));
  const answers = {};
  for (const [target, value] of given) {
    if (!fields.has(target)) {
      throw new Refused('invalid');
    }
    answers[target] = answer(fields.get(target), value);
  }
  if (form.fields.some((field) => field.required && !Object.hasOwn(answers, field.target))) {
    throw new Refused('invalid');
  }
  return answers;
}

function answer(field, value) {
  if (field.kind === 'boolean') {
    return check(typeof value === 'boolean', value);
  }
  if (field.kind === 'integer' || field.kind === 'decimal') {
    // A decimal stays the text that was typed, so that no digit of it is lost.
    const digits = text(typeof value === 'number' ? String(value) : value, 40);
    return check(NUMBER.test(digits) && (field.kind === 'decimal' || /^[+-]?\d+$/.test(digits)), digits.replace(',', '.'));
  }
  const words = text(value, field.maxLength);
  switch (field.kind) {
    case 'choice':
      return check(field.choices.includes(words), words);
    case 'date':
      return check(isDate(words), words);
    case 'email':
      return check(EMAIL.test(words), words);
    default:
      return words;
  }
}

/** Whether a text is a day of the calendar, which the 30th of February is not. */
function isDate(words) {
  const day = DATE.test(words) ? new Date(`${words}T00:00:00Z`) : new Date(NaN);
  return !Number.isNaN(day.getTime()) && day.toISOString().startsWith(words);
}

function check(fits, value) {
  if (!fits) {
    throw new Refused('invalid');
  }
  return value;
}

/** What a form asks about the sender and the session knows. */
function filled(form, member) {
  const known = { name: member.name || member.email, email: member.email };
  return Object.fromEntries(Object.entries(form.filled).flatMap(([meaning, target]) => (known[meaning] ? [[target, known[meaning]]] : [])));
}
