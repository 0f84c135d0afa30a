import { Refused } from 'backend/refusals.js';

const LONE_SURROGATE = /\p{Cs}/u;
const ID = /^[A-Za-z0-9._:~-]{1,100}$/;
const LOCALE = /^[A-Za-z]{2,3}([-_][A-Za-z0-9]{2,8}){0,3}$/;

/** A text of 1 to `most` characters, without the spaces around it. Throws Refused. */
export function readText(value, most, { optional = false } = {}) {
  if (value === undefined || value === null || value === '') {
    if (optional) {
      return '';
    }
    throw new Refused('invalid');
  }
  if (typeof value !== 'string') {
    throw new Refused('invalid');
  }
  const trimmed = value.trim();
  if (trimmed.length > most) {
    throw new Refused('too_large');
  }
  // A lone surrogate is no text that could be signed and sent on.
  if ((!trimmed && !optional) || LONE_SURROGATE.test(trimmed)) {
    throw new Refused('invalid');
  }
  return trimmed;
}

/** The id of a row, or of a file. Throws Refused for what can be none. */
export function readId(value) {
  if (typeof value !== 'string' || !ID.test(value)) {
    throw new Refused('invalid');
  }
  return value;
}

export function readInteger(value, most) {
  if (!Number.isSafeInteger(value) || value < 0) {
    throw new Refused('invalid');
  }
  if (value > most) {
    throw new Refused('too_large');
  }
  return value;
}

/** An object with at most `most` members, whatever these are. Throws Refused. */
export function readObject(value, most) {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) {
    throw new Refused('invalid');
  }
  if (Object.keys(value).length > most) {
    throw new Refused('too_large');
  }
  return value;
}

/** An object of one level with at most `most` members. Throws Refused. */
export function readFlatObject(value, most) {
  if (Object.values(readObject(value, most)).some((member) => member !== null && typeof member === 'object')) {
    throw new Refused('invalid');
  }
  return value;
}

/** A language tag; 'en' for anything that is none. */
export function readLocale(value) {
  return typeof value === 'string' && LOCALE.test(value) ? value.replaceAll('_', '-') : 'en';
}

/** The member of `texts` for a locale: of the very locale, of its language, of one of `others`, or any. */
export function pickByLocale(texts, wanted, others = ['en']) {
  const found = Object.keys(texts ?? {});
  const language = wanted.split('-')[0].toLowerCase();
  const key =
    found.find((one) => one.toLowerCase() === wanted.toLowerCase()) ??
    found.find((one) => one.split('-')[0].toLowerCase() === language) ??
    others.find((one) => found.includes(one)) ??
    found[0];
  return key === undefined ? undefined : texts[key];
}
