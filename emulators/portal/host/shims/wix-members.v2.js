/** `wix-members.v2`: any member of the site. https://dev.wix.com/docs/velo/apis/wix-members-v2/members/get-member */

import { call, requireElevation } from '../site.js';

export const members = {
  /** Throws if there is no such member. `status` is known only with the fieldset FULL. */
  async getMember(memberId, { fieldsets = [] } = {}) {
    requireElevation('getMember');
    const asked = new URLSearchParams(fieldsets.map((fieldset) => ['fieldsets', fieldset]));
    const { member } = await call('GET', `/members/v1/members/${encodeURIComponent(memberId)}?${asked}`);
    const { id, ...more } = member;
    return { _id: id, ...more };
  },
};
