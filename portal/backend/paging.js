import { Buffer } from 'buffer';
import wixData from 'wix-data';
import { Refused } from 'backend/refusals.js';

/**
 * Pages of a section, newest first. A cursor says after which row the next page begins, by that row's own values: rows that come, go or change meanwhile
 * neither repeat nor hide others. It is the browser's to send, and chooses a place only: whose rows are read, the query says.
 */

const MAX_CURSOR = 600;
const MAX_TEXT = 200;

/** The cursor after a row, in the order of `fields` and then of `_id`. */
export function cursorAfter(row, fields) {
  const values = [...fields, '_id'].map((field) => packValue(row[field]));
  return Buffer.from(JSON.stringify(values)).toString('base64url');
}

/** The values of a cursor, for `fields` and `_id`. Throws Refused for what is none. */
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

/** What stands behind these values, where rows are sorted by `fields`, descending, and then by `_id`. A row without a value stands behind those with one. */
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

/** The rows whose field is lower than a value, or has none; null if no row's can be. */
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
