/**
 * Decides what an open page asks next, and when. Pure: times are milliseconds and passed in.
 *
 * With rings a page reads only what a ring names, and checks the numbers every ten minutes, in case
 * that all rings of a change were lost. Without them it checks every minute while somebody uses the
 * page, else every three. Every half hour it reads everything on the screen, in case that a change was
 * not counted. A hidden page asks nothing.
 *
 * 1,000 pages share a quota of 3,000 reads a minute, and a ring for everybody takes 2,000 of them. So
 * what a page asks without a reason has to be little: a check takes two reads, a screen up to nine.
 */

const MINUTE = 60_000;
const ACTIVE_INTERVAL = MINUTE;
const IDLE_INTERVAL = 3 * MINUTE;
const RUNG_INTERVAL = 10 * MINUTE;
const SAFETY_INTERVAL = 30 * MINUTE;
/** A page that was used within this time counts as used. */
const ACTIVE_FOR = 5 * MINUTE;
const FIRST_RETRY = 5_000;
const LAST_RETRY = 2 * MINUTE;
/** The least time between two checks for the same reason, such as a page that is shown again. */
const SHORTEST = 5_000;

/** When the partner's own submission is looked for: without rings soon, with them as a safety net. */
const FOLLOW_UPS = { without: [2_000, 5_000, 10_000], with: [20_000] };

/**
 * Return `{task, at}`, what is next and when; null if nothing is.
 *
 * `task`: `read` what rings named, `follow` a submission, `check` the numbers, or `safety`: the
 * numbers and what is on the screen. `state`:
 *   visible    the page is on the screen
 *   realtime   rings arrive
 *   usedAt     when somebody last used the page
 *   checkedAt  when numbers were last asked for
 *   lostAt     when rings last ceased to arrive: the shorter interval begins then, or all pages that
 *              lost their connection together would check at once
 *   safeAt     when everything on the screen was last read
 *   triedAt, failures   the last attempt, and how many failed in sequence
 *   readAt     when to read what rings named; null: nothing
 *   checkAt    when to check out of turn, for example after a reconnection; null: not at all
 *   followAt   when to look for the partner's own submission
 *   stretch    0 to 1, by how much to delay regular checks and retries, so that pages do not ask in
 *              step
 */
export function nextTask(state, now) {
  if (!state.visible) return null;
  const regular = state.realtime ? RUNG_INTERVAL : now - state.usedAt < ACTIVE_FOR ? ACTIVE_INTERVAL : IDLE_INTERVAL;
  // By up to a third: pages that were opened together do not stay in step.
  const spaced = (interval) => interval * (1 + state.stretch / 3);
  const tasks = [
    { task: 'read', at: state.readAt ?? Infinity },
    { task: 'follow', at: state.followAt[0] ?? Infinity },
    { task: 'check', at: state.checkAt === null ? Infinity : Math.max(state.checkAt, state.checkedAt + SHORTEST) },
    { task: 'safety', at: state.safeAt + spaced(SAFETY_INTERVAL) },
    { task: 'check', at: Math.max(state.checkedAt, state.lostAt) + spaced(regular) },
  ];
  // A failed read is not repeated as such: a check finds all that is missing.
  if (state.failures) return { task: 'check', at: state.triedAt + spaced(retryDelay(state.failures)) };
  const first = tasks.reduce((earliest, one) => (one.at < earliest.at ? one : earliest));
  // The safety read begins with a check, so one that is due replaces it.
  const safety = tasks.find(({ task }) => task === 'safety');
  return first.task === 'check' && safety.at <= now ? safety : first;
}

function retryDelay(failures) {
  return Math.min(FIRST_RETRY * 2 ** (failures - 1), LAST_RETRY);
}

/** The times at which to look for a submission that was sent now. */
export function followUpTimes(realtime, now) {
  return FOLLOW_UPS[realtime ? 'with' : 'without'].map((delay) => now + delay);
}
