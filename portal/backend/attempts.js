import wixData from 'wix-data';
import { CONSISTENT, ELEVATED, findAll, insertOnce } from 'backend/data.js';
import { Refused } from 'backend/refusals.js';

const ATTEMPTS = 'InvitationAttempts';
const HOUR = 3_600_000;

/**
 * Count one of the member's attempts of a kind per hour: `redeem` or `invite`.
 *
 * Each attempt is an item with a fixed `_id`, so that concurrent calls cannot exceed the limit.
 * Throws Refused if none of `most` is left: too_often for invitations, unavailable for codes.
 */
export async function countAttempt(memberId, kind, most) {
  const hour = Math.floor(Date.now() / HOUR);
  const { items } = await findAll(wixData.query(ATTEMPTS).eq('memberId', memberId), CONSISTENT);
  const old = items.filter((item) => item.hour !== hour).map((item) => item._id);
  if (old.length) {
    await wixData.bulkRemove(ATTEMPTS, old, ELEVATED);
  }
  // An item of an earlier release has no kind.
  const made = items.filter((item) => item.hour === hour && (item.kind ?? 'redeem') === kind).length;
  for (let number = made; number < most; number += 1) {
    const item = { _id: `${memberId}-${kind === 'redeem' ? '' : `${kind}-`}${hour}-${number}`, memberId, hour, kind };
    if (!(await insertOnce(ATTEMPTS, item))) {
      return;
    }
  }
  throw kind === 'invite' ? new Refused('too_often') : new Refused('unavailable');
}
