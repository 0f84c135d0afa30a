import wixData from 'wix-data';
import { ELEVATED } from 'backend/data.js';
import { errorName, withTimeout } from 'backend/errors.js';
import { EVERYBODY, partnerOf } from 'backend/ring-resources.js';

/**
 * For how long the pages that hear a ring spread their reads, so that together they stay below the
 * site's quota of reads a minute.
 */

const LINKS = 'PartnerLinks';
/** The highest limit of a query. */
const MAX_ROWS = 1000;
/** Milliseconds for which counts are reused. A wrong one is harmless: reads come earlier or later. */
const LIFETIME = 600_000;
const MAX_REMEMBERED = 10_000;

/** Reads that a page makes for a ring, and those a minute that the pages may make together. */
const READS_PER_PAGE = 2;
const READS_PER_MINUTE = 2000;
const MINUTE = 60_000;

/** Milliseconds for each member, while all reads fit into one minute. */
const PER_MEMBER = 10;

/** Milliseconds that counting may take. */
const TIMEOUT = 2000;
/** Milliseconds if the members cannot be counted. */
const UNCOUNTED = { everybody: 10_000, partner: 0 };

/** Members by resource: `{members, at}`. The module lives for some calls, or for one. */
const remembered = new Map();

/**
 * Return the spread in milliseconds for a resource with `members` members: 10 for each while the
 * reads fit into one minute, else as many minutes as they take. A site's quota is one of a minute of
 * the clock, so a shorter spread would not help before its end.
 */
export function spreadFor(members) {
  const minutes = (READS_PER_PAGE * members) / READS_PER_MINUTE;
  return Math.ceil(minutes > 1 ? minutes * MINUTE : PER_MEMBER * members);
}

/** Return the spread by resource. Makes at most one read of Wix Data, and never throws. */
export async function spreadsOf(resources) {
  const missing = [...new Set(resources)].filter((resource) => membersOf(resource) === null);
  if (missing.length) {
    try {
      await withTimeout(TIMEOUT, 'count_silent', countMembers(missing));
    } catch (error) {
      console.error(`gridwix: spread: ${errorName(error)}`);
    }
  }
  return new Map(resources.map((resource) => [resource, knownSpread(resource)]));
}

function knownSpread(resource) {
  const members = membersOf(resource);
  return members === null ? UNCOUNTED[resource === EVERYBODY ? EVERYBODY : 'partner'] : spreadFor(members);
}

function membersOf(resource) {
  const { members, at } = remembered.get(resource) ?? {};
  return at !== undefined && Date.now() - at < LIFETIME ? members : null;
}

/**
 * Count the links of the resources with one query.
 *
 * If `everybody` is among them, the query is of all links, and gives the partners' counts too unless
 * there are more links than a query returns. Partners are then counted with their next ring.
 */
async function countMembers(resources) {
  const partners = resources.map(partnerOf).filter((partner) => partner !== null);
  const all = resources.includes(EVERYBODY);
  const links = all ? wixData.query(LINKS).ascending('_id') : wixData.query(LINKS).hasSome('partnerId', partners);
  const { items, totalCount } = await links.fields('partnerId').limit(MAX_ROWS).find(ELEVATED);
  const uncounted = totalCount - items.length;
  if (all) {
    remember(EVERYBODY, totalCount);
  }
  if (all && uncounted) {
    return;
  }
  for (const partner of partners) {
    // An upper bound where the query did not return all: a spread that is too long is harmless.
    remember(`partner/${partner}`, items.filter(({ partnerId }) => partnerId === partner).length + uncounted);
  }
}

function remember(resource, members) {
  if (remembered.size >= MAX_REMEMBERED) {
    remembered.clear();
  }
  remembered.set(resource, { members, at: Date.now() });
}
