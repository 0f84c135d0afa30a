import wixData from 'wix-data';
import { ELEVATED } from 'backend/data.js';
import { normalAddress } from 'backend/email-address.js';
import { errorName } from 'backend/errors.js';

const LINKS = 'PartnerLinks';

/** The highest number of items of a bulk patch. */
const MOST = 100;

/**
 * Note in a member's links that it was here, at most once a day (UTC): one write for all of them. A
 * link that the hub made gets the member's address and name with its first visit, if it has none.
 *
 * Never fails: a page without it is still a page.
 */
export async function noteVisit(member, links) {
  const now = new Date();
  const due = links.filter(({ lastSeenAt }) => dayOf(lastSeenAt) !== dayOf(now)).slice(0, MOST);
  const [nameless, others] = [due.filter(isNameless), due.filter((link) => !isNameless(link))];
  const email = normalAddress(member.email);
  const person = { ...(email ? { email } : {}), ...(member.name ? { name: member.name } : {}) };
  try {
    await Promise.all([patchAll(nameless, { lastSeenAt: now, ...person }), patchAll(others, { lastSeenAt: now })]);
  } catch (error) {
    console.error(`gridwix: ${errorName(error)}`);
  }
}

/** True for a link without a person's address and name, as `gridwix link` makes it. */
function isNameless({ email, name }) {
  return !email && !name;
}

async function patchAll(links, fields) {
  if (!links.length) {
    return;
  }
  const patch = wixData.bulkPatch(
    LINKS,
    links.map(({ _id }) => _id),
  );
  await Object.entries(fields)
    .reduce((changes, [name, value]) => changes.setField(name, value), patch)
    .run(ELEVATED);
}

function dayOf(at) {
  const date = new Date(at ?? NaN);
  return Number.isNaN(date.getTime()) ? '' : date.toISOString().slice(0, 10);
}
