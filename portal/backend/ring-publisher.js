import { publish } from 'wix-realtime-backend';
import { errorName, withTimeout } from 'backend/errors.js';
import { spreadsOf } from 'backend/ring-spread.js';
import { CHANNEL } from 'backend/ring-resources.js';

/** Messages in progress at once, and milliseconds for each. */
const PARALLEL = 25;
const TIMEOUT = 4000;
/** Milliseconds after which no further message is begun: Wix ends a call after 14 seconds. */
const MAX_DURATION = 8000;

/**
 * Publish each ring `{resource, numbers}` to the pages that listen to its resource.
 *
 * Returns `{published, failed}`; one that fails stops no other.
 */
export async function publishRings(rings) {
  const end = Date.now() + MAX_DURATION;
  const spreads = await spreadsOf(rings.map(({ resource }) => resource));
  let published = 0;
  for (let start = 0; start < rings.length && Date.now() < end; start += PARALLEL) {
    const messages = rings.slice(start, start + PARALLEL).map((ring) => publishRing(ring, spreads.get(ring.resource)));
    const results = await Promise.allSettled(messages);
    const failures = results.flatMap((result) => (result.status === 'rejected' ? [errorName(result.reason)] : []));
    published += results.length - failures.length;
    if (failures.length) {
      console.error(`gridwix: publish: ${failures[0]}`);
    }
  }
  return { published, failed: rings.length - published };
}

async function publishRing({ resource, numbers }, spread) {
  await withTimeout(TIMEOUT, 'publish_silent', publish({ name: CHANNEL, resourceId: resource }, { numbers, spread }));
}
