// Wix's modules, as the portal imports them, by the types that Wix publishes.
//
// corvid-types has a Velo module under its name, or under its former one. The others are those of
// Wix's SDK, on which Velo's modules are built: `wix-data` there lacks the options that only a site's
// backend has.

/// <reference types="node" />
/// <reference path="./node_modules/corvid-types/types/common/wix-fetch.d.ts" />
/// <reference path="./node_modules/corvid-types/types/common/wix-http-functions.d.ts" />
/// <reference path="./node_modules/corvid-types/types/common/wix-location.d.ts" />
/// <reference path="./node_modules/corvid-types/types/common/wix-members-backend.d.ts" />
/// <reference path="./node_modules/corvid-types/types/common/wix-realtime-backend.d.ts" />
/// <reference path="./node_modules/corvid-types/types/common/wix-seo.d.ts" />
/// <reference path="./node_modules/corvid-types/types/common/wix-window.d.ts" />

declare module 'wix-auth' {
  export const elevate: typeof import('@wix/essentials').auth.elevate;
}

declare module 'wix-data' {
  const wixData: import('@wix/wix-data-items-common').WixDataApi;
  export default wixData;
}

declare module 'wix-location-frontend' {
  const wixLocation: typeof import('wix-location');
  export default wixLocation;
}

declare module 'wix-media.v2' {
  export const files: typeof import('@wix/auto_sdk_media_files');
}

declare module 'wix-members.v2' {
  export const members: typeof import('@wix/auto_sdk_members_members');
}

declare module 'wix-secrets-backend.v2' {
  export const secrets: typeof import('@wix/auto_sdk_secrets_secrets');
}

declare module 'wix-seo-frontend' {
  const wixSeo: typeof import('wix-seo');
  export default wixSeo;
}

declare module 'wix-web-module' {
  export { Permissions, webMethod } from '@wix/web-methods';
}

declare module 'wix-window-frontend' {
  const wixWindow: typeof import('wix-window');
  export default wixWindow;
}

declare const $w: any;
