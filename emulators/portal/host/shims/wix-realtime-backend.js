/**
 * `wix-realtime-backend`, as far as the portal uses it.
 *
 * Source: https://dev.wix.com/docs/velo/velo-only-apis/wix-realtime-backend/publish
 */

import { hub } from '../realtime.js';

export const publish = async (channel, payload) => hub.publish(channel, payload);

export default { publish };
