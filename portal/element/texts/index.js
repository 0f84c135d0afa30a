/** The element's words in the reader's language, and numbers and lists as that language writes them. */

import { de } from './de.js';
import { en } from './en.js';

const TEXTS = new Map([
  ['en', en],
  ['de', de],
]);
const RIGHT_TO_LEFT = new Set(['ar', 'dv', 'fa', 'he', 'ku', 'ps', 'sd', 'ug', 'ur', 'yi']);

/** Add another language, or replace one: an object with the keys of `en.js`. What it lacks is said in English. */
export function addTexts(language, texts) {
  TEXTS.set(language, texts);
}

export function translator(wanted) {
  const asked = known(wanted);
  const speaks = asked.split('-')[0];
  const language = TEXTS.has(speaks) ? speaks : 'en';
  // Dates and numbers stand within the texts, so they are in the language of these.
  const locale = language === speaks ? asked : 'en';
  const texts = TEXTS.get(language);
  const numbers = new Intl.NumberFormat(locale);
  const plurals = new Intl.PluralRules(language);

  /** The text of a key; undefined if there is none. A text with a form for one and for others takes `count`. */
  function text(key, values = {}) {
    const entry = texts[key] ?? en[key];
    const form = typeof entry === 'object' ? (entry[plurals.select(values.count)] ?? entry.other) : entry;
    return form?.replace(/\{(\w+)\}/g, (whole, name) => (typeof values[name] === 'number' ? numbers.format(values[name]) : (values[name] ?? whole)));
  }

  return {
    asked,
    locale,
    language,
    foreign: language !== speaks,
    dir: RIGHT_TO_LEFT.has(speaks) ? 'rtl' : 'ltr',
    t: (key, values) => text(key, values) ?? key,
    known: (key) => text(key),
    /** Why something could not be done; when only reading, there is nothing that might be sent twice. */
    error: (code, { reading = false } = {}) => (reading ? text(`error.${code}.reading`) : undefined) ?? text(`error.${code}`) ?? text('error.unavailable'),
    /** What a row says in the shipped English is said in the reader's language; what a partner manager has worded stays as it is. */
    label: (shipped) => own(texts.labels, shipped) ?? own(en.labels, shipped) ?? shipped,
    role: (role) => text(`role.${role}`) ?? role ?? '',
    partnerStatus: (status) => text(`partner.${status}`) ?? status,
    number: (value) => numbers.format(value),
    percent: (value) => new Intl.NumberFormat(locale, { style: 'percent' }).format((Number(value) || 0) / 100),
    list: (words) => new Intl.ListFormat(locale, { type: 'unit', style: 'short' }).format(words.map(String)),
    bytes: (size) => bytes(size, locale),
  };
}

/** What an object has under a name that comes from outside, which may be one that every object has. */
function own(object, name) {
  return object && Object.hasOwn(object, name) ? object[name] : undefined;
}

function bytes(size, locale) {
  if (size < 1e3) return new Intl.NumberFormat(locale, { style: 'unit', unit: 'byte', unitDisplay: 'long' }).format(size);
  const [unit, value] = size < 1e6 ? ['kilobyte', size / 1e3] : ['megabyte', size / 1e6];
  return new Intl.NumberFormat(locale, { style: 'unit', unit, maximumFractionDigits: value < 10 ? 1 : 0 }).format(value);
}

/** A locale that no browser can read is English. */
function known(locale) {
  try {
    return new Intl.Locale(locale.replaceAll('_', '-')).toString();
  } catch {
    return 'en';
  }
}
