/** Components that several sections share. */

import { icon } from './icons.js';
import { h } from './html.js';
import { findRow, isHidden, isLoaded } from './section-rows.js';

/** Tone of a value, by its name: good, warn, bad, info, or neutral. */
const TONES = {
  good: 'completed resolved active published approved operational done',
  warn: 'awaiting_partner changes_requested waiting_on_partner on_hold high major degraded under_maintenance suspended',
  bad: 'rejected not_possible refused critical partial_outage major_outage terminated expired failed',
  info:
    'available in_progress open new received triaged in_review onboarding scheduled minor awaiting_internal submitted verifying invited ' +
    'investigating identified monitoring',
};
const TONE = new Map(Object.entries(TONES).flatMap(([tone, values]) => values.split(' ').map((value) => [value, tone])));

export function tone(value) {
  return TONE.get(value) ?? 'neutral';
}

export function chip(text, kind = 'neutral', symbol = null) {
  return text ? h('span', { class: `chip ${kind}` }, symbol && icon(symbol), h('span', null, text)) : null;
}

export function time(ui, text, how = 'moment') {
  return text ? h('time', { datetime: text, title: ui.dates.exact(text) }, ui.dates[how](text)) : null;
}

/** Plain text from outside, in its own writing direction; line breaks stay. */
export function plainText(text, tag = 'p', props = {}) {
  return text ? h(tag, { dir: 'auto', ...props, class: `said ${props.class ?? ''}` }, text) : null;
}

/** A section's heading, with the time of its data. */
export function heading(ui, name) {
  return h(
    'div',
    { class: 'section-head', key: 'head' },
    h('h3', { tabindex: '-1', 'data-focus': 'heading' }, ui.t(`nav.${name}`)),
    isLoaded(ui.state) && asOf(ui, ui.state.data),
  );
}

function asOf(ui, { asOf: at, stale }) {
  if (!at && !stale) return null;
  return h('p', { class: 'as-of' }, at && h('span', null, ui.t('asOf'), ' ', time(ui, at, 'recent')), stale && chip(ui.t('stale'), 'warn', 'clock'));
}

export function empty(ui, name, symbol) {
  return h(
    'div',
    { class: 'empty', key: 'empty' },
    icon(symbol),
    h('p', { class: 'empty-title' }, ui.t(`${name}.empty`)),
    h('p', null, ui.t(`${name}.emptyHelp`)),
  );
}

export function callout(kind, symbol, ...content) {
  return h('div', { class: `callout ${kind}` }, icon(symbol), h('div', { class: 'callout-text' }, content));
}

/** A list of labeled values; a pair without a value is left out. */
export function facts(...pairs) {
  const given = pairs.filter(([, value]) => value !== null && value !== undefined && value !== '');
  return given.length
    ? h(
        'dl',
        { class: 'facts' },
        given.map(([name, value], index) => h('div', { key: String(index) }, h('dt', null, name), h('dd', null, value))),
      )
    : null;
}

export function due(ui, text, key = 'due') {
  if (!text) return null;
  const days = ui.dates.daysAway(text);
  const kind = days < 0 ? 'bad' : days <= 3 ? 'warn' : 'neutral';
  return h('span', { class: `due ${kind}`, key: 'due' }, icon('calendar'), h('span', null, ui.t(key), ' ', time(ui, text, 'day'), ` (${ui.dates.away(text)})`));
}

export function progressBar(ui, percent, label) {
  const value = Math.max(0, Math.min(100, Number(percent) || 0));
  return h(
    'div',
    { class: 'progress', role: 'progressbar', 'aria-label': label, 'aria-valuemin': '0', 'aria-valuemax': '100', 'aria-valuenow': String(value) },
    h('div', { class: 'progress-fill', style: { 'inline-size': `${value}%` } }),
  );
}

/** The result of an action: the reference to quote, or the error. */
export function outcome(ui, id, { ok = null, reading = false } = {}) {
  const action = ui.state.actions.get(id);
  if (!action || action.busy) return null;
  const focus = { key: `outcome/${id}`, tabindex: '-1', 'data-focus': `outcome/${id}` };
  if (action.code) return h('div', { ...focus, class: 'outcome' }, callout('bad', 'alert', h('p', null, ui.error(action, { reading }))));
  if (ok) return h('div', { ...focus, class: 'outcome' }, callout('good', 'check', ok));
  if (!action.result?.reference) return null;
  const { reference } = action.result;
  return h(
    'div',
    { ...focus, class: 'outcome' },
    callout(
      'good',
      'check',
      h('p', null, h('strong', null, ui.t('sent.title'))),
      h('p', null, ui.t('sent.reference'), ' ', h('code', { class: 'reference' }, reference), '. ', ui.t('sent.next')),
    ),
  );
}

/** A disclosure. `open` is its initial state; afterwards the reader controls it. */
export function details(summary, content, { key, open = false, focus = null, className = '' } = {}) {
  return h(
    'details',
    { key, class: `details ${className}`, initial: { open } },
    h('summary', { 'data-focus': focus }, summary),
    h('div', { class: 'details-body' }, content),
  );
}

/** A hint that a row's list has `count` more entries than it holds. */
export function omittedHint(ui, key, count) {
  return count ? h('p', { class: 'hint', key: `left/${key}` }, ui.t(key, { count })) : null;
}

/** Section that shows the records of a Trading Grid collection. */
const SHOWN_IN = new Map([
  ['cases', 'issues'],
  ['enrollments', 'onboarding'],
  ['compliance-checks', 'onboarding'],
  ['service-notices', 'notices'],
  ['documents', 'documents'],
  ['collaboration-requests', 'requests'],
]);

/** A link to a record (`collection/id`), in the section that shows it. */
export function link(ui, reference, text) {
  const [kind, id] = String(reference ?? '').split('/');
  const section = SHOWN_IN.get(kind);
  if (!section || isHidden(ui.state, section)) return null;
  const isGone = ui.state.data.sections[section] && !findRow(ui.state, id, section);
  return h('button', { type: 'button', class: 'link', on: { click: () => ui.open(section, isGone ? null : id) } }, text);
}

/** The class of a row that has just changed, to put beside its own. */
export function freshness(ui, section, row) {
  return ui.state.fresh.get(section)?.has(row.id) ? 'fresh' : '';
}
