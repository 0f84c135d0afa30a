/** The activity of Prairie Gold Foods in the 30 days up to 13 March 2026, as `activity_publisher` counts it. */

const DAY = 86_400_000;
const UNTIL = Date.parse('2026-03-13T00:00:00Z');

const dayOf = (place) => new Date(UNTIL - (29 - place) * DAY).toISOString().slice(0, 10);
const days = (count) => Array.from({ length: 30 }, (_, place) => count(place));
const sum = (numbers) => numbers.reduce((all, one) => all + one, 0);

/** A line whose states add up: `states` besides `rest`, which takes what is left of `daily`. */
function line(documentType, direction, daily, failedDaily, rest, states) {
  const total = sum(daily);
  const none = { delivered: 0, acknowledged: 0, rejected: 0, late: 0, failed: 0, underway: 0, other: 0 };
  return { documentType, direction, total, ...none, ...states, [rest]: total - sum(Object.values(states)), daily, failedDaily };
}

export function activityRow() {
  const failed856 = days((place) => ({ 24: 2, 28: 1 })[place] ?? 0);
  const failed810 = days((place) => ({ 10: 1, 26: 1 })[place] ?? 0);
  return {
    id: 'GC070000000101',
    partnerId: 'GC070000000101',
    since: dayOf(0),
    until: dayOf(29),
    days: days(dayOf),
    lines: [
      line('856', 'inbound', days((place) => 4 + (place % 3)), failed856, 'acknowledged', { rejected: 2, late: 1 }),
      line('850', 'outbound', days((place) => 3 + (place % 2)), days(() => 0), 'delivered', { underway: 2 }),
      line('810', 'inbound', days((place) => place % 4), failed810, 'acknowledged', { failed: 1, rejected: 1 }),
    ],
    failures: [
      { documentType: '856', direction: 'inbound', number: 'SHP-0093321', kind: 'acknowledgment_rejected', at: '2026-03-12T13:55:00Z', reference: 'cases/case_01JA3B' },
      { documentType: '810', direction: 'inbound', number: 'INV-88311', kind: 'validation_error', at: '2026-03-10T08:12:00Z' },
      { direction: 'inbound', kind: 'delivery_failed', at: '2026-03-08T08:12:00Z' },
    ],
    moreFailures: 2,
    updatedAt: '2026-03-13T08:00:00Z',
  };
}
