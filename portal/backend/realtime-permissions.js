import { mayListen } from 'backend/ring-permissions.js';

/**
 * Wix asks here whenever a page subscribes to a realtime channel, and again when it reconnects.
 * Without this file everybody may listen to everything; in Wix Studio, nobody.
 *
 * Source: https://dev.wix.com/docs/sdk/core-modules/realtime/realtime/site/realtime-check-permission
 */
export async function realtime_check_permission(channel, subscriber) {
  return { read: await mayListen(channel, subscriber) };
}
