/**
 * `wix-web-module`: the host checks `permissions` before each call.
 *
 * Source: https://dev.wix.com/docs/velo/apis/wix-web-module/introduction
 */

export const Permissions = Object.freeze({ Anyone: 'Anyone', Admin: 'Admin', SiteMember: 'SiteMember' });

export function webMethod(permissions, work) {
  return Object.assign((...args) => work(...args), { permissions });
}
