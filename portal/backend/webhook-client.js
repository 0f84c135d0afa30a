import { Buffer } from 'buffer';
import { createHash, createHmac } from 'crypto';
import { elevate } from 'wix-auth';
import { fetch } from 'wix-fetch';
import { secrets } from 'wix-secrets-backend.v2';
import { Refused } from 'backend/refusals.js';

/** The secrets of the site: the address of gridwix's Wix webhook (`WixWebhookUrl`), and one of its signing secrets (`whsec_...`). */
const ADDRESS = 'gridwix-webhook-url';
const SIGNING_SECRET = 'gridwix-signing-secret';

/** The language of values as a program writes them: numbers with a point and dates as ISO 8601, whatever the member speaks. */
const PROGRAM = 'und';

const ATTEMPTS = 2;
const PATIENCE = 5000;
/** Milliseconds within which the very same submission of the same member is one. A double click, or a browser that tries again, is not a second one. */
const ONE_SUBMISSION = 60_000;

const secretValue = elevate(secrets.getSecretValue);

/**
 * Have a member's submission delivered to gridwix: `values` are by target, as the form has them. Answers `{reference}`.
 * Every attempt has the same id, so that however often it is sent it is one submission.
 */
export async function submit(member, partnerId, form, values) {
  const now = Date.now();
  const submissionId = idOf([member.id, partnerId, form, values, Math.floor(now / ONE_SUBMISSION)]);
  const body = JSON.stringify({ submissionId, memberId: member.id, partnerId, submittedAt: new Date(now).toISOString(), locale: PROGRAM, values });
  const [address, secret] = await Promise.all([ADDRESS, SIGNING_SECRET].map(async (name) => (await secretValue(name)).value));
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
  const request = fetch(url, { method: 'POST', headers: { 'Content-Type': 'application/json', ...signed(id, body, secret) }, body });
  const answer = await within(PATIENCE, request);
  if (!answer.ok) {
    const error = answer.status === 413 ? new Refused('too_large') : failure(`door_${answer.status}`);
    throw Object.assign(error, { final: answer.status < 500 });
  }
  const { reference } = await answer.json();
  return { reference };
}

/** The headers of a body as of Standard Webhooks 1.0.0: HMAC-SHA256 of id, Unix time and body. */
function signed(id, body, secret) {
  const timestamp = String(Math.floor(Date.now() / 1000));
  const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64');
  const signature = createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64');
  return { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': `v1,${signature}` };
}

/** An error whose code is what the log tells of it. */
function failure(code) {
  return Object.assign(new Error(code), { code });
}

function idOf(facts) {
  return `web-${createHash('sha256').update(JSON.stringify(facts)).digest('hex').slice(0, 40)}`;
}

function within(milliseconds, promise) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(failure('door_silent')), milliseconds);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}
