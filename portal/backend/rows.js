import wixData from 'wix-data';
import { CONSISTENT, findAll } from 'backend/data.js';
import { FIELDS } from 'backend/fields.js';
import { rowsAfter, cursorAfter, readCursor } from 'backend/paging.js';
import { OTHER, ROLE_NAMES, deniedCollections, deniedKinds, documentConditions, mayAct, maySee, requireSection, visibleActivity, visibleStatus } from 'backend/permissions.js';
import { Refused } from 'backend/refusals.js';

/**
 * The rows that a partner may read, restricted to permitted fields. Only this module reads them.
 *
 * A field that was added to a collection on the site is not permitted: `fields.js` is generated
 * from gridwix's definitions.
 */

/**
 * From the primary database: a page reads right after a change was written, and nothing would tell
 * it to read again what a replica did not have yet. A single page needs no total count.
 */
const UNCOUNTED = { ...CONSISTENT, omitTotalCount: true };

const ownRows = (collection) => (partner) => wixData.query(collection).eq('partnerId', partner.id);

/** Rows for all partners, and rows that name the partner. */
const sharedRows = (collection) => (partner) =>
  wixData.query(collection).eq('forEverybody', true).or(wixData.query(collection).hasSome('partnerIds', [partner.id]));

/**
 * Rows of the partner that name the reader's role, or no role. The query filters by role, so that a
 * limit counts only readable rows.
 */
const rowsForRole = (collection) => (partner) => {
  const forRole = wixData
    .query(collection)
    .hasSome('roles', [partner.role || OTHER])
    .or(wixData.query(collection).not(wixData.query(collection).hasSome('roles', ROLE_NAMES)));
  // Rows that were written before the role lost a section do not name roles for that.
  const denied = deniedCollections(partner).map((name) => wixData.query(collection).startsWith('record', `${name}/`));
  return denied.reduce((query, one) => query.and(wixData.query(collection).not(one)), wixData.query(collection).eq('partnerId', partner.id).and(forRole));
};

/** Documents of the partner and for all partners, whose kind the member may see. */
const permittedDocuments = (partner) =>
  documentConditions(partner).reduce((query, condition) => query.and(withCondition('PartnerDocuments', condition)), sharedRows('PartnerDocuments')(partner));

/**
 * A row without a value is none that is known not to be among those excepted. No value is empty.
 *
 * @param {string} collection
 * @param {any} condition
 */
function withCondition(collection, [field, { only, except }]) {
  if (only) {
    return wixData.query(collection).hasSome(field, only.length ? only : ['']);
  }
  return wixData
    .query(collection)
    .isNotEmpty(field)
    .and(wixData.query(collection).not(wixData.query(collection).hasSome(field, except)));
}

/** Submissions of the partner. A follow-up is shown to those who see what it is about. */
const visibleRequests = (partner) => {
  const [mine, denied] = [ownRows('PartnerRequests')(partner), deniedKinds(partner)];
  return denied.length ? mine.and(wixData.query('PartnerRequests').not(wixData.query('PartnerRequests').hasSome('kind', denied))) : mine;
};

/** `newest` sorts, then `_id` for equal values; `most` is the number of rows per page. */
const SECTIONS = {
  status: { collection: 'PartnerStatus', find: ownRows('PartnerStatus'), newest: ['updatedAt'], most: 1 },
  onboarding: { collection: 'OnboardingProgress', find: ownRows('OnboardingProgress'), newest: ['active', 'updatedAt'], most: 50 },
  issues: { collection: 'OpenIssues', find: ownRows('OpenIssues'), newest: ['open', 'updatedAt'], most: 300 },
  notices: { collection: 'ServiceNotices', find: sharedRows('ServiceNotices'), newest: ['active', 'startsAt'], most: 100 },
  documents: { collection: 'PartnerDocuments', find: permittedDocuments, newest: ['updatedAt'], most: 500 },
  requests: { collection: 'PartnerRequests', find: visibleRequests, newest: ['open', 'submittedAt'], most: 300 },
  messages: { collection: 'PartnerMessages', find: rowsForRole('PartnerMessages'), newest: ['sentAt'], most: 200 },
  activity: { collection: 'PartnerActivity', find: ownRows('PartnerActivity'), newest: ['updatedAt'], most: 1 },
};

