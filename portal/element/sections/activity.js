/**
 * Activity: the EDI documents that the partner and the hub exchanged in 30 days, by day, type,
 * direction and state, and those with a problem.
 */

import { STATES, compareWeeks, countDays, sumLines } from '../activity-counts.js';
import { barChart } from '../chart.js';
import { h } from '../html.js';
import { icon } from '../icons.js';
import { callout, chip, details, empty, heading, link, omittedHint, time } from '../parts.js';

const DIRECTIONS = { inbound: 'activity.inbound', outbound: 'activity.outbound' };

/** Texts of the columns. The last two are shown if there is something to count. */
const COLUMNS = {
  total: 'activity.sent',
  delivered: 'activity.delivered',
  acknowledged: 'activity.acknowledged',
  rejected: 'activity.rejected',
  late: 'activity.late',
  failed: 'activity.failed',
  underway: 'activity.underway',
  other: 'activity.other',
};
const RARE = new Set(['underway', 'other']);
const PROBLEMS = ['rejected', 'late', 'failed'];
const TRENDS = { more: 'activity.trend.more', fewer: 'activity.trend.fewer', same: 'activity.trend.same' };

/** Milliseconds after which a row ought to have a later day: it gets one soon after midnight UTC. */
const OUTDATED = 2 * 86_400_000;

export function activity(ui) {
  const [row] = ui.state.data.sections.activity.rows;
  if (!row?.lines?.length) return [heading(ui, 'activity'), empty(ui, 'activity', 'activity')];
  return [
    heading(ui, 'activity'),
    Date.now() - Date.parse(row.until) > OUTDATED
      ? h('div', { key: 'outdated' }, callout('warn', 'clock', h('p', null, ui.t('activity.outdated', { day: ui.dates.day(row.until) }))))
      : null,
    volume(ui, row),
    failures(ui, row),
    byType(ui, row),
  ];
}

/** A type of documents in words; `without` for a line or a document that has none. */
function typeName(ui, type, without = ui.t('activity.otherTypes')) {
  return type ? ui.nameOf('transaction.type', type) : without;
}

function directionName(ui, direction) {
  return Object.hasOwn(DIRECTIONS, direction) ? ui.t(DIRECTIONS[direction]) : String(direction);
}

function lineName(ui, { documentType, direction }) {
  return ui.t('activity.lineName', { type: typeName(ui, documentType), direction: directionName(ui, direction) });
}

function lineKey({ documentType, direction }) {
  return `${direction}/${documentType ?? ''}`;
}

/** The documents of each day, of all lines or of the one that the reader has chosen. */
function volume(ui, row) {
  const chosen = row.lines.find((line) => lineKey(line) === ui.state.activityLine);
  const lines = chosen ? [chosen] : row.lines;
  const days = countDays(row.days, lines);
  return h(
    'div',
    { class: 'card volume', key: 'volume' },
    h('h4', null, ui.t('activity.volume')),
    row.lines.length > 1 ? choice(ui, row.lines, chosen) : null,
    h(
      'figure',
      null,
      h('figcaption', { id: 'activity-words', dir: 'auto' }, words(ui, sumLines(lines), days)),
      h('p', { class: 'bars-most', 'aria-hidden': 'true' }, ui.number(Math.max(0, ...days.map(({ sent }) => sent)))),
      barChart(
        days.map(({ sent, problems }) => ({ value: sent, marked: problems })),
        { label: 'activity-words' },
      ),
      h('p', { class: 'bars-days', 'aria-hidden': 'true' }, h('span', null, ui.dates.day(row.since)), h('span', null, ui.dates.day(row.until))),
      legend(ui),
    ),
    details(ui.t('activity.daily'), daily(ui, row, days), { key: 'daily', className: 'act' }),
  );
}

function choice(ui, lines, chosen) {
  const choose = (event) => {
    ui.state.activityLine = event.target.value;
    ui.render();
  };
  return h(
    'div',
    { class: 'field', key: 'choice' },
    h('label', { for: 'activity-line' }, ui.t('activity.choose')),
    h(
      'select',
      { id: 'activity-line', initial: { value: chosen ? lineKey(chosen) : '' }, on: { change: choose } },
      h('option', { key: 'all', value: '' }, ui.t('activity.all')),
      lines.map((line) => h('option', { key: lineKey(line), value: lineKey(line) }, lineName(ui, line))),
    ),
  );
}

