import { createHash } from 'crypto';
import { fetch } from 'wix-fetch';
import { countAttempt } from 'backend/attempts.js';
import { codedError, withTimeout } from 'backend/errors.js';
import { Refused } from 'backend/refusals.js';
import { signatureHeaders } from 'backend/signatures.js';
import { ADDRESS_SECRET, SIGNING_SECRET, readSecret } from 'backend/site-secrets.js';

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

/**
 * Send a member's submission to gridwix. Returns `{reference}`.
 *
 * `values` are by target, as in the form. Idempotent: each attempt has the same submission id.
 * Throws Refused, too_often for a member who has sent many within an hour; or an error with `code` for the log.
 */
export async function submit(member, partnerId, form, values) {
  await countAttempt(member.id, 'send');
  const now = Date.now();
  const submissionId = submissionIdOf([member.id, partnerId, form, values, Math.floor(now / DEDUPLICATION_WINDOW)]);
  const body = JSON.stringify({ submissionId, memberId: member.id, partnerId, submittedAt: new Date(now).toISOString(), locale: VALUES_LOCALE, values });
  const [address, secret] = await Promise.all([readSecret(ADDRESS_SECRET), readSecret(SIGNING_SECRET)]);
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
  const response = await withTimeout(TIMEOUT, 'webhook_silent', request);
  if (!response.ok) {
    const error = response.status === 413 ? new Refused('too_large') : codedError(`webhook_${response.status}`);
    throw Object.assign(error, { final: response.status < 500 });
  }
  const { reference } = await response.json();
  return { reference };
}

function submissionIdOf(facts) {
  return `web-${createHash('sha256').update(JSON.stringify(facts)).digest('hex').slice(0, 40)}`;
}