/** Sections with more than one page. The status and the activity have a single row. */
const PAGED = Object.keys(SECTIONS).filter((name) => SECTIONS[name].most > 1);

/** Names of all sections. */
export const SECTION_NAMES = Object.keys(SECTIONS);

/**
 * Return the first page of the named sections, for a partner `{id, role, may}`: `{status: {rows:
 * [row], next}, ...}` of Wix's items, as `pageOf` returns them. One read of Wix Data per section. A
 * section that the member may not see has no rows, and is not read.
 */
export async function readSections(partner, names) {
  const found = await Promise.all(names.map((name) => (maySee(partner, name) ? readPage(name, partner, null) : { rows: [], next: null })));
  return Object.fromEntries(names.map((name, place) => [name, found[place]]));
}

/**
 * Return the page of a section after a cursor: `{rows, next}`; `next` is null on the last page.
 * Throws Refused.
 */
export async function pageOf(section, partner, cursor) {
  if (!PAGED.includes(section) || typeof cursor !== 'string') {
    throw new Refused('invalid');
  }
  requireSection(partner, section);
  return readPage(section, partner, readCursor(cursor, SECTIONS[section].newest));
}

async function readPage(section, partner, after) {
  const { collection, find, newest, most } = SECTIONS[section];
  const query = after === null ? find(partner) : find(partner).and(rowsAfter(collection, newest, after));
  // One row more than the page shows that there is a next page, without another read.
  const { items } = await query
    .descending(...newest, '_id')
    .limit(most + 1)
    .find(UNCOUNTED);
  const rows = items.slice(0, most);
  return { rows, next: items.length > most && PAGED.includes(section) ? cursorAfter(rows.at(-1), newest) : null };
}

/** Return the steps of programs, in all languages. */
export async function stepsOf(programIds) {
  return programIds.length ? (await findAll(wixData.query('OnboardingSteps').hasSome('programId', programIds).ascending('_id'), CONSISTENT)).items : [];
}

/** Return a row of a section if the member may read it; else null. A consistent read. */
export async function rowOf(section, partner, rowId) {
  if (!maySee(partner, section)) {
    return null;
  }
  const { collection, find } = SECTIONS[section];
  const { items } = await wixData.query(collection).eq('_id', rowId).and(find(partner)).limit(1).find(CONSISTENT);
  return items[0] ?? null;
}

/**
 * Return the documents among these ids that the partner can open, by id: `{id, title, fileName,
 * sizeBytes}`. No read without ids.
 */
export async function openableDocuments(partner, ids) {
  if (!ids.length || !maySee(partner, 'documents')) {
    return new Map();
  }
  const { collection, find } = SECTIONS.documents;
  const { items } = await findAll(wixData.query(collection).hasSome('_id', ids).and(find(partner)).ascending('_id'), CONSISTENT);
  return new Map(items.filter(isOpenable).map(({ _id: id, title, fileName, sizeBytes }) => [id, { id, title, fileName, sizeBytes }]));
}

/** True if a document has a file on the portal that its readers may open. */
export function isOpenable(row) {
  return Boolean(row?.fileId) && row.restricted !== true;
}

/**
 * True if a member may upload a version of a document: one of its partner, except documents that
 * never go through the portal, such as tax forms.
 */
export function isUploadable(row, partner) {
  return row.partnerId === partner.id && row.restricted !== true && mayAct(partner, 'upload_version');
}

/**
 * Return a row for the response: permitted fields, dates as ISO strings, its `_id` as `id`. A
 * document also has `uploadable`. Status and activity tell of no section that the member may not see.
 */
export function rowForPage(section, row, partner) {
  const found = projectFields(SECTIONS[section].collection, row);
  const adapt = {
    status: () => visibleStatus(partner, found),
    activity: () => visibleActivity(partner, found),
    documents: () => ({ ...found, uploadable: isUploadable(row, partner) }),
  }[section];
  return adapt ? adapt() : found;
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
