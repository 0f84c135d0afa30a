import wixData from 'wix-data';
import { CONSISTENT } from 'backend/data.js';
import { deniedSections, visibleSections } from 'backend/permissions.js';
import { SECTION_NAMES } from 'backend/rows.js';

/**
 * How often the rows of each section have changed, as gridwix counts it in `PortalChanges`: one row
 * per partner, and one for the rows that everybody sees.
 */

const COLLECTION = 'PortalChanges';
const EVERYBODY = 'everybody';

/** What can be hidden: the areas that need a source in Trading Grid. */
const AREAS = ['onboarding', 'compliance', 'issues', 'notices', 'documents', 'requests'];

/** Areas with rows for everybody. The steps of a program are no area to show without an enrollment. */
const SHARED_AREAS = ['notices', 'documents'];

/**
 * Return `{numbers: {own: {section: n}, everybody: {section: n}}, known, hidden}` of a partner, in one
 * read. A section that never changed has no number. `known` is the time up to which Trading Grid was
 * read; null before the first sweep. `hidden` are the areas without a source and without rows; none
 * before it. The next sweep finds a new source, but its rows are there earlier, so they count as well.
 * The sections that the member may not see are hidden, too, and have no numbers.
 *
 * gridwix increases a number after it has written the rows. Whoever reads the numbers first and the
 * rows afterwards has all changes up to these numbers.
 */
export async function readChanges(partner) {
  const { items } = await wixData.query(COLLECTION).hasSome('_id', [partner.id, EVERYBODY]).limit(2).find(CONSISTENT);
  const [own, everybody] = [partner.id, EVERYBODY].map((id) => items.find((item) => item._id === id));
  const numbers = { own: numbersOf(partner, own), everybody: numbersOf(partner, everybody) };
  const denied = deniedSections(partner);
  const empty = Array.isArray(everybody?.hidden) ? AREAS.filter((name) => everybody.hidden.includes(name) && !denied.includes(name) && !hasRows(name, numbers)) : [];
  return {
    numbers,
    known: everybody?.asOf ? new Date(everybody.asOf) : null,
    hidden: [...empty, ...denied],
  };
}

/** True if rows of an area were written for the partner, or for everybody. */
function hasRows(name, { own, everybody }) {
  return own[name] > 0 || (SHARED_AREAS.includes(name) && everybody[name] > 0);
}

function numbersOf(partner, row) {
  return visibleSections(partner, Object.fromEntries(SECTION_NAMES.filter((name) => Number.isFinite(row?.[name])).map((name) => [name, row[name]])));
}
