import { tooOften } from 'backend/refusals.js';

/**
 * How much of the site's quota of reads one member uses in a minute, in this instance of the backend.
 *
 * In memory: counting in Wix Data would take more of the quota than it saves. So each instance has its own
 * count, and a new one begins at 0. A call beyond the limit is refused before Wix Data is asked.
 */

const MINUTE = 60_000;
/** A sixth of the reads that Wix gives a site in a minute. An open page takes up to about 60, a crowded one more. */
const MOST = 500;
/** What a call counts more that found no partner of the member: a stranger has 50 calls a minute, or fewer. */
const STRANGER = 8;
const MAX_REMEMBERED = 10_000;

/** The minute that is counted, and what each member has used in it. */
let minute = 0;
let used = new Map();

/** Count a call of a member that takes about so many reads. Throws Refused, too_often: nothing is left in this minute. */
export function countCall(memberId, reads) {
  const now = Math.floor(Date.now() / MINUTE);
  if (now !== minute) {
    minute = now;
    used = new Map();
  }
  const before = used.get(memberId) ?? 0;
  if (before + reads > MOST) {
    throw tooOften('call', MOST, (minute + 1) * MINUTE);
  }
  add(memberId, before + reads);
}

/** Count that a call has found no partner of the member. */
export function countStranger(memberId) {
  add(memberId, (used.get(memberId) ?? 0) + STRANGER);
}

function add(memberId, reads) {
  if (used.size >= MAX_REMEMBERED && !used.has(memberId)) {
    used.delete(used.keys().next().value);
  }
  used.set(memberId, reads);
}
