import { randomUUID } from 'crypto';
import { insertOnce } from 'backend/data.js';
import { normalAddress } from 'backend/email-address.js';
import { errorName } from 'backend/errors.js';

/**
 * The journal of who gave whom access to a partner, and who took it away. Lines are only added;
 * gridwix reads them (`gridwix people history`), and removes old ones.
 */

const HISTORY = 'PeopleHistory';

/**
 * Add a line of an act: `invited`, `sent_again`, `withdrawn`, `role_changed`, `removed`, or `restored` for
 * the one before that would have left no administrator. `person` is `{email, memberId}`, `roles` are
 * `{roleBefore, roleAfter}`; what is not known is absent.
 *
 * A line is added before its act. So no act is without a line, and a line can stand for an act that
 * was interrupted.
 *
 * @param {string} actor
 * @param {string} partnerId
 * @param {string} act
 * @param {any} person
 * @param {any} roles
 */
export async function addLine(actor, partnerId, act, { email, memberId }, { roleBefore, roleAfter }) {
  await insertOnce(HISTORY, { _id: randomUUID(), partnerId, at: new Date(), actor, act, ...known({ email, memberId, roleBefore, roleAfter }) });
}

/**
 * Add the line of an accepted invitation, once. Never fails: who was invited has access, whatever
 * becomes of the line.
 */
export async function noteAcceptance(member, invitation, at) {
  const { _id, partnerId, role } = invitation;
  const person = known({ email: normalAddress(member.email), memberId: member.id, roleAfter: role });
  try {
    await insertOnce(HISTORY, { _id: `accepted-${_id}`, partnerId, at, actor: member.id, act: 'accepted', ...person });
  } catch (error) {
    console.error(`gridwix: ${errorName(error)}`);
  }
}

function known(values) {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value));
}
