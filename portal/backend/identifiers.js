/**
 * Validates GLN, D-U-N-S number and EDI address as people write them, to show the fault beside the
 * field.
 *
 * gridwix validates them again by the same rules (`form_intake/identifiers.py`); the tests of both
 * have the same cases.
 */

const GLN_LENGTH = 13;
const DUNS_LENGTH = 9;
const LOST_ZEROS = 2;

/** Invisible characters that copying adds: direction marks, joiners, byte order marks. */
const INVISIBLE = /[\u200b-\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff]/g;
const SEPARATORS = /[\s.\u2010-\u2015\u00ad-]/g;
const SHORTENED = /^[\d.,]+e\+?\d+$/i;
const FRACTION = /^(\d+)[.,]0+$/;
const GLN_NAMES = /^\s*(?:\(41[0-7]\)|GLN\b(?:\s*(?:no\.?|number|code))?\s*[:#]?)\s*/i;
const DUNS_NAMES = /^\s*(?:D[\s.-]?U[\s.-]?N[\s.-]?S\.?(?:\s*\+\s*4\b)?|D&B)(?:\s*(?:no\.?|nr\.?|number|nummer))?\s*[:#]?\s*/i;
const ADDRESS = /^[\x20-\x7e]{1,60}$/;
const SEPARATED = /\s*[:/*|+;,\\]\s*|\s+-\s+|\s+(?=\S+$)/;

/** Codes of X12 I05 (ISA05, ISA07). */
const I05 = [
  ...'01 02 03 04 07 08 09'.split(' '),
  ...Array.from({ length: 29 }, (_, place) => String(place + 10)),
  ...'AM NR SA SN ZZ'.split(' '),
];
/** Codes of UN/EDIFACT 0007 (UNB). */
const EDIFACT = (
  '1 4 5 8 9 12 14 18 22 30 31 33 34 51 52 53 54 55 56 57 58 59 61 63 65 80 82 84 85 86 87 89 90 91 92 103 128 129 144 145 146 147 148 ZZ ZZZ'
).split(' ');
const CODES = new Set([...I05, ...EDIFACT]);
/** Formats of identifiers by their code of UN/EDIFACT 0007. */
const ANNOUNCED = { 1: /^\d{9}$/, 9: /^\d{9}[0-9A-Z]{4}$/, 14: /^\d{13}$/ };

const CHECKS = { gln, duns, trading_address: tradingAddress };

/**
 * Return the reason why a text is not an identifier of this kind: check_digit, length, characters,
 * zeros, shortened, either or address; null if it is valid.
 */
export function identifierFault(kind, text) {
  return CHECKS[kind](text.replace(INVISIBLE, ''));
}

function gln(text) {
  const { digits, fault } = digitsOf(text.replace(GLN_NAMES, ''));
  if (fault) {
    return fault;
  }
  if (!isLongEnough(digits, GLN_LENGTH)) {
    return 'length';
  }
  return isGln(digits.padStart(GLN_LENGTH, '0')) ? null : 'check_digit';
}

function isGln(digits) {
  const sum = [...digits].reduce((total, digit, place) => total + Number(digit) * (place % 2 ? 3 : 1), 0);
  return sum % 10 === 0 && /[1-9]/.test(digits);
}

function duns(text) {
  const bare = text.replace(DUNS_NAMES, '');
  const whole = bare.replace(SEPARATORS, '').toUpperCase();
  if (/^\d{9}[0-9A-Z]{4}$/.test(whole) && /[1-9]/.test(whole.slice(0, DUNS_LENGTH)) && !SHORTENED.test(whole)) {
    return null;
  }
  const { digits, fault } = digitsOf(bare);
  if (fault) {
    return fault;
  }
  if (!/[1-9]/.test(digits)) {
    return 'zeros';
  }
  return isLongEnough(digits, DUNS_LENGTH) ? null : 'length';
}

function tradingAddress(text) {
  const bare = text.trim().toUpperCase();
  const found = ADDRESS.test(bare) ? SEPARATED.exec(bare) : null;
  if (!found) {
    return 'address';
  }
  const [first, last] = [bare.slice(0, found.index), bare.slice(found.index + found[0].length)];
  if (!first || !last) {
    return 'address';
  }
  const withColon = found[0].trim() === ':';
  const ahead = CODES.has(first);
  const behind = withColon && isUnbOrder(first, last);
  if (withColon && !ahead && !behind && last === '14' && /^\d{13}$/.test(first)) {
    return 'check_digit';
  }
  if (ahead === behind && CODES.has(last)) {
    return 'either';
  }
  return behind || ahead || (withColon && /^[0-9A-Z]{1,4}$/.test(first)) ? null : 'address';
}

/**
 * True if two halves are an identifier and its qualifier, in the order of UNB. A GLN needs its
 * check digit.
 */
function isUnbOrder(first, last) {
  if (!EDIFACT.includes(last)) {
    return false;
  }
  return !ANNOUNCED[last] || (ANNOUNCED[last].test(first) && (last !== '14' || isGln(first)));
}

function digitsOf(text) {
  const bare = text.trim();
  if (SHORTENED.test(bare)) {
    return { fault: 'shortened' };
  }
  const digits = (FRACTION.exec(bare)?.[1] ?? bare).replace(SEPARATORS, '');
  return /^\d+$/.test(digits) ? { digits } : { fault: 'characters' };
}

function isLongEnough(digits, length) {
  return digits.length === length || (digits.length >= length - LOST_ZEROS && digits.length < length && !digits.startsWith('0'));
}
