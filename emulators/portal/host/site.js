/**
 * The Wix site behind the shims: its REST API, its secrets, and the member of the current request.
 */

import { AsyncLocalStorage } from 'node:async_hooks';

const PATIENCE = 14_000;
/** Milliseconds that Wix allows a backend call. */

let site;
const request = new AsyncLocalStorage();

export function configure(options) {
  site = options;
}

/** Multiply the backend's time limits by `patience`: a busy machine responds slowly. */
export function stretchTimers(patience) {
  const { setTimeout } = globalThis;
  globalThis.setTimeout = (work, milliseconds, ...more) => setTimeout(work, milliseconds * patience, ...more);
}

/** Run `work` for the member of a session, or for nobody. Only this sets the logged-in member. */
export function asMember(memberId, work) {
  return request.run({ memberId, elevated: false }, work);
}

export function sessionMemberId() {
  return request.getStore()?.memberId ?? null;
}

/** Run `work` with the site's own permission, like Wix's `elevate`. */
export function runElevated(work) {
  return request.run({ ...request.getStore(), elevated: true }, work);
}

export function requireElevation(what) {
  if (!request.getStore()?.elevated) {
    throw new WixFault(403, 'PERMISSION_DENIED', `${what} needs elevated permissions`);
  }
}

export function secret(name) {
  if (!Object.hasOwn(site.secrets, name)) {
    throw new WixFault(404, 'SECRET_NOT_FOUND', `there is no secret ${name}`);
  }
  return site.secrets[name];
}

/** An error of Wix's modules. */
export class WixFault extends Error {
  constructor(status, code, message, details = { applicationError: { code } }) {
    super(message);
    this.name = 'WixFault';
    this.status = status;
    this.code = code;
    this.details = details;
  }
}

/** Call the site's REST API as its owner. Throws WixFault. */
export async function call(method, path, body) {
  const headers = { authorization: site.apiKey, 'wix-site-id': site.siteId, ...(body ? { 'content-type': 'application/json' } : {}) };
  const answer = await fetch(site.url + path, { method, headers, body: body && JSON.stringify(body), signal: AbortSignal.timeout(PATIENCE * site.patience) });
  const document = await answer.json().catch(() => ({}));
  if (answer.status !== 200) {
    throw new WixFault(answer.status, document.details?.applicationError?.code ?? 'UNKNOWN', document.message ?? '', document.details);
  }
  return document;
}
