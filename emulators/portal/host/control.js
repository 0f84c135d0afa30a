/**
 * `/__emulator/realtime`: `GET` tells faults and counts, `POST` changes faults (`FAULTS` in
 * `realtime.js`; `{"disconnect": true}` ends all connections once, `{"release": true}` delivers what
 * is late), `DELETE` ends the faults and sets the counts back to zero.
 *
 * Only for programs on this machine, as in the other emulators: a browser names an origin or a site
 * in each request that a page makes.
 */

import { RequestRefused, jsonOf } from './request-body.js';
import { FAULTS, hub } from './realtime.js';

const LOOPBACK = new Set(['127.0.0.1', '::1', '::ffff:127.0.0.1']);
const MAX_ORDER = 4 * 1024;
/** The highest value of each fault that is a number. */
const MOST = { lost: 1, doubled: 1, late: 1, unpublished: 1, lateSeconds: 3600, seed: 2 ** 32 - 1 };

/** Return the JSON of a control request. Throws RequestRefused. */
export async function control(request, pathname) {
  if (!LOOPBACK.has(request.socket.remoteAddress) || request.headers.origin !== undefined || request.headers['sec-fetch-site'] !== undefined) {
    throw new RequestRefused(403, { message: 'only for programs on this machine' });
  }
  if (pathname !== '/__emulator/realtime' || !['GET', 'POST', 'DELETE'].includes(request.method)) {
    throw new RequestRefused(404, { message: 'there is no such path' });
  }
  if (request.method === 'POST') {
    const { disconnect = false, release = false, ...faults } = (await jsonOf(request, MAX_ORDER)) ?? {};
    hub.order(checked(faults));
    if (disconnect) {
      hub.disconnectAll();
    }
    if (release) {
      hub.release();
    }
  } else if (request.method === 'DELETE') {
    hub.reset();
  }
  return hub.status();
}

function checked(faults) {
  for (const [name, value] of Object.entries(faults)) {
    const fits = Object.hasOwn(FAULTS, name) && typeof value === typeof FAULTS[name];
    if (!fits || (typeof value === 'number' && !(value >= 0 && value <= MOST[name]))) {
      throw new RequestRefused(400, { message: `${name} is no fault, or has no such value` });
    }
  }
  return faults;
}
