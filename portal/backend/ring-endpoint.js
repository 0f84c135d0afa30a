import { Buffer } from 'buffer';
import { randomUUID } from 'crypto';
import { badRequest, ok, response } from 'wix-http-functions';
import { errorName } from 'backend/errors.js';
import { realtime_check_permission } from 'backend/realtime-permissions.js';
import { publishRings } from 'backend/ring-publisher.js';
import { CHANNEL, EVERYBODY, partnerOf } from 'backend/ring-resources.js';
import { hasValidSignature } from 'backend/signatures.js';
import { SIGNING_SECRET, readSecret } from 'backend/site-secrets.js';

/**
 * Receives gridwix's rings: `{type: 'gridwix.ring', rings: [{resource, numbers}]}`, and its check
 * of this site's permissions: `{type: 'gridwix.check'}`.
 *
 * A ring says which sections changed, and never what is in them. A request that is repeated within
 * the tolerance of its signature publishes the same numbers again, from which no page reads anything.
 */

/** Version of this protocol. */
const VERSION = 1;
const MAX_BYTES = 64 * 1024;
const MAX_RINGS = 200;
const MAX_SECTIONS = 20;
/** Submissions of the site have other ids: one of those, sent back here, is not accepted. */
const ID_PREFIX = 'ring-';
const SECTION = /^[a-z]{1,30}$/;

/** The channels whose permissions a check reports; such a partner need not exist. */
const CHECKED = [EVERYBODY, 'partner/gridwix-check'];

/**
 * Return the response to a request. All requests without a valid signature get the same one.
 *
 * @param {import('wix-http-functions').WixHttpFunctionRequest} request
 */
export async function answerRing(request) {
  try {
    const text = await request.body.text();
    if (Buffer.byteLength(text) > MAX_BYTES) {
      return response(json({ error: 'too_large' }, 413));
    }
    if (!hasValidSignature(request.headers, text, await readSecret(SIGNING_SECRET), ID_PREFIX)) {
      return response(json({ error: 'unauthorized' }, 401));
    }
    const order = parseOrder(text);
    if (order?.type === 'gridwix.check') {
      return ok(json(await checkPermissions()));
    }
    if (order?.type === 'gridwix.ring' && areRings(order.rings)) {
      return ok(json(await publishRings(order.rings)));
    }
    return badRequest(json({ error: 'invalid' }));
  } catch (error) {
    console.error(`gridwix: ring: ${errorName(error)}`);
    return response(json({ error: 'unavailable' }, 503));
  }
}

function parseOrder(text) {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function areRings(rings) {
  return Array.isArray(rings) && rings.length > 0 && rings.length <= MAX_RINGS && rings.every(isRing);
}

/** A section that this code does not know is passed on: its page may be newer, and ignores others. */
function isRing(ring) {
  const { resource, numbers } = ring ?? {};
  if (partnerOf(resource) === undefined || numbers === null || typeof numbers !== 'object' || Array.isArray(numbers)) {
    return false;
  }
  const entries = Object.entries(numbers);
  return entries.length > 0 && entries.length <= MAX_SECTIONS && entries.every(([section, number]) => SECTION.test(section) && isCount(number));
}

function isCount(value) {
  return Number.isSafeInteger(value) && value >= 0;
}

/** Report what the site's own hook allows a visitor, and a member without a link. */
async function checkPermissions() {
  const id = randomUUID();
  const [stranger, unlinked] = await Promise.all([mostAllowed({ type: 'Visitor', id }), mostAllowed({ type: 'Member', id })]);
  return { version: VERSION, stranger, unlinked };
}

async function mostAllowed(subscriber) {
  const allowed = await Promise.all(CHECKED.map((resourceId) => realtime_check_permission({ name: CHANNEL, resourceId }, subscriber)));
  // Wix grants whatever the hook does not deny.
  return { read: allowed.some((one) => one?.read !== false) };
}

function json(body, status) {
  return { ...(status ? { status } : {}), headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) };
}
