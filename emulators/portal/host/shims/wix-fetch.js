/** `wix-fetch`: the standard's own. https://dev.wix.com/docs/velo/apis/wix-fetch/introduction */

export const fetch = globalThis.fetch;
