/** Trends on the overview: open issues day by day, and documents with a problem. */

import { countDays, sumWeek } from '../activity-counts.js';
import { barChart } from '../chart.js';
import { h } from '../html.js';
import { openIssueTrend } from '../issue-trend.js';

const DAY = 86_400_000;

/** The open issues of the last 30 days; null without issues, or if not all of them were read. */
export function issueTrend(ui) {
  const now = Date.now();
  const trend = openIssueTrend(ui.state.data.sections.issues, now);
  if (!trend) return null;
  const { counts, ...words } = trend;
  const first = new Date(now - (counts.length - 1) * DAY);
  return h(
    'div',
    { class: 'card trend', key: 'trend' },
    h('h4', null, ui.t('overview.trend')),
    h('p', null, ui.t('overview.trendNow', words)),
    h('p', { class: 'bars-most', 'aria-hidden': 'true' }, ui.number(Math.max(...counts))),
    barChart(counts.map((value) => ({ value }))),
    h('p', { class: 'bars-days', 'aria-hidden': 'true' }, [first, new Date(now)].map((at, key) => h('span', { key }, ui.dates.day(at.toISOString())))),
    h('p', { class: 'hint' }, ui.t('overview.trendHelp')),
  );
}

/** The tile of the activity, `[section, count, label, detail]`; null if nothing was exchanged. */
export function activityTile(ui) {
  const [row] = ui.state.data.sections.activity.rows;
  if (!row?.lines?.length) return null;
  const { sent, problems } = sumWeek(countDays(row.days, row.lines));
  return ['activity', { count: problems }, ui.t('overview.problems', { count: problems }), ui.t('overview.problemsOf', { count: sent })];
}
