import { elevate } from 'wix-auth';
import { members } from 'wix-members.v2';
import { countCall, countStranger } from 'backend/calls.js';
import { errorName } from 'backend/errors.js';
import { isLinked, linkedPartners } from 'backend/links.js';
import { CHANNEL, partnerOf } from 'backend/ring-resources.js';

const memberById = elevate(members.getMember);

/**
 * Milliseconds for which the partners of a member are remembered once they were read. A page
 * subscribes to two channels, one after the other if its connection broke, and all pages of a site may
 * do so at once. A link that is taken away ends no running subscription anyway.
 */
const LIFETIME = 5_000;
/** Milliseconds after which a read that is not answered is made again: Wix ends a call after 14 s. */
const LONGEST_READ = 15_000;
const MAX_REMEMBERED = 10_000;

/** `{asked, until}` by member: a promise of its partners. A member without any is not remembered. */
const remembered = new Map();

/**
 * Return true if `subscriber` (`{type, id}`) may listen to `channel` (`{name, resourceId}`).
 *
 * Denies by default and on any error. An approved member may listen to `partner/<id>` if it has a
 * link to that partner, and to `everybody` if it has a link at all. The links are read from the
 * primary database, as by every web method, and remembered for some seconds.
 *
 * @param {import('wix-realtime-backend').Channel} channel
 * @param {import('wix-realtime-backend').Subscriber} subscriber
 */
export async function mayListen(channel, subscriber) {
  try {
    const partner = channel?.name === CHANNEL ? partnerOf(channel.resourceId) : undefined;
    const { type, id } = subscriber ?? {};
    if (partner === undefined || type !== 'Member' || typeof id !== 'string' || !id) {
      return false;
    }
    countCall(id, 1);
    const partners = await recentPartners(id);
    if (!partners.size) {
      countStranger(id);
    }
    // A link that is new, or beyond those that a query returns, is not among those remembered.
    return partners.size > 0 && (partner === null || partners.has(partner) || (await isLinked(id, partner)));
  } catch (error) {
    console.error(`gridwix: may listen: ${errorName(error)}`);
    return false;
  }
}

/** Return the partners that a member may hear of, with at most one read in `LIFETIME`. */
function recentPartners(memberId) {
  const known = remembered.get(memberId);
  if (known && Date.now() < known.until) {
    return known.asked;
  }
  if (remembered.size >= MAX_REMEMBERED) {
    remembered.clear();
  }
  // The promise is remembered: the two subscriptions of a new page come at the same time.
  const entry = { asked: partnersOf(memberId), until: Date.now() + LONGEST_READ };
  remembered.set(memberId, entry);
  const forget = () => remembered.get(memberId) === entry && remembered.delete(memberId);
  entry.asked.then((partners) => {
    entry.until = Date.now() + LIFETIME;
    if (!partners.size) forget();
  }, forget);
  return entry.asked;
}

/** Return the partners of an approved member; none of another one. */
async function partnersOf(memberId) {
  const partners = await linkedPartners(memberId);
  return partners.size && (await isApproved(memberId)) ? partners : new Set();
}

/** The id is Wix's own, but a member can be blocked while its session goes on. */
async function isApproved(memberId) {
  const { status } = await memberById(memberId, { fieldsets: ['FULL'] });
  return status === 'APPROVED';
}
