import { Refused } from 'backend/refusals.js';

const LONE_SURROGATE = /\p{Cs}/u;
const ID = /^[A-Za-z0-9._:~-]{1,100}$/;
const LOCALE = /^[A-Za-z]{2,3}([-_][A-Za-z0-9]{2,8}){0,3}$/;

/** Read a trimmed text of 1 to `most` characters. Throws Refused. */
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
  // A lone surrogate cannot be encoded as UTF-8, so it cannot be signed and sent.
  if ((!trimmed && !optional) || LONE_SURROGATE.test(trimmed)) {
    throw new Refused('invalid');
  }
  return trimmed;
}

/** Read the id of a row or a file. Throws Refused. */
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

/** Read an object with at most `most` members of any type. Throws Refused. */
export function readObject(value, most) {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) {
    throw new Refused('invalid');
  }
  if (Object.keys(value).length > most) {
    throw new Refused('too_large');
  }
  return value;
}

/** Read a flat object with at most `most` members. Throws Refused. */
export function readFlatObject(value, most) {
  if (Object.values(readObject(value, most)).some((member) => member !== null && typeof member === 'object')) {
    throw new Refused('invalid');
  }
  return value;
}

/** Read a language tag; anything else counts as 'en'. */
export function readLocale(value) {
  return typeof value === 'string' && LOCALE.test(value) ? value.replaceAll('_', '-') : 'en';
}

/**
 * Pick the member of `texts` for a locale: of that locale, of its language, of one of `others`, or
 * any.
 */
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
