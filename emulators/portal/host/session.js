/**
 * Login session: a signed cookie, unreadable for scripts and never sent from other sites. The key
 * is the process's own.
 */

import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';

const NAME = 'portal_session';
const LIFETIME = 12 * 3600;
const KEY = randomBytes(32);

export function cookieFor(memberId) {
  const text = `${memberId}.${Math.floor(Date.now() / 1000) + LIFETIME}`;
  return `${NAME}=${text}.${signature(text)}; Path=/; HttpOnly; SameSite=Strict; Max-Age=${LIFETIME}`;
}

export const NO_COOKIE = `${NAME}=; Path=/; HttpOnly; SameSite=Strict; Max-Age=0`;

/** Return the member of a request's cookie; null if it is missing, forged or expired. */
export function memberOf(request) {
  const cookie = (request.headers.cookie ?? '').split('; ').find((one) => one.startsWith(`${NAME}=`));
  const [memberId, expires, given] = (cookie?.slice(NAME.length + 1) ?? '').split('.');
  if (!memberId || !given || !same(given, signature(`${memberId}.${expires}`))) {
    return null;
  }
  return Number(expires) > Date.now() / 1000 ? memberId : null;
}

function signature(text) {
  return createHmac('sha256', KEY).update(text).digest('base64url');
}

function same(one, other) {
  const [left, right] = [Buffer.from(one), Buffer.from(other)];
  return left.length === right.length && timingSafeEqual(left, right);
}
