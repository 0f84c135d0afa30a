/** `wix-web-module`: the host looks at `permissions` before it calls. https://dev.wix.com/docs/velo/apis/wix-web-module/introduction */

export const Permissions = Object.freeze({ Anyone: 'Anyone', Admin: 'Admin', SiteMember: 'SiteMember' });

export function webMethod(permissions, work) {
  return Object.assign((...args) => work(...args), { permissions });
}
