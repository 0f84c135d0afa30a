import { Buffer } from 'buffer';
import { createHash, createHmac } from 'crypto';
import { elevate } from 'wix-auth';
import { fetch } from 'wix-fetch';
import { secrets } from 'wix-secrets-backend.v2';
import { Refused } from 'backend/refusals.js';

/**
 * Names of the site's secrets: the URL of gridwix's Wix webhook (`WixWebhookUrl`), and one of its
 * signing secrets (`whsec_...`).
 */
const ADDRESS_SECRET = 'gridwix-webhook-url';
const SIGNING_SECRET = 'gridwix-signing-secret';

/**
 * Language of machine-written values: a decimal point and ISO 8601 dates, whatever the member's
 * language.
 */
const VALUES_LOCALE = 'und';

const ATTEMPTS = 2;
const TIMEOUT = 5000;
/**
 * Milliseconds within which identical submissions of a member are deduplicated, such as a double
 * click or a browser's retry.
 */
const DEDUPLICATION_WINDOW = 60_000;

const secretValue = elevate(secrets.getSecretValue);

/**
 * Send a member's submission to gridwix. Returns `{reference}`.
 *
 * `values` are by target, as in the form. Idempotent: each attempt has the same submission id.
 * Throws Refused, or an error with `code` for the log.
 */
export async function submit(member, partnerId, form, values) {
  const now = Date.now();
  const submissionId = submissionIdOf([member.id, partnerId, form, values, Math.floor(now / DEDUPLICATION_WINDOW)]);
  const body = JSON.stringify({ submissionId, memberId: member.id, partnerId, submittedAt: new Date(now).toISOString(), locale: VALUES_LOCALE, values });
  const [address, secret] = await Promise.all([ADDRESS_SECRET, SIGNING_SECRET].map(async (name) => (await secretValue(name)).value));
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await post(`${address}/forms/${form}`, submissionId, body, secret);
    } catch (error) {
      if (error.final || attempt === ATTEMPTS) {
        throw error;
      }
    }
  }
}

async function post(url, id, body, secret) {
  const request = fetch(url, { method: 'POST', headers: { 'Content-Type': 'application/json', ...signatureHeaders(id, body, secret) }, body });
  const response = await withTimeout(TIMEOUT, request);
  if (!response.ok) {
    const error = response.status === 413 ? new Refused('too_large') : codedError(`webhook_${response.status}`);
    throw Object.assign(error, { final: response.status < 500 });
  }
  const { reference } = await response.json();
  return { reference };
}

/**
 * Return the signature headers of a body by Standard Webhooks 1.0.0: HMAC-SHA256 of id, Unix time
 * and body.
 */
function signatureHeaders(id, body, secret) {
  const timestamp = String(Math.floor(Date.now() / 1000));
  const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64');
  const signature = createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64');
  return { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': `v1,${signature}` };
}

/** An error whose `code` is logged. */
function codedError(code) {
  return Object.assign(new Error(code), { code });
}

function submissionIdOf(facts) {
  return `web-${createHash('sha256').update(JSON.stringify(facts)).digest('hex').slice(0, 40)}`;
}

function withTimeout(milliseconds, promise) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(codedError('webhook_silent')), milliseconds);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}
