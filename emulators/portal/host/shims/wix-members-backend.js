/**
 * `wix-members-backend`: only the session's own member.
 *
 * Source: https://dev.wix.com/docs/velo/apis/wix-members-backend/current-member/get-member
 */

import { WixFault, call, sessionMemberId } from '../site.js';

export const currentMember = {
  /** Throws if nobody is logged in, as Wix does in the backend. */
  async getMember() {
    const memberId = sessionMemberId();
    if (!memberId) {
      throw new WixFault(401, 'UNAUTHENTICATED', 'no member is logged in');
    }
    const { member } = await call('GET', `/members/v1/members/${encodeURIComponent(memberId)}?fieldsets=FULL`);
    const { firstName, lastName } = member.contact ?? {};
    return { _id: member.id, loginEmail: member.loginEmail, status: member.status, profile: member.profile, contactDetails: { firstName, lastName } };
  },
};
