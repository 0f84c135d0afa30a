import { createHash } from 'crypto';
import wixData from 'wix-data';
import { CONSISTENT, everything } from 'backend/data.js';
import { Refused } from 'backend/refusals.js';

const LINKS = 'PartnerLinks';
const NAMES_PER_QUERY = 100;

/** The roles that somebody can have at a partner. */
export const ROLES = ['admin', 'edi', 'finance', 'logistics'];

/** The `_id` of a link: one member has at most one with a partner. */
export function linkId(memberId, partnerId) {
  return createHash('sha256').update(`${memberId}/${partnerId}`).digest('hex').slice(0, 32);
}

/** The partners that a member acts for, with its role at each. Read anew from the primary database each time: a link that is taken away counts at once. */
async function linksOf(memberId) {
  const items = await everything(wixData.query(LINKS).eq('memberId', memberId).ascending('_id'), CONSISTENT);
  const links = new Map();
  for (const { partnerId, role } of items) {
    if (typeof partnerId === 'string' && partnerId && !links.has(partnerId)) {
      links.set(partnerId, { id: partnerId, role: ROLES.includes(role) ? role : '' });
    }
  }
  return [...links.values()];
}

/** The partners that a member acts for, by name: `[{id, name, role}]`. */
export async function partnersOf(memberId) {
  return named(await linksOf(memberId));
}

/**
 * The partner `{id, role}` that a member means: `partner`, or the first by name if it is null.
 * Throws Refused: not_linked, or not_yours for any other partner, whether there is such a one or not.
 */
export async function chosen(memberId, partner) {
  if (partner !== null && partner !== undefined && typeof partner !== 'string') {
    throw new Refused('invalid');
  }
  const links = await linksOf(memberId);
  if (!links.length) {
    throw new Refused('not_linked');
  }
  if (partner === null || partner === undefined) {
    return links.length === 1 ? links[0] : (await named(links))[0];
  }
  const link = links.find((one) => one.id === partner);
  if (!link) {
    throw new Refused('not_yours');
  }
  return link;
}

export async function partnerName(partnerId) {
  const [partner] = await named([{ id: partnerId }]);
  return partner.name;
}

async function named(links) {
  const names = new Map();
  for (let start = 0; start < links.length; start += NAMES_PER_QUERY) {
    const ids = links.slice(start, start + NAMES_PER_QUERY).map((link) => link.id);
    for (const row of await everything(wixData.query('PartnerStatus').hasSome('partnerId', ids).fields('partnerId', 'partnerName'))) {
      names.set(row.partnerId, row.partnerName);
    }
  }
  return links
    .map(({ id, role }) => ({ id, name: names.get(id) ?? id, role }))
    .sort((one, other) => one.name.localeCompare(other.name, 'en') || (one.id < other.id ? -1 : 1));
}
