/**
 * What a member has read in a section, as a mark: `{upTo, ids}`. Pure.
 *
 * Every row that changed at `upTo` or before is read, and so is a row of `ids`, an object of times
 * by row id, that has not changed after its time. Times are ISO strings as `toISOString` writes
 * them, so their order is that of the time. A row that changes later is unread again.
 *
 * Marks form a semilattice under `mergeMarks`: merging is commutative, associative and idempotent.
 * So devices that merge in any order, or twice, agree, and none can undo what another has read.
 */

/** Ids that a mark keeps, the newest ones. A row beyond them counts as unread again. */
export const MOST_IDS = 100;

export const NO_MARK = { upTo: null, ids: {} };

/** Return a mark under which everything is read that is read under one of the two. */
export function mergeMarks(one, other) {
  const upTo = [one.upTo, other.upTo].reduce((later, at) => (at !== null && (later === null || at > later) ? at : later), null);
  const times = new Map();
  for (const [id, at] of [...Object.entries(one.ids), ...Object.entries(other.ids)]) {
    if ((upTo === null || at > upTo) && !(times.get(id) >= at)) {
      times.set(id, at);
    }
  }
  const newest = [...times].sort(([id, at], [otherId, otherAt]) => compare(otherAt, at) || compare(otherId, id)).slice(0, MOST_IDS);
  return { upTo, ids: Object.fromEntries(newest.sort(([id], [otherId]) => compare(id, otherId))) };
}

/** Return the marks of two objects of marks by section, merged section by section. */
export function mergeSections(one, other) {
  const names = [...new Set([...Object.keys(one), ...Object.keys(other)])].sort(compare);
  return Object.fromEntries(names.map((name) => [name, mergeMarks(one[name] ?? NO_MARK, other[name] ?? NO_MARK)]));
}

/** True if a row that last changed at `at` is read. */
export function isRead(mark, id, at) {
  return (mark.upTo !== null && at <= mark.upTo) || (Object.hasOwn(mark.ids, id) && at <= mark.ids[id]);
}

function compare(one, other) {
  return one < other ? -1 : Number(one > other);
}
