/**
 * Parses numbers as people write them in the reader's language. An ambiguous text is rejected,
 * never guessed.
 */

const DASHES = /[\u2012-\u2015\u2212]/g;
const CURRENCY = '(?:\\p{L}{0,3}\\p{Sc}|\\p{L}{3})';
const BEFORE = new RegExp(`^([+-]?)\\s*(${CURRENCY})\\s*(?=[\\d.,+-])`, 'u');
const AFTER = new RegExp(`(?<=[\\d.,-])\\s*(${CURRENCY})$`, 'u');
/** An amount without cents, as in Switzerland: CHF 12.- */
const NO_CENTS = /(?<=\d)[.,]-+$/;
/**
 * Spanish without a country, or of Latin America as a whole: 1,234 is a thousand and more in Mexico,
 * and little more than one in Spain and Argentina.
 */
const DIVIDED = new Set(['es', 'es-419']);
/** Spaces and apostrophes, whichever key writes them, are always thousands separators. */
const PART = "[\\s'\u2018\u2019\u02bc\u2032\u00b4`\uff07]";
const PARTED = new RegExp(`(?<=\\d)${PART}(?=\\d{3}(?!\\d))`, 'g');
/** 1,234 567 is a fraction in groups, or a number with two kinds of thousands separators. */
const GROUPS_AFTER_SEPARATOR = new RegExp(`^([+-]?[1-9]\\d{0,2})[.,](\\d{3}(?:${PART}\\d{3})+)$`);

/**
 * Parse a number to a text with a decimal point, without separators, followed by the currency that
 * stood beside it: `{value: '1234.50 EUR'}`.
 *
 * Otherwise `{fault}`: `number` for a text that is not a number, `numberTwice` for an ambiguous
 * one, with both readings in `of`.
 */
export function readNumber(text, locale) {
  const { amount, currency, unknown } = withoutCurrency(text.trim().replace(DASHES, '-'));
  if (unknown) return { fault: 'number' };
  const plain = amount.replace(NO_CENTS, '').replace(/^([^+-].*?)\s*-$/, '-$1');
  const groups = GROUPS_AFTER_SEPARATOR.exec(plain);
  if (groups) return twoReadings(groups[1], groups[2].replace(/\D/g, ''), locale);
  const digits = plain.replace(PARTED, '');
  const read = /^[+-]?[\d.,]+$/.test(digits) ? readDigits(digits, locale, digits !== plain) : { fault: 'number' };
  return read.value === undefined ? read : { value: currency ? `${read.value} ${currency}` : read.value };
}

function readDigits(digits, locale, parted) {
  const separators = digits.match(/[.,]/g) ?? [];
  if (!separators.length) return { value: digits };
  if (separators.length > 1) {
    const [value, ...others] = ['.', ','].map((mark) => inGroups(digits, mark)).filter((found) => found !== null);
    return value === undefined || others.length ? { fault: 'number' } : { value };
  }
  const [, whole, used, rest] = /^([+-]?\d+)([.,])(\d+)$/.exec(digits) ?? [];
  if (!used) return { fault: 'number' };
  const { decimal, group } = marks(locale);
  const fraction = `${whole}.${rest}`;
  const partsThousands = rest.length === 3 && /^[+-]?[1-9]\d{0,2}$/.test(whole) && !parted;
  if (partsThousands && DIVIDED.has(locale)) {
    // With a fourth decimal it is a fraction everywhere, so either text that is shown can be entered.
    return { fault: 'numberTwice', of: { one: `${whole}${used}${rest}0`, other: `${whole}${rest}` } };
  }
  if (used === decimal || parted || /^[+-]?0$/.test(whole)) return { value: fraction };
  // A point marks a fraction in programs everywhere: 4.15 is unambiguous on a German page, 4.155 is
  // not.
  if (used === '.' && !partsThousands) return { value: fraction };
  if (used === ',' && partsThousands && used === group) return { value: `${whole}${rest}` };
  return twoReadings(whole, rest, locale);
}

/** The fault of a text that is a fraction or an integer; both are as they can be entered. */
function twoReadings(whole, rest, locale) {
  return { fault: 'numberTwice', of: { one: `${whole}${marks(locale).decimal}${rest}`, other: `${whole}${rest}` } };
}

/**
 * Parse a number with thousands separators, if `mark` is its decimal separator; null if that is
 * impossible.
 */
function inGroups(digits, mark) {
  const group = mark === '.' ? ',' : '.';
  const [head, rest, ...more] = digits.split(mark);
  if (more.length || rest?.includes(group) || (rest !== undefined && !rest)) return null;
  const groups = new RegExp(`^[+-]?\\d{1,3}(?:\\${group}\\d{2})*(?:\\${group}\\d{3})$`);
  const western = new RegExp(`^[+-]?\\d{1,3}(?:\\${group}\\d{3})+$`);
  if (!groups.test(head) && !western.test(head)) return null;
  return head.replaceAll(group, '') + (rest === undefined ? '' : `.${rest}`);
}

function withoutCurrency(text) {
  const before = BEFORE.exec(text);
  const found = before ?? AFTER.exec(text);
  if (!found) return { amount: text, currency: '' };
  const currency = (before ? before[2] : found[1]).toUpperCase();
  const amount = before ? before[1] + text.slice(before[0].length) : text.slice(0, found.index);
  return { amount: amount.trim(), currency, unknown: /^\p{L}+$/u.test(currency) && !Intl.supportedValuesOf('currency').includes(currency) };
}

function marks(locale) {
  const parts = new Intl.NumberFormat(locale).formatToParts(1234567.5);
  const of = (wanted) => parts.find(({ type }) => type === wanted)?.value;
  return { decimal: of('decimal') ?? '.', group: of('group') ?? ',' };
}
