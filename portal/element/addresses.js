/** Addresses of the portal's views: the attribute `section` is `issues`, or `issues.RECORD`. Pure. */

import { VIEW_NAMES } from './needs.js';

/** Return `{section, record}` of an address; null if there is no such section. */
export function readAddress(text) {
  const [section, ...rest] = (text ?? '').split('.');
  return VIEW_NAMES.includes(section) ? { section, record: rest.join('.') || null } : null;
}

export function addressOf(section, record) {
  return record ? `${section}.${record}` : section;
}
