import { ATTACHMENTS, FORMS } from 'backend/forms.js';
import { identifierFault } from 'backend/identifiers.js';
import { pickByLocale, readObject, readFlatObject, readText } from 'backend/inputs.js';
import { Refused } from 'backend/refusals.js';

/**
 * Questions of forms, and the validation of answers. The forms are those of gridwix's
 * configuration: an answer that is valid here is valid there.
 */

const MAX_VALUES = 100;
const MAX_CHOICES = 200;
/** A number, followed by the currency that stood beside it: a code, or a sign. */
const NUMBER = /^([+-]?\d{1,20}(?:[.,]\d{1,12})?)(?: ([A-Z]{3}|[A-Z]{0,3}\p{Sc}))?$/u;
const DATE = /^\d{4}-\d{2}-\d{2}$/;
const TIME = /^([01]\d|2[0-3]):[0-5]\d$/;
const EMAIL = /^[^@\s]{1,64}@[^@\s.]+(\.[^@\s.]+)+$/;
const HOST = /^[^\s./?#@:[\]]+(\.[^\s./?#@:[\]]+)+$/;
/**
 * A telephone number with its country code. gridwix checks it against the country's numbering plan.
 */
const PHONE = /^(\+|00)[\d\s().\/-]+((ext\.?|x|;ext=)\s*\d{1,7})?$/i;
const ADDRESS_PARTS = ['addressLine', 'addressLine2', 'postalCode', 'city', 'subdivision', 'country'];
/** Kinds of questions whose answer is not a single value. */
const NESTED = ['choices', 'address'];
const IDENTIFIERS = ['gln', 'duns', 'trading_address'];

/**
 * Return a form for a page: `{title, fields, words}`, and `attachments` if it takes files. `words`
 * are the translations for the language, by the wording of the fields; missing ones stay as worded.
 */
export function formForPage({ title, fields, words, attachments = null }, locale) {
  return { title, fields, words: pickByLocale({ en: {}, ...words }, locale), ...(attachments ? { attachments: { ...attachments, ...ATTACHMENTS } } : {}) };
}

/**
 * Return the key of the form with a step's own questions; null if it has none. `rows` are the
 * program's rows of the step, one for each language.
 */
export function ownFormKey(rows) {
  return rows.map((row) => row.formKey).find((key) => Object.hasOwn(FORMS, key ?? '') && FORMS[key].action === 'step_submission') ?? null;
}

/**
 * Read and validate the answers to a form. Throws Refused, with the question whose answer is
 * invalid or missing.
 */
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

/** Run `work`, also asynchronously, and assign what it refuses to a question; a limit is one of the member. */
export function forQuestion(question, work) {
  const rethrow = (error) => {
    throw error instanceof Refused && error.limit === null ? new Refused(error.code, question, error.reason) : error;
  };
  try {
    const result = work();
    return result instanceof Promise ? result.catch(rethrow) : result;
  } catch (error) {
    return rethrow(error);
  }
}

/** Return the answers that the session knows: name and email address of the sender. */
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

/** A decimal stays the typed text, so that no digit is lost. */
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

/** True if a text is one of the choices, or a free entry if the form accepts one. */
function isChoice(field, words) {
  return field.choices.includes(words) || (field.other !== undefined && words.startsWith(`${field.other}: `) && words.length > field.other.length + 2);
}

function readAddress(field, value) {
  const parts = Object.entries(readFlatObject(value, MAX_VALUES)).filter(([, value]) => !isEmpty(value));
  const found = Object.fromEntries(parts.map(([part, value]) => [part, readText(value, field.maxLength)]));
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

/** True if a text is a web address. Only http and https: someone may click on it. */
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

/** True if a text is a date of the calendar; 30 February is not. */
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
