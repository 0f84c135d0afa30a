import { createHash } from 'crypto';
import wixData from 'wix-data';
import { countStranger } from 'backend/calls.js';
import { CONSISTENT, findAll } from 'backend/data.js';
import { noteVisit } from 'backend/last-seen.js';
import { withPermissions } from 'backend/permissions.js';
import { Refused } from 'backend/refusals.js';

const LINKS = 'PartnerLinks';
const NAMES_PER_QUERY = 100;
/** The highest limit of a query. */
const MAX_ROWS = 1000;

/** The roles of a member at a partner. */
export const ROLES = ['admin', 'edi', 'finance', 'logistics'];

/** Return the `_id` of a link: a member has at most one link to a partner. */
export function linkId(memberId, partnerId) {
  return createHash('sha256').update(`${memberId}/${partnerId}`).digest('hex').slice(0, 32);
}

/**
 * Return the partners that a member acts for, with its role at each. Read from the primary database
 * each time: removing a link has effect at once.
 */
async function linksOf(memberId) {
  const { items, more } = await findAll(wixData.query(LINKS).eq('memberId', memberId).ascending('_id'), CONSISTENT);
  return { links: uniqueLinks(items), items, more };
}

/** Return the partners of link rows, deduplicated. */
function uniqueLinks(items) {
  const links = new Map();
  for (const { partnerId, role } of items) {
    if (typeof partnerId === 'string' && partnerId && !links.has(partnerId)) {
      links.set(partnerId, { id: partnerId, role: ROLES.includes(role) ? role : '' });
    }
  }
  return [...links.values()];
}

/**
 * Return the member's partners, ordered by name: `{partners: [{id, name, role}]}`, with `more` if
 * there are more than are listed. Notes in the links that the member was here.
 */
export async function partnersOf(member) {
  const { links, items, more } = await linksOf(member.id);
  if (!links.length) {
    countStranger(member.id);
  }
  const [partners] = await Promise.all([withNames(links), noteVisit(member, items)]);
  return { partners, ...(more ? { more } : {}) };
}

/**
 * Return the partner `{id, role, may}` that a call is about: `partner`, or the first by name if it is
 * null. `may` is what the member may see and do there, see `permissions.js`.
 *
 * Throws Refused: not_linked for a member without a partner, not_yours for any other partner,
 * whether it exists or not.
 */
export async function requireLink(memberId, partner) {
  if (partner !== null && partner !== undefined && typeof partner !== 'string') {
    throw new Refused('invalid');
  }
  if (partner === null || partner === undefined) {
    const { links } = await linksOf(memberId);
    if (!links.length) {
      throw notLinked(memberId);
    }
    return withPermissions(links.length === 1 ? links[0] : (await withNames(links))[0]);
  }
  // A query of its own, so the limit on listed partners does not matter.
  const mine = wixData.query(LINKS).eq('memberId', memberId);
  const [link] = uniqueLinks((await mine.eq('partnerId', partner).ascending('_id').limit(1).find(CONSISTENT)).items);
  if (!link) {
    const [other] = uniqueLinks((await mine.limit(1).find(CONSISTENT)).items);
    throw other ? new Refused('not_yours') : notLinked(memberId);
  }
  return withPermissions(link);
}

/** Return all partners of a member as `requireLink` does. Throws Refused, not_linked, for none. */
export async function requireLinks(memberId) {
  const { links } = await linksOf(memberId);
  if (!links.length) {
    throw notLinked(memberId);
  }
  return links.map(withPermissions);
}

/** Return the ids of a member's partners, at most 1,000. One read, from the primary database. */
export async function linkedPartners(memberId) {
  const { items } = await wixData.query(LINKS).eq('memberId', memberId).limit(MAX_ROWS).find(CONSISTENT);
  return new Set(uniqueLinks(items).map(({ id }) => id));
}

/**
 * Return true if the member has a link to the partner; to any partner, if it is null. One read, from
 * the primary database.
 */
export async function isLinked(memberId, partnerId) {
  const mine = wixData.query(LINKS).eq('memberId', memberId);
  const { items } = await (partnerId === null ? mine : mine.eq('partnerId', partnerId)).limit(1).find(CONSISTENT);
  return uniqueLinks(items).length > 0;
}

/** Throw Refused, not_linked, for a member without a partner. One read. */
export async function requireAnyLink(memberId) {
  if (!(await isLinked(memberId, null))) {
    throw notLinked(memberId);
  }
}

/** Return the refusal of a member without a partner, and count it: a stranger has fewer calls. */
function notLinked(memberId) {
  countStranger(memberId);
  return new Refused('not_linked');
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
