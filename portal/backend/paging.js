import { Buffer } from 'buffer';
import wixData from 'wix-data';
import { Refused } from 'backend/refusals.js';

/**
 * Pages of a section, newest first, by keyset cursor.
 *
 * A cursor holds the sort values of the last row of its page, so rows that are added, removed or
 * changed meanwhile cause neither duplicates nor gaps. The browser sends it, and it selects only a
 * position: the query decides which rows are readable.
 */

const MAX_CURSOR = 600;
const MAX_TEXT = 200;

/** Return the cursor after a row, in the order of `fields` and then of `_id`. */
export function cursorAfter(row, fields) {
  const values = [...fields, '_id'].map((field) => packValue(row[field]));
  return Buffer.from(JSON.stringify(values)).toString('base64url');
}

/** Return the values of a cursor, for `fields` and `_id`. Throws Refused for an invalid one. */
export function readCursor(cursor, fields) {
  try {
    if (cursor.length > MAX_CURSOR) {
      throw new Refused('invalid');
    }
    const values = JSON.parse(Buffer.from(cursor, 'base64url').toString()).map(unpackValue);
    if (values.length !== fields.length + 1 || typeof values.at(-1) !== 'string') {
      throw new Refused('invalid');
    }
    return values;
  } catch {
    throw new Refused('invalid');
  }
}

/**
 * Return a query for the rows after these values, sorted by `fields`, descending, and then by
 * `_id`. A row without a value comes after those with one.
 */
export function rowsAfter(collection, fields, values) {
  const all = [...fields, '_id'];
  const choices = all.flatMap((field, place) => {
    const alike = all.slice(0, place).reduce((query, each, index) => equals(query, each, values[index]), wixData.query(collection));
    const lower = lowerThan(collection, field, values[place]);
    return lower === null ? [] : [place ? alike.and(lower) : lower];
  });
  return choices.reduce((one, other) => one.or(other));
}

function equals(query, field, value) {
  return value === null ? query.isEmpty(field) : query.eq(field, value);
}

/** The rows whose field is lower than a value, or has none; null if there can be none. */
function lowerThan(collection, field, value) {
  const query = wixData.query(collection);
  if (value === null) {
    return null;
  }
  if (typeof value === 'boolean') {
    return value ? query.ne(field, true) : query.isEmpty(field);
  }
  return query.not(wixData.query(collection).ge(field, value));
}

function packValue(value) {
  if (value instanceof Date) {
    return { at: value.getTime() };
  }
  return typeof value === 'boolean' || typeof value === 'string' ? value : null;
}

function unpackValue(value) {
  if (value === null || typeof value === 'boolean' || (typeof value === 'string' && value.length <= MAX_TEXT)) {
    return value;
  }
  const moment = new Date(value.at);
  if (Number.isNaN(moment.getTime())) {
    throw new Refused('invalid');
  }
  return moment;
}
