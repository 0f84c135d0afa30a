/** `wix-auth`. https://dev.wix.com/docs/velo/apis/wix-auth/elevate */

import { elevated } from '../site.js';

export const elevate =
  (work) =>
  (...args) =>
    elevated(() => work(...args));
