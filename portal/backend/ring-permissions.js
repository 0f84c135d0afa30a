import { elevate } from 'wix-auth';
import { members } from 'wix-members.v2';
import { errorName } from 'backend/errors.js';
import { isLinked } from 'backend/links.js';
import { CHANNEL, partnerOf } from 'backend/ring-resources.js';

const memberById = elevate(members.getMember);

/**
 * Return true if `subscriber` (`{type, id}`) may listen to `channel` (`{name, resourceId}`).
 *
 * Denies by default and on any error. An approved member may listen to `partner/<id>` if it has a
 * link to that partner, and to `everybody` if it has a link at all. The links are read from the
 * primary database, as by every web method.
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
    return (await isLinked(id, partner)) && (await isApproved(id));
  } catch (error) {
    console.error(`gridwix: may listen: ${errorName(error)}`);
    return false;
  }
}

/** The id is Wix's own, but a member can be blocked while its session goes on. */
async function isApproved(memberId) {
  const { status } = await memberById(memberId, { fieldsets: ['FULL'] });
  return status === 'APPROVED';
}
