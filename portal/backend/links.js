import { createHash } from 'crypto';
import wixData from 'wix-data';
import { CONSISTENT, findAll } from 'backend/data.js';
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
  const { items, more } = await findAll(wixData.query(LINKS).eq('memberId', memberId).ascending('_id'), CONSISTENT);
  return { links: uniqueLinks(items), more };
}

/** The partners of link rows, each once. */
function uniqueLinks(items) {
  const links = new Map();
  for (const { partnerId, role } of items) {
    if (typeof partnerId === 'string' && partnerId && !links.has(partnerId)) {
      links.set(partnerId, { id: partnerId, role: ROLES.includes(role) ? role : '' });
    }
  }
  return [...links.values()];
}

/** The partners that a member acts for, by name: `{partners: [{id, name, role}]}`, with `more` if there are more than can be listed. */
export async function partnersOf(memberId) {
  const { links, more } = await linksOf(memberId);
  return { partners: await withNames(links), ...(more ? { more } : {}) };
}

/**
 * The partner `{id, role}` that a member means: `partner`, or the first by name if it is null.
 * Throws Refused: not_linked, or not_yours for any other partner, whether there is such a one or not.
 */
export async function requireLink(memberId, partner) {
  if (partner !== null && partner !== undefined && typeof partner !== 'string') {
    throw new Refused('invalid');
  }
  if (partner === null || partner === undefined) {
    const { links } = await linksOf(memberId);
    if (!links.length) {
      throw new Refused('not_linked');
    }
    return links.length === 1 ? links[0] : (await withNames(links))[0];
  }
  // Asked for by itself, so that it does not matter how many others there are.
  const mine = wixData.query(LINKS).eq('memberId', memberId);
  const [link] = uniqueLinks((await mine.eq('partnerId', partner).ascending('_id').limit(1).find(CONSISTENT)).items);
  if (!link) {
    const [other] = uniqueLinks((await mine.limit(1).find(CONSISTENT)).items);
    throw new Refused(other ? 'not_yours' : 'not_linked');
  }
  return link;
}

export async function partnerName(partnerId) {
  const [partner] = await withNames([{ id: partnerId }]);
  return partner.name;
}

async function withNames(links) {
  const names = new Map();
  for (let start = 0; start < links.length; start += NAMES_PER_QUERY) {
    const ids = links.slice(start, start + NAMES_PER_QUERY).map((link) => link.id);
    const { items } = await findAll(wixData.query('PartnerStatus').hasSome('partnerId', ids).fields('partnerId', 'partnerName'));
    for (const row of items) {
      names.set(row.partnerId, row.partnerName);
    }
  }
  return links
    .map(({ id, role }) => ({ id, name: names.get(id) ?? id, role }))
    .sort((one, other) => one.name.localeCompare(other.name, 'en') || (one.id < other.id ? -1 : 1));
}
