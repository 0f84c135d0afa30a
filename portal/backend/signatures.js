import { Buffer } from 'buffer';
import { createHmac, timingSafeEqual } from 'crypto';
import { codedError } from 'backend/errors.js';

/**
 * Signatures by Standard Webhooks 1.0.0: HMAC-SHA256 of id, Unix time and body.
 *
 * Source: https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
 */

/** Seconds by which the time of a signature may differ from now. Within them, a request can be repeated. */
const TOLERANCE = 300;
/** A sender that rotates its secret signs with the old and the new one. */
const MAX_SIGNATURES = 10;
const MAX_ID = 100;

/** Return the signature headers of a body for `secret` (`whsec_...`). */
export function signatureHeaders(id, body, secret) {
  const timestamp = String(Math.floor(Date.now() / 1000));
  return { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': `v1,${digestOf(id, timestamp, body, secret).toString('base64')}` };
}

/**
 * Return true if `body`, the text as it was received, has a valid signature for `secret`.
 *
 * `prefix` is what the message's id begins with: messages of another kind are signed with the same
 * secret, and must not count here. The comparison takes the same time for every signature.
 */
export function hasValidSignature(headers, body, secret, prefix) {
  const [id, timestamp, signatures] = ['webhook-id', 'webhook-timestamp', 'webhook-signature'].map((name) => headers[name]);
  if (typeof id !== 'string' || !id.startsWith(prefix) || id.length > MAX_ID || typeof signatures !== 'string') {
    return false;
  }
  if (!/^\d{1,12}$/.test(timestamp) || Math.abs(Date.now() / 1000 - Number(timestamp)) > TOLERANCE) {
    return false;
  }
  const expected = digestOf(id, timestamp, body, secret);
  return signatures
    .split(' ', MAX_SIGNATURES)
    .map((one) => one.match(/^v1,([A-Za-z0-9+/]{43}=)$/)?.[1])
    .filter((one) => one !== undefined)
    .some((one) => timingSafeEqual(Buffer.from(one, 'base64'), expected));
}

function digestOf(id, timestamp, body, secret) {
  const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64');
  // Node.js accepts an empty key, and anybody could then sign.
  if (!key.length) {
    throw codedError('empty_secret');
  }
  return createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest();
}
