import { ATTACHMENTS, FORMS } from 'backend/forms.js';
import { identifierFault } from 'backend/identifiers.js';
import { pickByLocale, readObject, readFlatObject, readText } from 'backend/inputs.js';
import { Refused } from 'backend/refusals.js';

/** What forms ask, and whether answers fit. The forms are those of gridwix's configuration, so an answer that fits here fits there. */

const MAX_VALUES = 100;
const MAX_CHOICES = 200;
/** A number, and behind it the currency that stood beside it: a code, or a sign. */
const NUMBER = /^([+-]?\d{1,20}(?:[.,]\d{1,12})?)(?: ([A-Z]{3}|[A-Z]{0,3}\p{Sc}))?$/u;
const DATE = /^\d{4}-\d{2}-\d{2}$/;
const TIME = /^([01]\d|2[0-3]):[0-5]\d$/;
const EMAIL = /^[^@\s]{1,64}@[^@\s.]+(\.[^@\s.]+)+$/;
const HOST = /^[^\s./?#@:[\]]+(\.[^\s./?#@:[\]]+)+$/;
/** A telephone number with its country code. Which numbers a country has, gridwix knows. */
const PHONE = /^(\+|00)[\d\s().\/-]+((ext\.?|x|;ext=)\s*\d{1,7})?$/i;
const ADDRESS_PARTS = ['addressLine', 'addressLine2', 'postalCode', 'city', 'subdivision', 'country'];
/** The kinds whose answers are no single value. */
const NESTED = ['choices', 'address'];
const IDENTIFIERS = ['gln', 'duns', 'trading_address'];

/**
 * A form as a page gets it: `{title, fields, words}`, and `attachments` if files may come along. `words` are those of the language, by the wording of the
 * fields; what it lacks stays as it is worded.
 */
export function formForPage({ title, fields, words, attachments }, locale) {
  return { title, fields, words: pickByLocale({ en: {}, ...words }, locale), ...(attachments ? { attachments: { ...attachments, ...ATTACHMENTS } } : {}) };
}

/** The key of the form with a step's own questions; null if it has none. `rows` are what the program says of the step, one for each language. */
export function ownFormKey(rows) {
  return rows.map((row) => row.formKey).find((key) => Object.hasOwn(FORMS, key ?? '') && FORMS[key].action === 'step_submission') ?? null;
}

/** The answers to a form's questions, checked. Throws Refused, with the question if one that is asked is not answered as it should be. */
export function readAnswers(form, values) {
  const given = Object.entries(readObject(values, MAX_VALUES)).filter(([, value]) => !isEmpty(value));
  const fields = new Map(form.fields.map((field) => [field.target, field]));
  const answers = {};
  for (const [target, value] of given) {
    const field = fields.get(target);
    if (!field || (typeof value === 'object' && !NESTED.includes(field.kind))) {
      throw new Refused('invalid');
    }
    answers[target] = forQuestion(target, () => readAnswer(field, value));
  }
  const missing = form.fields.find((field) => field.required && !Object.hasOwn(answers, field.target));
  if (missing) {
    throw new Refused('invalid', missing.target);
  }
  return answers;
}

/** What `work` gives, at once or later; what it refuses belongs to a question. */
export function forQuestion(question, work) {
  const rethrow = (error) => {
    throw error instanceof Refused ? new Refused(error.code, question, error.reason) : error;
  };
  try {
    const result = work();
    return result instanceof Promise ? result.catch(rethrow) : result;
  } catch (error) {
    return rethrow(error);
  }
}

/** What a form asks about the sender and the session knows. */
export function prefilledAnswers(form, member) {
  const known = { name: member.name || member.email, email: member.email };
  return Object.fromEntries(Object.entries(form.filled).flatMap(([meaning, target]) => (known[meaning] ? [[target, known[meaning]]] : [])));
}

function readAnswer(field, value) {
  if (field.kind === 'boolean') {
    return requireValid(typeof value === 'boolean', value);
  }
  if (field.kind === 'integer' || field.kind === 'decimal' || field.kind === 'rating') {
    return readNumber(field, value);
  }
  if (field.kind === 'choices') {
    return readChoices(field, value);
  }
  if (field.kind === 'address') {
    return readAddress(field, value);
  }
  const words = readText(value, field.maxLength);
  switch (field.kind) {
    case 'choice':
      return requireValid(isChoice(field, words), words);
    case 'date':
      return requireValid(isDate(words), words);
    case 'time':
      return requireValid(TIME.test(words), words);
    case 'datetime':
      return requireValid(isMoment(words), words);
    case 'email':
      return requireValid(EMAIL.test(words), words);
    case 'url':
      return requireValid(isWebAddress(words), words, 'url');
    case 'phone':
      return requireValid(isPhone(words), words, 'phone');
    default:
      return IDENTIFIERS.includes(field.kind) ? readIdentifier(field.kind, words) : words;
  }
}

/** A decimal stays the text that was typed, so that no digit of it is lost. */
function readNumber(field, value) {
  const typed = readText(typeof value === 'number' ? String(value) : value, 40);
  const [, digits, currency] = NUMBER.exec(typed) ?? [];
  requireValid(digits !== undefined && (!currency || (field.kind === 'decimal' && isCurrency(currency))), null);
  requireValid(field.kind === 'decimal' || /^[+-]?\d+$/.test(digits), null);
  requireValid(field.kind !== 'rating' || (Number(digits) >= 1 && Number(digits) <= field.highest), null);
  return digits.replace(',', '.') + (currency ? ` ${currency}` : '');
}

function isCurrency(currency) {
  return !/^[A-Z]{3}$/.test(currency) || Intl.supportedValuesOf('currency').includes(currency);
}

function readChoices(field, value) {
  if (!Array.isArray(value) || value.length > MAX_CHOICES) {
    throw new Refused('invalid');
  }
  const chosen = [...new Set(value.map((one) => readText(one, field.maxLength)))];
  return requireValid(
    chosen.every((one) => isChoice(field, one)),
    chosen,
  );
}

/** Whether a text is one of the choices, or an entry of the member's own where the form takes one. */
function isChoice(field, words) {
  return field.choices.includes(words) || (field.other !== undefined && words.startsWith(`${field.other}: `) && words.length > field.other.length + 2);
}

function readAddress(field, value) {
  const parts = Object.entries(readFlatObject(value, MAX_VALUES)).filter(([, said]) => !isEmpty(said));
  const found = Object.fromEntries(parts.map(([part, said]) => [part, readText(said, field.maxLength)]));
  requireValid(
    Object.keys(found).every((part) => ADDRESS_PARTS.includes(part)),
    null,
  );
  return requireValid(found.country === undefined || /^[A-Z]{2}$/.test(found.country), found, 'address.country');
}

function readIdentifier(kind, words) {
  const fault = identifierFault(kind, words);
  if (fault) {
    throw new Refused('invalid', null, `${kind}.${fault}`);
  }
  return words;
}

function isPhone(words) {
  const digits = words.replace(/(ext|x).*$/i, '').replace(/\D/g, '').length;
  return PHONE.test(words) && digits >= 8 && digits <= 17;
}

/** Whether a text is an address of the web. Only http and https: whoever reads it may click on it. */
function isWebAddress(words) {
  const scheme = /^[a-z][a-z0-9+.-]*:/i.exec(words)?.[0];
  const address = scheme && !HOST.test(scheme.slice(0, -1)) ? words : `https://${words}`;
  try {
    const { protocol, hostname, username, password } = new URL(address);
    return /^https?:$/.test(protocol) && !username && !password && HOST.test(hostname) && !/\s/.test(address);
  } catch {
    return false;
  }
}

function isMoment(words) {
  const [day, time, ...rest] = words.split('T');
  return !rest.length && isDate(day) && TIME.test(time ?? '');
}

function isEmpty(value) {
  if (Array.isArray(value)) {
    return !value.length;
  }
  if (value !== null && typeof value === 'object') {
    return Object.values(value).every((member) => member === null || member === undefined || member === '');
  }
  return value === null || value === undefined || value === '';
}

/** Whether a text is a day of the calendar, which the 30th of February is not. */
function isDate(words) {
  const day = DATE.test(words) ? new Date(`${words}T00:00:00Z`) : new Date(NaN);
  return !Number.isNaN(day.getTime()) && day.toISOString().startsWith(words);
}

function requireValid(fits, value, reason = null) {
  if (!fits) {
    throw new Refused('invalid', null, reason);
  }
  return value;
}
