import wixData from 'wix-data';
import { CONSISTENT, ELEVATED, findAll } from 'backend/data.js';
import { FIELDS } from 'backend/fields.js';
import { ROLES } from 'backend/links.js';
import { rowsAfter, cursorAfter, readCursor } from 'backend/paging.js';
import { Refused } from 'backend/refusals.js';

/**
 * The rows of the portal that a partner may see, and of these the fields that it may. This is the only module that reads them.
 * A field that somebody has added to a collection on the site is not among them: `fields.js` comes from the definitions.
 */

/** For a single page of items, nobody needs to know how many there are in all. */
const UNCOUNTED = { ...ELEVATED, omitTotalCount: true };

const ownRows = (collection) => (partner) => wixData.query(collection).eq('partnerId', partner.id);

/** What is for everybody, or names the partner. */
const sharedRows = (collection) => (partner) =>
  wixData.query(collection).eq('forEverybody', true).or(wixData.query(collection).hasSome('partnerIds', [partner.id]));

/** What is the partner's, and names the reader's role or none: the query says so, since a limit must not count what the reader does not see. */
const rowsForRole = (collection) => (partner) =>
  wixData
    .query(collection)
    .eq('partnerId', partner.id)
    .and(
      wixData
        .query(collection)
        .hasSome('roles', [partner.role])
        .or(wixData.query(collection).not(wixData.query(collection).hasSome('roles', ROLES))),
    );

/** `newest` sorts, with `_id` for what is equal in it; `most` is how many rows a page has. */
const SECTIONS = {
  status: { collection: 'PartnerStatus', find: ownRows('PartnerStatus'), newest: ['updatedAt'], most: 1 },
  onboarding: { collection: 'OnboardingProgress', find: ownRows('OnboardingProgress'), newest: ['active', 'updatedAt'], most: 50 },
  issues: { collection: 'OpenIssues', find: ownRows('OpenIssues'), newest: ['open', 'updatedAt'], most: 300 },
  notices: { collection: 'ServiceNotices', find: sharedRows('ServiceNotices'), newest: ['active', 'startsAt'], most: 100 },
  documents: { collection: 'PartnerDocuments', find: sharedRows('PartnerDocuments'), newest: ['updatedAt'], most: 500 },
  requests: { collection: 'PartnerRequests', find: ownRows('PartnerRequests'), newest: ['open', 'submittedAt'], most: 300 },
  messages: { collection: 'PartnerMessages', find: rowsForRole('PartnerMessages'), newest: ['sentAt'], most: 200 },
};

/** The sections that have pages: all but the one that has a single row. */
const PAGED = Object.keys(SECTIONS).filter((name) => SECTIONS[name].most > 1);

/** The first page of all sections, for a partner `{id, role}`: `{status: {rows: [row], next}, ...}` of Wix's items, as `pageOf` gives them. */
export async function sectionsOf(partner) {
  const names = Object.keys(SECTIONS);
  const found = await Promise.all(names.map((name) => readPage(name, partner, null)));
  return Object.fromEntries(names.map((name, place) => [name, found[place]]));
}

/** The page of a section behind a cursor: `{rows, next}`, where `next` is the cursor of the page after it; null if that is the last. Throws Refused. */
export async function pageOf(section, partner, cursor) {
  if (!PAGED.includes(section) || typeof cursor !== 'string') {
    throw new Refused('invalid');
  }
  return readPage(section, partner, readCursor(cursor, SECTIONS[section].newest));
}

async function readPage(section, partner, after) {
  const { collection, find, newest, most } = SECTIONS[section];
  const query = after === null ? find(partner) : find(partner).and(rowsAfter(collection, newest, after));
  // One more than is shown tells whether there is more, and costs no read of its own.
  const { items } = await query
    .descending(...newest, '_id')
    .limit(most + 1)
    .find(UNCOUNTED);
  const rows = items.slice(0, most);
  return { rows, next: items.length > most && PAGED.includes(section) ? cursorAfter(rows.at(-1), newest) : null };
}

/** The steps of programs, in every language. */
export async function stepsOf(programIds) {
  return programIds.length ? (await findAll(wixData.query('OnboardingSteps').hasSome('programId', programIds).ascending('_id'))).items : [];
}

/** The row of a section that has an id, if the partner may see it; else null. It is not behind. */
export async function rowOf(section, partner, rowId) {
  const { collection, find } = SECTIONS[section];
  const { items } = await wixData.query(collection).eq('_id', rowId).and(find(partner)).limit(1).find(CONSISTENT);
  return items[0] ?? null;
}

/** Until when Trading Grid was asked what has changed, as the reconciler left it; null if it has not run yet. */
export async function readFreshness() {
  const row = await wixData.get('PortalFreshness', 'trading-grid', ELEVATED);
  return row?.asOf ? new Date(row.asOf) : null;
}

/** Whether a partner may upload a version of a document: its own, unless it is one that never goes through the portal, such as a tax form. */
export function isUploadable(row, partnerId) {
  return row.partnerId === partnerId && row.restricted !== true;
}

/** A row as the partner gets it: the definition's fields, dates as texts, its `_id` as `id`; of a document also whether it is `uploadable`. */
export function rowForPage(section, row, partnerId) {
  const found = projectFields(SECTIONS[section].collection, row);
  return section === 'documents' ? { ...found, uploadable: isUploadable(row, partnerId) } : found;
}

export function stepForPage(row) {
  return projectFields('OnboardingSteps', row);
}

function projectFields(collection, row) {
  const found = { id: row._id };
  for (const field of FIELDS[collection]) {
    if (row[field] !== undefined) {
      found[field] = toJson(row[field]);
    }
  }
  return found;
}

function toJson(value) {
  if (value instanceof Date) {
    return value.toISOString();
  }
  if (Array.isArray(value)) {
    return value.map(toJson);
  }
  if (value !== null && typeof value === 'object') {
    return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, toJson(member)]));
  }
  return value;
}
