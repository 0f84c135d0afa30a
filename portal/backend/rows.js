import wixData from 'wix-data';
import { CONSISTENT, ELEVATED, everything } from 'backend/data.js';
import { FIELDS } from 'backend/fields.js';

/**
 * The rows of the portal that a partner may see, and of these the fields that it may. This is the only module that reads them.
 * A field that somebody has added to a collection on the site is not among them: `fields.js` comes from the definitions.
 */

/** For a single page of items, nobody needs to know how many there are in all. */
const UNCOUNTED = { ...ELEVATED, omitTotalCount: true };

const own = (collection) => (partnerId) => wixData.query(collection).eq('partnerId', partnerId);

/** What is for everybody, or names the partner. */
const shared = (collection) => (partnerId) =>
  wixData.query(collection).eq('forEverybody', true).or(wixData.query(collection).hasSome('partnerIds', [partnerId]));

const SECTIONS = {
  status: { collection: 'PartnerStatus', find: own('PartnerStatus'), newest: ['updatedAt'], most: 1 },
  onboarding: { collection: 'OnboardingProgress', find: own('OnboardingProgress'), newest: ['active', 'updatedAt'], most: 50 },
  issues: { collection: 'OpenIssues', find: own('OpenIssues'), newest: ['open', 'updatedAt'], most: 300 },
  notices: { collection: 'ServiceNotices', find: shared('ServiceNotices'), newest: ['active', 'startsAt'], most: 100 },
  documents: { collection: 'PartnerDocuments', find: shared('PartnerDocuments'), newest: ['updatedAt'], most: 1000 },
  requests: { collection: 'PartnerRequests', find: own('PartnerRequests'), newest: ['submittedAt'], most: 300 },
  messages: { collection: 'PartnerMessages', find: own('PartnerMessages'), newest: ['sentAt'], most: 200 },
};

/** All sections as they are stored: `{status: [row], ...}` of Wix's items. `most` rows of each, the newest. */
export async function sectionsOf(partnerId) {
  const names = Object.keys(SECTIONS);
  const found = await Promise.all(
    names.map(async (name) => {
      const { find, newest, most } = SECTIONS[name];
      const page = await find(partnerId)
        .descending(...newest)
        .limit(most)
        .find(UNCOUNTED);
      return page.items;
    }),
  );
  return Object.fromEntries(names.map((name, place) => [name, found[place]]));
}

/** The steps of programs, in every language. */
export async function stepsOf(programIds) {
  return programIds.length ? everything(wixData.query('OnboardingSteps').hasSome('programId', programIds).ascending('_id')) : [];
}

/** The row of a section that has an id, if the partner may see it; else null. It is not behind. */
export async function rowOf(section, partnerId, rowId) {
  const { collection, find } = SECTIONS[section];
  const page = await wixData.query(collection).eq('_id', rowId).and(find(partnerId)).limit(1).find(CONSISTENT);
  return page.items[0] ?? null;
}

/** Until when Trading Grid was asked what has changed, as the reconciler left it; null if it has not run yet. */
export async function freshness() {
  const row = await wixData.get('PortalFreshness', 'trading-grid', ELEVATED);
  return row?.asOf ? new Date(row.asOf) : null;
}

/** Whether a partner may upload a version of a document: its own, unless it is one that never goes through the portal, such as a tax form. */
export function isUploadable(row, partnerId) {
  return row.partnerId === partnerId && row.restricted !== true;
}

/** A row as the partner gets it: the definition's fields, dates as texts, its `_id` as `id`; of a document also whether it is `uploadable`. */
export function shown(section, row, partnerId) {
  const found = projected(SECTIONS[section].collection, row);
  return section === 'documents' ? { ...found, uploadable: isUploadable(row, partnerId) } : found;
}

export function shownStep(row) {
  return projected('OnboardingSteps', row);
}

function projected(collection, row) {
  const found = { id: row._id };
  for (const field of FIELDS[collection]) {
    if (row[field] !== undefined) {
      found[field] = onTheWire(row[field]);
    }
  }
  return found;
}

function onTheWire(value) {
  if (value instanceof Date) {
    return value.toISOString();
  }
  if (Array.isArray(value)) {
    return value.map(onTheWire);
  }
  if (value !== null && typeof value === 'object') {
    return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, onTheWire(member)]));
  }
  return value;
}
