import { createHash } from 'crypto';
import wixData from 'wix-data';
import { CONSISTENT, ELEVATED, findAll, isDuplicateId } from 'backend/data.js';
import { readId, readObject } from 'backend/inputs.js';
import { mergeSections } from 'backend/marks.js';
import { visibleSections } from 'backend/permissions.js';
import { Refused } from 'backend/refusals.js';

/**
 * The rows that a member has read at a partner, on all its devices.
 *
 * Wix has no conditional update, so two devices that change one row would overwrite one another.
 * Instead, each call inserts a row of its own, and reading merges all rows. When there are many,
 * one row with all of them is inserted, and then those are removed. As a row is removed only when
 * another has its content, no mark is lost, whoever merges at the same time or stops halfway.
 */

const READ_MARKS = 'MemberReadMarks';

const SECTIONS = ['status', 'onboarding', 'issues', 'notices', 'documents', 'requests', 'messages', 'activity'];

/** Rows of a member and a partner, from which on they are merged into one. */
const MERGE_FROM = 16;

/** Rows that Wix removes in one call. The next calls remove the others. */
const MOST_PER_REMOVAL = 1000;

/** Ids of a section in one call. */
const MOST_IDS_PER_CALL = 100;

const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)$/;

/** Milliseconds by which a row's time may be ahead of this clock. */
const AHEAD = 86_400_000;

/**
 * Return `{marks: {section: {upTo, ids: {id: time}}}}` of a member at a partner. A section of which
 * nothing is read, or that the member may not see, is missing. See `marks.js` for what counts as read.
 */
export async function readMarksOf(member, partner) {
  return { marks: visibleSections(partner, sectionsToJson((await storedMarks(member.id, partner.id)).marks)) };
}

/**
 * Add to what a member has read: `{section: {upTo, ids: {id: time}}}`, both optional, where each time
 * is that of the row's last change as the page shows it. All sections take one write. Returns
 * `{marks}` with the marks of all devices. Never makes a row unread. Idempotent. Marks of a section
 * that the member may not see are dropped: its page may show it still. Throws Refused.
 */
export async function addReadMarks(member, partner, marks) {
  const added = visibleSections(partner, readMarks(marks));
  const stored = await storedMarks(member.id, partner.id);
  const merged = mergeSections(stored.marks, added);
  if (!isEqual(merged, stored.marks)) {
    if (stored.ids.length < MERGE_FROM) {
      await insertMarks(member.id, partner.id, added);
    } else {
      const id = await insertMarks(member.id, partner.id, merged);
      // Only now: until the merged row is there, these are the only ones with their content.
      await wixData.bulkRemove(
        READ_MARKS,
        stored.ids.filter((one) => one !== id).slice(0, MOST_PER_REMOVAL),
        ELEVATED,
      );
    }
  }
  return { marks: visibleSections(partner, sectionsToJson(merged)) };
}

/** Return the marks of all rows, merged, and the `_id` of each of these rows. */
async function storedMarks(memberId, partnerId) {
  const { items } = await findAll(wixData.query(READ_MARKS).eq('memberId', memberId).eq('partnerId', partnerId).ascending('_id'), CONSISTENT);
  return { ids: items.map((item) => item._id), marks: items.map((item) => sectionsFromJson(item.marks)).reduce(mergeSections, {}) };
}

/** Insert a row of marks, unless one with this content is there. Returns its `_id`. */
async function insertMarks(memberId, partnerId, marks) {
  const stored = rowMarks(marks);
  const id = createHash('sha256')
    .update(JSON.stringify([memberId, partnerId, stored]))
    .digest('hex')
    .slice(0, 32);
  try {
    await wixData.insert(READ_MARKS, { _id: id, memberId, partnerId, marks: stored }, ELEVATED);
  } catch (error) {
    if (!isDuplicateId(error)) {
      throw error;
    }
  }
  return id;
}

/** Read marks by section from the page. Throws Refused. */
function readMarks(marks) {
  const sections = Object.entries(readObject(marks, SECTIONS.length));
  if (!sections.every(([section]) => SECTIONS.includes(section))) {
    throw new Refused('invalid');
  }
  return Object.fromEntries(sections.map(([section, mark]) => [section, readMark(mark)]));
}

/** Read a mark from the page. Throws Refused. */
function readMark(mark) {
  const { upTo = null, ids = {}, ...others } = readObject(mark, 2);
  if (Object.keys(others).length) {
    throw new Refused('invalid');
  }
  const times = Object.entries(readObject(ids, MOST_IDS_PER_CALL)).map(([id, at]) => [readId(id), readTime(at)]);
  return { upTo: upTo === null ? null : readTime(upTo), ids: Object.fromEntries(times) };
}

function readTime(value) {
  const at = typeof value === 'string' && TIME.test(value) ? Date.parse(value) : Number.NaN;
  // A time far ahead would hide every change until then.
  if (!(at >= 0 && at <= Date.now() + AHEAD)) {
    throw new Refused('invalid');
  }
  return new Date(at).toISOString();
}

/** In a row, ids are elements of a list: a key of an object may not contain a dot. */
function rowMarks(marks) {
  return Object.fromEntries(Object.entries(marks).map(([name, { upTo, ids }]) => [name, { upTo, ids: Object.entries(ids).map(([id, at]) => ({ id, at })) }]));
}

/** The marks of a row. What is malformed, because somebody has edited it on the site, counts as unread. */
function sectionsFromJson(marks) {
  const known = Object.entries(marks ?? {}).filter(([name]) => SECTIONS.includes(name));
  return Object.fromEntries(
    known.map(([name, mark]) => {
      const ids = Array.isArray(mark?.ids) ? mark.ids.filter((one) => typeof one?.id === 'string' && isTime(one.at)) : [];
      return [name, { upTo: isTime(mark?.upTo) ? mark.upTo : null, ids: Object.fromEntries(ids.map(({ id, at }) => [id, at])) }];
    }),
  );
}

function isTime(value) {
  return typeof value === 'string' && /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/.test(value);
}

function sectionsToJson(marks) {
  return Object.fromEntries(Object.entries(marks).filter(([, { upTo, ids }]) => upTo !== null || Object.keys(ids).length));
}

function isEqual(one, other) {
  return JSON.stringify(sectionsToJson(one)) === JSON.stringify(sectionsToJson(other));
}
