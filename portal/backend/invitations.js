import { createHash } from 'crypto';
import { elevate } from 'wix-auth';
import wixData from 'wix-data';
import { members } from 'wix-members.v2';
import { countAttempt } from 'backend/attempts.js';
import { CONSISTENT, ELEVATED, insertOnce } from 'backend/data.js';
import { normalAddress } from 'backend/email-address.js';
import { readText } from 'backend/inputs.js';
import { linkId, partnerName } from 'backend/links.js';
import { requireAnotherAdministrator } from 'backend/people.js';
import { noteAcceptance } from 'backend/people-history.js';
import { ADMINISTRATOR } from 'backend/permissions.js';
import { Refused } from 'backend/refusals.js';

const memberById = elevate(members.getMember);

const LINKS = 'PartnerLinks';
const INVITATIONS = 'PartnerInvitations';
const REDEMPTIONS = 'InvitationRedemptions';

/** 160 bits in base32, in any grouping. */
const CODE = /^[A-Z2-7]{32}$/;
const ALIKE = { 0: 'O', 1: 'I', 8: 'B' };

/**
 * Redeem an invitation: link the member to the partner. Returns `{partner: {id, name, role}}`.
 *
 * Throws Refused: invalid for a malformed code; not_found for an invitation that does not exist, is
 * not active, has expired or was redeemed by another member, without a difference; other_address and
 * address_not_verified for an invitation that is bound to an email address, unless it is the
 * member's login address, and Wix says that it has verified it; last_admin if the partner would be
 * left without an administrator; too_often after too many attempts of the member.
 *
 * Idempotent: a code is redeemed once. The insert of the redemption, whose `_id` is the
 * invitation's, decides who has it. If a later step fails, the same member resumes by sending the
 * code again, until the invitation is marked as used, which is the last step.
 */
export async function redeemInvitation(member, code) {
  const hash = hashOf(code);
  await countAttempt(member.id, 'redeem');
  const invitation = await findInvitation(hash);
  if (!invitation || !['active', 'used'].includes(invitation.status)) {
    throw new Refused('not_found');
  }
  const { partnerId, role } = invitation;
  if (invitation.status === 'used') {
    // The response may have been lost. A link that was removed since is not restored.
    await requireOwnRedemption(invitation, member);
    return partnerResponse(partnerId, role);
  }
  if (!(new Date(invitation.expiresAt) > new Date())) {
    throw new Refused('not_found');
  }
  await requireAddress(invitation, member);
  const former = await wixData.get(LINKS, linkId(member.id, partnerId), CONSISTENT);
  if (former?.role === ADMINISTRATOR && role !== ADMINISTRATOR) {
    await requireAnotherAdministrator({ id: partnerId }, { memberId: member.id });
  }
  const usedAt = await redeem(invitation._id, member.id);
  await writeLink(linkOf(invitation, member, usedAt), former);
  const current = await requireStillValid(invitation, member, former);
  await noteAcceptance(member, invitation, usedAt);
  await wixData.update(INVITATIONS, { ...current, status: 'used', usedBy: member.id, usedAt }, ELEVATED);
  return partnerResponse(partnerId, role);
}

/** Write a link. One that was there, and that somebody has removed since, is not made again: the update fails. */
async function writeLink(link, former) {
  if (former || (await insertOnce(LINKS, link))) {
    await wixData.update(LINKS, link, ELEVATED);
  }
}

/**
 * Return the invitation as it is now that the link is written. If it was withdrawn, or the access taken away,
 * since it was read: put the former link back, and throw Refused, not_found.
 *
 * Whoever ends an invitation writes that first and looks for the link afterwards, so one of the two sees the
 * other. A second call of the same member may have used it by now: `usedAt` tells its use from an end.
 */
async function requireStillValid(invitation, member, former) {
  const current = await wixData.get(INVITATIONS, invitation._id, CONSISTENT);
  const isOwnUse = current?.status === 'used' && current.usedBy === member.id && current.usedAt;
  if (current?.status === 'active' || isOwnUse) {
    return current;
  }
  const id = linkId(member.id, invitation.partnerId);
  const link = await wixData.get(LINKS, id, CONSISTENT);
  // Only if nobody has changed the link meanwhile.
  if (link?.invitationId === invitation._id && link.role === invitation.role) {
    await (former ? wixData.update(LINKS, former, ELEVATED) : wixData.bulkRemove(LINKS, [id], ELEVATED));
  }
  throw new Refused('not_found');
}

/** Return 160 bits of a code's hash. The code itself is not stored. */
function hashOf(code) {
  const letters = readText(code, 100)
    .toUpperCase()
    .replace(/[\s-]/g, '')
    .replace(/[018]/g, (digit) => ALIKE[digit]);
  if (!CODE.test(letters)) {
    throw new Refused('invalid');
  }
  return createHash('sha256').update(letters).digest('hex').slice(0, 40);
}

/**
 * Return the invitation of a code: the hash is its `_id` if the hub gave the code by hand, else its
 * `codeHash`. Undefined if there is none.
 */
async function findInvitation(hash) {
  const own = await wixData.get(INVITATIONS, hash, CONSISTENT);
  if (own) {
    return own;
  }
  const derived = wixData.query(INVITATIONS).eq('codeHash', hash).ascending('_id').limit(1);
  return (await derived.find(CONSISTENT)).items[0];
}

/**
 * Throw Refused for an invitation that is bound to another address than the member's verified one.
 *
 * The session does not say whether Wix has verified the address; the member itself does.
 */
async function requireAddress(invitation, member) {
  if (invitation.bound !== true) {
    return;
  }
  const { loginEmail, loginEmailVerified } = await memberById(member.id, { fieldsets: ['FULL'] });
  const wanted = normalAddress(invitation.email);
  if (wanted === null || normalAddress(loginEmail) !== wanted) {
    throw new Refused('other_address');
  }
  if (loginEmailVerified !== true) {
    throw new Refused('address_not_verified');
  }
}

/** Return the link that an invitation makes. What is not known is absent. */
function linkOf(invitation, member, verifiedAt) {
  const { partnerId, role, source, userId } = invitation;
  const known = { email: normalAddress(member.email), name: invitation.name || member.name, source, userId };
  return {
    _id: linkId(member.id, partnerId),
    memberId: member.id,
    partnerId,
    role,
    verifiedBy: 'invitation',
    verifiedAt,
    invitationId: invitation._id,
    ...Object.fromEntries(Object.entries(known).filter(([, value]) => value)),
  };
}

async function requireOwnRedemption(invitation, member) {
  const link = await wixData.get(LINKS, linkId(member.id, invitation.partnerId), CONSISTENT);
  if (invitation.usedBy !== member.id || !link) {
    throw new Refused('not_found');
  }
}

/** Redeem an invitation for a member. Returns the time. Throws Refused if another member has it. */
async function redeem(invitationId, memberId) {
  const redemption = { _id: invitationId, memberId, redeemedAt: new Date() };
  const existing = await insertOnce(REDEMPTIONS, redemption);
  if (existing && existing.memberId !== memberId) {
    throw new Refused('not_found');
  }
  return existing ? new Date(existing.redeemedAt) : redemption.redeemedAt;
}

async function partnerResponse(partnerId, role) {
  return { partner: { id: partnerId, name: await partnerName(partnerId), role } };
}
