import { currentMember } from 'wix-members-backend';

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
  return { id: member._id, name: name.slice(0, 200), email: member.loginEmail ?? '' };
}
