/**
 * Decides where a notice stands now: planned, on, past its end, or over. Pure, but for `NoticeTurns`.
 *
 * The hub's word is `row.active`; the clock decides the rest, when the page is shown and again when a
 * window begins or ends. `gridwix.mapping.notice_times` has the same rules for the hub's reports.
 */

const SEVERITIES = ['critical', 'major', 'minor', 'none'];
/** Statuses of a maintenance that the hub has begun, whenever it was planned for. */
const BEGUN = new Set(['in_progress', 'verifying']);
/** Milliseconds: the longest delay of a timer. */
const LONGEST_DELAY = 2 ** 31 - 1;

/** When a notice begins. */
export const beginOf = (row) => row.scheduledFor ?? row.startsAt;

/**
 * When the window of a notice ends; null if it has none. An incident has none: its expected end is a
 * guess, and one that was opened again keeps the end of before.
 */
export function endOf(row) {
  return row.kind === 'incident' ? null : (row.endsAt ?? row.expectedUntil ?? null);
}

/**
 * Return the phase of a notice: `on`, `planned`, `unclosed` or `over`. `unclosed`: its window is over,
 * and nobody has closed it, so whether it still goes on is not known.
 */
export function phaseOf(row, now = Date.now()) {
  if (!row.active) return 'over';
  if (Date.parse(endOf(row)) <= now) return 'unclosed';
  const hasBegun = row.kind === 'incident' || BEGUN.has(row.status) || !(Date.parse(beginOf(row)) > now);
  return hasBegun ? 'on' : 'planned';
}

/**
 * Sort notices: those that are on by impact and then the newest, planned ones by their begin, those that
 * nobody closed, and those that are over, both the newest first.
 */
export function byUrgency(rows, now = Date.now()) {
  const phases = Map.groupBy(rows, (row) => phaseOf(row, now));
  const of = (phase) => phases.get(phase) ?? [];
  const rank = (row) => (SEVERITIES.includes(row.impact) ? SEVERITIES.indexOf(row.impact) : SEVERITIES.length);
  return [
    ...of('on').sort((one, other) => rank(one) - rank(other) || compare(other.startsAt, one.startsAt)),
    ...of('planned').sort((one, other) => compare(beginOf(one), beginOf(other))),
    ...of('unclosed').sort((one, other) => compare(endOf(other), endOf(one))),
    ...of('over').sort((one, other) => compare(other.startsAt, one.startsAt)),
  ];
}

/** Return the notices of a phase, the most urgent first. */
export function noticesIn(rows, phase, now = Date.now()) {
  return byUrgency(rows, now).filter((row) => phaseOf(row, now) === phase);
}

/** Return when the next notice begins or ends, in milliseconds; Infinity if none does. */
export function nextTurn(rows, now = Date.now()) {
  const times = rows.filter((row) => row.active).flatMap((row) => [Date.parse(beginOf(row)), Date.parse(endOf(row))]);
  return Math.min(...times.filter((at) => at > now));
}

function compare(one, other) {
  return (Date.parse(one) || 0) - (Date.parse(other) || 0);
}

/** Calls `render()` when a notice begins or ends, so that a page that stays open says so. */
export class NoticeTurns {
  #render;
  #at = Infinity;
  #timer = null;

  constructor(render) {
    this.#render = render;
  }

  watch(rows) {
    const at = nextTurn(rows);
    if (at === this.#at) return;
    this.clear();
    if (at === Infinity) return;
    this.#at = at;
    this.#timer = setTimeout(() => {
      this.clear();
      this.#render();
    }, Math.min(at - Date.now(), LONGEST_DELAY));
  }

  clear() {
    clearTimeout(this.#timer);
    this.#at = Infinity;
  }
}
