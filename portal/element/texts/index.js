/**
 * The element's texts in the reader's language, with that language's formats of numbers and lists.
 */

import { de } from './de.js';
import { en } from './en.js';
import { es } from './es.js';
import { fr } from './fr.js';
import { limits } from './limits/index.js';
import { lists } from './lists/index.js';
import { mine } from './mine/index.js';
import { people } from './people/index.js';
import { views } from './views/index.js';

const LANGUAGES = [
  ['en', en],
  ['de', de],
  ['fr', fr],
  ['es', es],
];
/** Texts of parts of the portal, by language, each part in a folder of its own. */
const PARTS = [limits, lists, mine, people, views];
const TEXTS = new Map(LANGUAGES.map(([language, texts]) => [language, Object.assign({}, texts, ...PARTS.map((part) => part[language]))]));
const ENGLISH = TEXTS.get('en');
const RIGHT_TO_LEFT = new Set(['ar', 'dv', 'fa', 'he', 'ku', 'ps', 'sd', 'ug', 'ur', 'yi']);

/**
 * Add or replace a language: an object with the keys of `textsOf('en')`. Missing texts are shown
 * in English.
 */
export function addTexts(language, texts) {
  TEXTS.set(language, texts);
}

/** Return all texts of a language, by key; undefined if it has none. */
export function textsOf(language) {
  return TEXTS.get(language);
}

export function createTranslator(wanted) {
  const asked = known(wanted);
  const speaks = asked.split('-')[0];
  const language = TEXTS.has(speaks) ? speaks : 'en';
  // Dates and numbers are part of the texts, so they use the same language.
  const locale = language === speaks ? asked : 'en';
  const texts = TEXTS.get(language);
  const numbers = new Intl.NumberFormat(locale);
  const plurals = new Intl.PluralRules(language);

  /**
   * Return the text of a key; undefined if there is none. A text with singular and plural takes
   * `count`.
   */
  function text(key, values = {}) {
    const entry = texts[key] ?? ENGLISH[key];
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
    /**
     * The text of an error: `{code, limit}`, or its code. When only reading, nothing can have been sent twice. A
     * limit says how many there may be, and until when that counts; `shownTime` shows a time.
     */
    error: (failure, { reading = false, shownTime = String } = {}) => {
      const { code, limit = null } = typeof failure === 'string' ? { code: failure } : failure;
      const limited = limit ? text(`error.${code}.${limit.kind}`, { most: limit.most, time: shownTime(limit.until) }) : undefined;
      return limited ?? (reading ? text(`error.${code}.reading`) : undefined) ?? text(`error.${code}`) ?? text('error.unavailable');
    },
    /** Translate a shipped English text; a text that a partner manager has reworded stays. */
    label: (shipped) => own(texts.labels, shipped) ?? own(ENGLISH.labels, shipped) ?? shipped,
    role: (role) => text(`role.${role}`) ?? role ?? '',
    partnerStatus: (status) => text(`partner.${status}`) ?? status,
    number: (value) => numbers.format(value),
    percent: (value) => new Intl.NumberFormat(locale, { style: 'percent' }).format((Number(value) || 0) / 100),
    list: (words) => new Intl.ListFormat(locale, { type: 'unit', style: 'short' }).format(words.map(String)),
    bytes: (size) => bytes(size, locale),
  };
}

/** Own property of an object by an external name, which may be that of an inherited one. */
function own(object, name) {
  return object && Object.hasOwn(object, name) ? object[name] : undefined;
}

function bytes(size, locale) {
  if (size < 1e3) return new Intl.NumberFormat(locale, { style: 'unit', unit: 'byte', unitDisplay: 'long' }).format(size);
  const [unit, value] = size < 1e6 ? ['kilobyte', size / 1e3] : ['megabyte', size / 1e6];
  return new Intl.NumberFormat(locale, { style: 'unit', unit, maximumFractionDigits: value < 10 ? 1 : 0 }).format(value);
}

/** A locale that the browser does not support counts as English. */
function known(locale) {
  try {
    return new Intl.Locale(locale.replaceAll('_', '-')).toString();
  } catch {
    return 'en';
  }
}
