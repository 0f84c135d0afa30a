/** How many issues were open, day by day, from the rows of the issues. Pure. */

const DAY = 86_400_000;

/**
 * Return `{counts, before, now, opened, closed}` of the `days` times 24 hours until `now`; null if
 * the rows that were read do not suffice. `counts` are the open issues at the end of each of these
 * days; `now` = `before` + `opened` - `closed`.
 *
 * An issue is open from `openedAt` until its last change of the status (`history`) or, without one,
 * its last change. `section` is `{rows, next}`, with open issues first, then the newest.
 */
export function openIssueTrend({ rows, next }, now, days = 30) {
  const start = now - days * DAY;
  if (!rows.length || (next && !reaches(rows.at(-1), start))) return null;
  const spans = rows.map((row) => ({ from: Date.parse(row.openedAt) || 0, to: row.open ? Infinity : endOf(row) }));
  const openAt = (at) => spans.filter(({ from, to }) => from <= at && to > at).length;
  const counts = Array.from({ length: days }, (_, place) => openAt(now - (days - 1 - place) * DAY));
  const within = (at) => at > start && at <= now;
  return {
    counts,
    before: openAt(start),
    now: counts.at(-1),
    opened: spans.filter(({ from, to }) => within(from) && to > start).length,
    closed: spans.filter(({ from, to }) => within(to) && from <= now).length,
  };
}

/** True if no row after this one, the last that was read, can have changed since `start`. */
function reaches(row, start) {
  return !row.open && Date.parse(row.updatedAt) <= start;
}

function endOf(row) {
  const last = row.history?.at(-1);
  return Date.parse(last && last.status === row.status ? last.changedAt : row.updatedAt) || 0;
}
