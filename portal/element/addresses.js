/**
 * Addresses of the portal's views, in the attribute `section`: `issues`, `issues.RECORD`, and what
 * the view's list is narrowed to, `issues*state-all_open*q-label*page-2`. Pure.
 *
 * One text holds all of it, because a page sets an attribute, and adds to its history, in one step.
 * A site's URL leaves `*`, `-`, `.` and `_` as they are.
 */

import { VIEW_NAMES } from './needs.js';

const MAX_TEXT = 100;
const MAX_PAGE = 9_999;

/** What a list may be narrowed to, in the order of an address. */
const TEXTS = ['q', 'state', 'type', 'since', 'sort'];

/**
 * Return `{section, record, list}` of an address; null if there is no such section. `list` has the
 * texts `q`, `state`, `type`, `since` and `sort`, and the number `page`, as far as they are given.
 */
export function readAddress(text) {
  const [place, ...pairs] = (text ?? '').split('*');
  const [section, ...rest] = place.split('.');
  return VIEW_NAMES.includes(section) ? { section, record: rest.join('.') || null, list: tidyList(Object.fromEntries(pairs.map(readPair))) } : null;
}

/** Return the address of `{section, record, list}`. Parts of a list that are empty are left out. */
export function addressOf({ section, record = null, list = {} }) {
  const tidy = tidyList(list);
  const pairs = [...TEXTS, 'page'].filter((name) => name in tidy).map((name) => `*${name}-${escape(String(tidy[name]))}`);
  return (record ? `${section}.${record}` : section) + pairs.join('');
}

/** Return the valid parts of a list. Page 1 is where a list begins, and is left out. */
export function tidyList(list) {
  const texts = TEXTS.map((name) => [name, typeof list[name] === 'string' ? list[name].slice(0, MAX_TEXT) : '']).filter(([, value]) => value.trim());
  const page = Number(list.page);
  return { ...Object.fromEntries(texts), ...(Number.isInteger(page) && page > 1 && page <= MAX_PAGE ? { page } : {}) };
}

function readPair(pair) {
  const [name, ...rest] = pair.split('-');
  return [name, rest.join('-').replace(/%(25|2A)/g, (_, code) => (code === '25' ? '%' : '*'))];
}

function escape(text) {
  return text.replaceAll('%', '%25').replaceAll('*', '%2A');
}
