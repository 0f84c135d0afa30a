import { currentMember } from 'wix-members-backend';

/** Maximum length of a member's name. */
const MAX_NAME = 200;

/**
 * Return the member of the session as Wix knows it; nothing comes from the browser. Null if the
 * member may not log in. Wix throws if nobody is logged in.
 */
export async function sessionMember() {
  const member = await currentMember.getMember({ fieldsets: ['FULL'] });
  if (!member?._id || (member.status && member.status !== 'APPROVED')) {
    return null;
  }
  const { firstName, lastName } = member.contactDetails ?? {};
  const name = [firstName, lastName].filter(Boolean).join(' ') || member.profile?.nickname || '';
  // Wix's types do not have it. Whoever cannot know whether Wix has verified the address takes it for unverified.
  const { loginEmailVerified } = /** @type {any} */ (member);
  return { id: member._id, name: shortName(name), email: member.loginEmail ?? '', emailVerified: loginEmailVerified === true };
}

/** A name that is too long, cut between two letters: one may take several characters. */
function shortName(name) {
  if (name.length <= MAX_NAME) return name;
  return `${name.slice(0, new Intl.Segmenter().segment(name).containing(MAX_NAME - 1).index)}…`;
}