/** What the chart shows, in sentences. */
function words(ui, sums, days) {
  const problems = PROBLEMS.reduce((all, state) => all + sums[state], 0);
  const { recent, before, way } = compareWeeks(days);
  return [
    ui.t('activity.sum', { count: sums.total }),
    problems ? ui.t('activity.problems', { count: problems }) : ui.t('activity.noProblems'),
    ui.t(TRENDS[way], { recent, before }),
  ].join(' ');
}

function legend(ui) {
  return h(
    'ul',
    { class: 'legend', 'aria-hidden': 'true' },
    h('li', { key: 'good' }, h('span', { class: 'swatch' }), ui.t('activity.legend.good')),
    h('li', { key: 'bad' }, h('span', { class: 'swatch marked' }), ui.t('activity.legend.bad')),
  );
}

/** The numbers of the chart, the newest day first. */
function daily(ui, row, days) {
  const period = { since: ui.dates.day(row.since), until: ui.dates.day(row.until) };
  return h(
    'table',
    { class: 'numbers' },
    h('caption', null, ui.t('activity.period', period)),
    h(
      'thead',
      null,
      h(
        'tr',
        null,
        ['activity.day', 'activity.sent', 'activity.legend.bad'].map((key) => h('th', { key, scope: 'col' }, ui.t(key))),
      ),
    ),
    h(
      'tbody',
      null,
      days.toReversed().map(({ day, sent, problems }) =>
        h('tr', { key: day }, h('th', { scope: 'row' }, time(ui, day, 'day')), h('td', null, ui.number(sent)), h('td', null, ui.number(problems))),
      ),
    ),
  );
}

function failures(ui, row) {
  const { failures: failed = [], moreFailures } = row;
  if (!failed.length) return null;
  return h(
    'div',
    { class: 'card', key: 'failures' },
    h('h4', null, ui.t('activity.failures')),
    h(
      'ul',
      { class: 'todo' },
      failed.map((one, place) => h('li', { key: `${one.at}/${place}` }, h('span', { class: 'todo-symbol' }, icon('alert')), failure(ui, one))),
    ),
    omittedHint(ui, 'left.failures', moreFailures),
  );
}

/** A document with a problem, and the link to its issue. */
function failure(ui, { documentType, direction, number, kind, at, reference }) {
  const type = typeName(ui, documentType, ui.t('activity.untyped'));
  const about = h('span', { key: 'about', class: 'unseen' }, ` ${type} ${number ?? ''}`);
  return h(
    'div',
    { class: 'todo-text' },
    h(
      'p',
      { class: 'chips' },
      h('strong', { dir: 'auto' }, type),
      number ? h('bdi', { class: 'code' }, number) : null,
      chip(ui.nameOf('transaction.exception', kind), 'bad'),
    ),
    h(
      'p',
      { class: 'meta' },
      h('span', null, directionName(ui, direction)),
      time(ui, at),
      reference ? link(ui, reference, [ui.t('activity.toIssue'), about]) : h('span', null, ui.t('activity.noIssue')),
    ),
  );
}

/** All lines by direction, with their sums. The region scrolls where the table is too wide. */
function byType(ui, row) {
  const sums = sumLines(row.lines);
  const columns = ['total', ...STATES].filter((name) => sums[name] || !RARE.has(name));
  const cells = (line) => columns.map((name) => h('td', { key: name, class: PROBLEMS.includes(name) && line[name] ? 'bad' : null }, ui.number(line[name] ?? 0)));
  return h(
    'div',
    { class: 'card', key: 'types' },
    h('h4', { id: 'activity-types' }, ui.t('activity.table')),
    h('p', { class: 'hint' }, ui.t('activity.tableHelp')),
    h(
      'div',
      { class: 'wide', role: 'region', tabindex: '0', 'aria-labelledby': 'activity-types' },
      h(
        'table',
        { class: 'numbers', 'aria-labelledby': 'activity-types' },
        h(
          'thead',
          null,
          h(
            'tr',
            null,
            h('th', { scope: 'col' }, ui.t('activity.type')),
            columns.map((name) => h('th', { key: name, scope: 'col' }, ui.t(COLUMNS[name]))),
          ),
        ),
        [...Map.groupBy(row.lines, ({ direction }) => direction)].map(([direction, lines]) =>
          h(
            'tbody',
            { key: direction },
            h('tr', null, h('th', { scope: 'rowgroup', class: 'rows-of', colspan: columns.length + 1 }, directionName(ui, direction))),
            lines.map((line) => h('tr', { key: lineKey(line) }, h('th', { scope: 'row', dir: 'auto' }, typeName(ui, line.documentType)), cells(line))),
          ),
        ),
        h('tfoot', null, h('tr', null, h('th', { scope: 'row' }, ui.t('activity.all')), cells(sums))),
      ),
    ),
  );
}
