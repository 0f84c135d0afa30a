/** `wix-auth`. https://dev.wix.com/docs/velo/apis/wix-auth/elevate */

import { runElevated } from '../site.js';

export const elevate =
  (work) =>
  (...args) =>
    runElevated(() => work(...args));
