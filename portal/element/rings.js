/**
 * Reads the attribute `rings`, with which the page says what it has heard. Pure.
 *
 * The page's code sets it, so it is checked only for its form.
 */

/** Milliseconds: no page waits longer than this before it reads. */
const LONGEST_SPREAD = 10 * 60_000;

/**
 * Return `{partner, connected, connection, numbers: {own, everybody}, spread: {own, everybody}}`;
 * null for anything else. A spread is in milliseconds, null before the first ring.
 */
export function readRings(text) {
  let found;
  try {
    found = JSON.parse(text);
  } catch {
    return null;
  }
  if (found === null || typeof found !== 'object') return null;
  const { partner, connected, connection, own, everybody, spread } = found;
  return {
    partner: typeof partner === 'string' ? partner : null,
    connected: connected === true,
    connection: Number.isSafeInteger(connection) ? connection : 0,
    numbers: { own: object(own), everybody: object(everybody) },
    spread: { own: milliseconds(spread?.own), everybody: milliseconds(spread?.everybody) },
  };
}

function object(value) {
  return value !== null && typeof value === 'object' ? value : {};
}

function milliseconds(value) {
  return Number.isFinite(value) ? Math.max(0, Math.min(value, LONGEST_SPREAD)) : null;
}
