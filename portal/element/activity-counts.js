/** Sums and trends of a partner's activity, see `PartnerActivity` in docs/portal.md. Pure. */

/** The states of a document. Each document is in exactly one, so they add up to `total`. */
export const STATES = ['delivered', 'acknowledged', 'rejected', 'late', 'failed', 'underway', 'other'];
const WEEK = 7;

/** Return the sum of `total` and of each state over some lines. */
export function sumLines(lines) {
  const sums = { total: 0, ...Object.fromEntries(STATES.map((state) => [state, 0])) };
  for (const line of lines) for (const name of Object.keys(sums)) sums[name] += count(line[name]);
  return sums;
}

/**
 * Return the numbers of each day of a row, oldest first: `[{day, sent, problems}]` of some of its
 * lines. `problems` are the documents of `sent` that were rejected, are late, or failed.
 */
export function countDays(days, lines) {
  const sum = (name, place) => lines.reduce((all, line) => all + count(line[name]?.[place]), 0);
  return days.map((day, place) => ({ day, sent: sum('daily', place), problems: sum('failedDaily', place) }));
}

/**
 * Compare the last seven full days with the seven before: `{recent, before, way}`, where `way` is
 * `more`, `fewer` or `same`. The last day of a row is today, and not over.
 */
export function compareWeeks(days) {
  const sum = (from, to) => days.slice(from, to).reduce((all, { sent }) => all + sent, 0);
  const [recent, before] = [sum(-WEEK - 1, -1), sum(-2 * WEEK - 1, -WEEK - 1)];
  return { recent, before, way: recent > before ? 'more' : recent < before ? 'fewer' : 'same' };
}

/** Return the sums of the last seven days, today included: `{sent, problems}`. */
export function sumWeek(days) {
  const last = days.slice(-WEEK);
  return { sent: last.reduce((all, { sent }) => all + sent, 0), problems: last.reduce((all, { problems }) => all + problems, 0) };
}

function count(value) {
  return Number.isFinite(value) ? value : 0;
}
