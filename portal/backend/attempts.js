import { createHash } from 'crypto';
import wixData from 'wix-data';
import { CONSISTENT, ELEVATED, findAll, isDuplicateId } from 'backend/data.js';
import { errorName } from 'backend/errors.js';
import { tooOften } from 'backend/refusals.js';

/**
 * Limits of what a member does within an hour, exact across all instances of this backend.
 *
 * Each counted action is an item of `InvitationAttempts`, whose `_id` follows from member, kind, hour and
 * number. Wix inserts an `_id` once, so concurrent calls cannot exceed a limit, wherever they run. An
 * instance remembers the next number: an action costs one write, and a read only for the first one of an
 * hour in that instance. One that is refused costs nothing.
 */

const ATTEMPTS = 'InvitationAttempts';
const HOUR = 3_600_000;

/**
 * Actions in an hour, by kind. Somebody who hands in 100 documents in one hour asks for 100 upload
 * addresses and sends 100 times. Of the `strict` kinds none is done that cannot be counted: a guess of a code,
 * and a mail to somebody. Others go on while Wix cannot count, and only this instance counts.
 */
const LIMITS = {
  redeem: { most: 10, strict: true },
  invite: { most: 30, strict: true },
  send: { most: 200, strict: false },
  upload: { most: 300, strict: false },
};

const MAX_REMEMBERED = 10_000;
/** Milliseconds after which an instance tries again to read a count that Wix did not tell: its quota is one of a minute. */
const BLIND_FOR = 60_000;
const MOST_PER_REMOVAL = 1000;

/** `{hour, until, state, read}` by member and kind; `read` is a promise of the state, `{next, blind}`. */
const counters = new Map();
/** The hour in which this instance has last removed the items of earlier hours. */
let cleanedIn = 0;

/** Count one of the member's actions of a kind. Throws Refused, too_often, if none is left in this hour. */
export async function countAttempt(memberId, kind) {
  const { most, strict } = LIMITS[kind];
  const hour = Math.floor(Date.now() / HOUR);
  for (;;) {
    const counter = counterOf(memberId, kind, hour);
    const state = await counter.read;
    if (state.next >= most) {
      throw tooOften(kind, most, (hour + 1) * HOUR);
    }
    const number = state.next;
    // Before the next await: calls at the same moment have different numbers.
    state.next += 1;
    if (state.blind || (await insertAttempt(memberId, kind, hour, number, strict))) {
      return;
    }
    // Another instance has counted: read how far it is.
    forget(memberId, kind, counter);
  }
}

function counterOf(memberId, kind, hour) {
  const key = `${memberId}/${kind}`;
  const known = counters.get(key);
  if (known?.hour === hour && Date.now() < known.until) {
    return known;
  }
  if (counters.size >= MAX_REMEMBERED) {
    counters.delete(counters.keys().next().value);
  }
  const counter = { hour, until: Infinity, state: null, read: null };
  const found = readCount(memberId, kind, hour).catch((error) => {
    if (LIMITS[kind].strict) {
      forget(memberId, kind, counter);
      throw error;
    }
    console.error(`gridwix: count: ${errorName(error)}`);
    counter.until = Date.now() + BLIND_FOR;
    return { next: known?.hour === hour ? (known.state?.next ?? 0) : 0, blind: true };
  });
  counter.read = found.then((state) => {
    counter.state = state;
    return state;
  });
  counters.set(key, counter);
  return counter;
}

function forget(memberId, kind, counter) {
  const key = `${memberId}/${kind}`;
  if (counters.get(key) === counter) {
    counters.delete(key);
  }
}

/** Return `{next, blind}` of this hour. Removes items of earlier hours. */
async function readCount(memberId, kind, hour) {
  const { items } = await findAll(wixData.query(ATTEMPTS).eq('memberId', memberId), CONSISTENT);
  await removeOld(items.filter((item) => item.hour < hour).map((item) => item._id), hour);
  const numbers = items.filter((item) => item.hour === hour && item.kind === kind).map(({ number }) => number);
  // Not how many there are: an insert that failed leaves a gap.
  return { next: 1 + Math.max(-1, ...numbers.filter(Number.isSafeInteger)), blind: false };
}

/** Insert an item with this number. Returns false if there is one. */
async function insertAttempt(memberId, kind, hour, number, strict) {
  const _id = createHash('sha256').update(`${memberId}/${kind}/${hour}/${number}`).digest('hex').slice(0, 32);
  try {
    await wixData.insert(ATTEMPTS, { _id, memberId, hour, kind, number }, ELEVATED);
  } catch (error) {
    if (isDuplicateId(error)) {
      return false;
    }
    if (strict) {
      throw error;
    }
    console.error(`gridwix: count: ${errorName(error)}`);
  }
  return true;
}

/**
 * Remove the member's items of earlier hours and, once an hour in each instance, some of those of members who have
 * not come back. What fails, or is too much, is left for the next time.
 */
async function removeOld(own, hour) {
  try {
    const others = cleanedIn < hour ? await oldAttempts(hour) : [];
    cleanedIn = hour;
    const old = [...new Set([...own, ...others])].slice(0, MOST_PER_REMOVAL);
    if (old.length) {
      await wixData.bulkRemove(ATTEMPTS, old, ELEVATED);
    }
  } catch (error) {
    console.error(`gridwix: count: ${errorName(error)}`);
  }
}

async function oldAttempts(hour) {
  const { items } = await wixData.query(ATTEMPTS).lt('hour', hour).ascending('hour').limit(MOST_PER_REMOVAL).find(ELEVATED);
  return items.map((item) => item._id);
}
