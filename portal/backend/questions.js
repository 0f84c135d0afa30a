import { ATTACHMENTS, FORMS } from 'backend/forms.js';
import { inLocale, plain, text } from 'backend/inputs.js';
import { Refused } from 'backend/refusals.js';

/** What forms ask, and whether answers fit. The forms are those of gridwix's configuration, so an answer that fits here fits there. */

const MOST_VALUES = 100;
const NUMBER = /^[+-]?\d{1,20}([.,]\d{1,12})?$/;
const DATE = /^\d{4}-\d{2}-\d{2}$/;
const EMAIL = /^[^@\s]{1,64}@[^@\s.]+(\.[^@\s.]+)+$/;

/**
 * A form as a page gets it: `{title, fields, words}`, and `attachments` if files may come along. `words` are those of the language, by the wording of the
 * fields; what it lacks stays as it is worded.
 */
export function asked({ title, fields, words, attachments }, locale) {
  return { title, fields, words: inLocale({ en: {}, ...words }, locale), ...(attachments ? { attachments: { ...attachments, ...ATTACHMENTS } } : {}) };
}

/** The key of the form with a step's own questions; null if it has none. `rows` are what the program says of the step, one for each language. */
export function ownForm(rows) {
  return rows.map((row) => row.formKey).find((key) => Object.hasOwn(FORMS, key ?? '') && FORMS[key].action === 'step_submission') ?? null;
}

/** The answers to a form's questions, checked. Throws Refused, with the question if one that is asked is not answered as it should be. */
export function answersOf(form, values) {
  const given = Object.entries(plain(values, MOST_VALUES)).filter(([, value]) => value !== null && value !== undefined && value !== '');
  const fields = new Map(form.fields.map((field) => [field.target, field]));
  const answers = {};
  for (const [target, value] of given) {
    if (!fields.has(target)) {
      throw new Refused('invalid');
    }
    const field = fields.get(target);
    answers[target] = about(target, () => answer(field, value));
  }
  const missing = form.fields.find((field) => field.required && !Object.hasOwn(answers, field.target));
  if (missing) {
    throw new Refused('invalid', missing.target);
  }
  return answers;
}

/** What `work` gives, at once or later; what it refuses belongs to a question. */
export function about(question, work) {
  const told = (error) => {
    throw error instanceof Refused ? new Refused(error.code, question) : error;
  };
  try {
    const result = work();
    return result instanceof Promise ? result.catch(told) : result;
  } catch (error) {
    return told(error);
  }
}

/** What a form asks about the sender and the session knows. */
export function filled(form, member) {
  const known = { name: member.name || member.email, email: member.email };
  return Object.fromEntries(Object.entries(form.filled).flatMap(([meaning, target]) => (known[meaning] ? [[target, known[meaning]]] : [])));
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
