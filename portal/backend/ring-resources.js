/**
 * The realtime channel on which open pages hear that rows changed, and its resources:
 * `partner/<partner id>` for the rows of one partner, and `everybody` for rows that all partners
 * see. Nothing is ever published on the channel itself.
 */

export const CHANNEL = 'gridwix';
export const EVERYBODY = 'everybody';

const OF_PARTNER = /^partner\/([A-Za-z0-9._:~-]{1,100})$/;

/** Return the partner id of a resource; null for `everybody`, undefined for what is no resource. */
export function partnerOf(resource) {
  if (resource === EVERYBODY) {
    return null;
  }
  return typeof resource === 'string' ? resource.match(OF_PARTNER)?.[1] : undefined;
}
