/** The frame of every view: header, service notice, navigation, and the mark that it is not current. */

import { h } from './html.js';
import { newsTools } from './header-tools.js';
import { icon } from './icons.js';
import { openSearch } from './keys.js';
import { NAVIGATION } from './needs.js';
import { callout, chip, tone } from './parts.js';
import { noticesIn } from './notice-times.js';
import { countNotices, countOpen } from './pending-actions.js';
import { noticeTime } from './sections/notices.js';
import { yourSteps } from './sections/onboarding.js';
import { isHidden, rowsOf } from './section-rows.js';
import { newCount } from './unread.js';

export function header(ui) {
  const { partner, session } = ui.state;
  const status = rowsOf(ui.state, 'status')[0]?.status;
  return h(
    'div',
    { class: 'head', key: 'header' },
    h('div', { class: 'monogram', 'aria-hidden': 'true' }, initials(partner.name)),
    h(
      'div',
      { class: 'who' },
      h('h2', { dir: 'auto' }, partner.name),
      h('p', { class: 'who-facts' }, status && chip(ui.partnerStatus(status), tone(status)), h('span', null, ui.role(partner.role))),
    ),
    h('div', { class: 'head-tools', key: 'tools' }, searchButton(ui), newsTools(ui)),
    session.partners.length > 1 && switcher(ui),
    session.more ? h('p', { class: 'hint' }, ui.t('left.partners', { count: session.partners.length })) : null,
  );
}

/** For the keyboard: past the header and the navigation. Seen only with the focus. */
export function skipButton(ui) {
  return h('button', { key: 'skip', type: 'button', class: 'button skip', on: { click: () => ui.focus('heading') } }, ui.t('nav.skip'));
}

function searchButton(ui) {
  const isOpen = ui.state.section === 'search';
  return h(
    'button',
    { type: 'button', class: 'head-tool', 'aria-current': isOpen ? 'page' : null, on: { click: () => openSearch(ui) } },
    icon('search'),
    h('span', { class: 'head-word' }, ui.t('nav.search')),
  );
}

function switcher(ui) {
  const { session, partner } = ui.state;
  return h(
    'div',
    { class: 'switch' },
    h('label', { for: 'switch' }, ui.t('switch')),
    h(
      'select',
      { id: 'switch', initial: { value: partner.id }, on: { change: (event) => ui.choose(event.target.value) } },
      session.partners.map(({ id, name }) => h('option', { key: id, value: id }, name)),
    ),
  );
}

function initials(name) {
  const words = String(name ?? '')
    .split(/\s+/)
    .filter((word) => /^\p{L}/u.test(word));
  return words
    .slice(0, 2)
    .map((word) => [...word][0].toUpperCase())
    .join('');
}

export function notCurrent(ui) {
  const { checkedAt, error } = ui.state;
  const help = error?.limit ? ui.error(error) : ui.t('notCurrent.help', { time: ui.dates.recent(checkedAt?.toISOString()) });
  return h(
    'div',
    { key: 'not-current', class: 'band' },
    callout(
      'warn',
      'clock',
      h('p', null, h('strong', null, ui.t('notCurrent.title')), ' ', help),
      h('button', { type: 'button', class: 'link', on: { click: ui.retry } }, ui.t('tryNow')),
    ),
  );
}

/**
 * The worst notice that is on, in one line; the rest unfolds. If none is on, the next planned one, with
 * when it begins. One whose window is over never leads.
 */
export function banner(ui) {
  const rows = rowsOf(ui.state, 'notices');
  const [on, planned] = [noticesIn(rows, 'on'), noticesIn(rows, 'planned')];
  const worst = on[0] ?? planned[0];
  if (!worst) return null;
  const [others, later] = on.length ? [on.length - 1, planned.length] : [0, planned.length - 1];
  const kind = !on.length ? 'info' : worst.impact === 'critical' ? 'bad' : worst.impact === 'major' ? 'warn' : 'info';
  const all = (text) => h('button', { key: text, type: 'button', class: 'link', on: { click: () => ui.open('notices') } }, text);
  return h(
    'aside',
    { key: 'banner', class: 'band', 'aria-label': ui.t('banner') },
    h(
      'details',
      { key: worst.id, class: `banner ${kind}` },
      h(
        'summary',
        { class: 'banner-line' },
        icon('notices'),
        on.length ? chip(ui.labelOf('notice.impact', worst.impact, worst.impactLabel), tone(worst.impact)) : chip(ui.t('notices.planned'), 'info'),
        h(
          'span',
          { class: 'banner-words' },
          h('strong', { dir: 'auto' }, worst.title),
          on.length ? null : h('span', { class: 'meta' }, noticeTime(ui, worst)),
        ),
      ),
      worst.workaround && h('p', { dir: 'auto' }, worst.workaround),
      h(
        'p',
        { class: 'banner-end' },
        h('button', { type: 'button', class: 'link', on: { click: () => ui.open('notices', worst.id) } }, ui.t('banner.details')),
        others ? all(ui.t('banner.more', { count: others })) : null,
        later ? all(ui.t('banner.planned', { count: later })) : null,
      ),
    ),
  );
}

export function navigation(ui) {
  return h(
    'nav',
    { class: 'nav', key: 'nav', 'aria-label': ui.t('nav') },
    h(
      'ul',
      null,
      NAVIGATION.filter((name) => !isHidden(ui.state, name)).map((name) => h('li', { key: name }, navigationItem(ui, name))),
    ),
  );
}

function navigationItem(ui, name) {
  const { count, atLeast } = countOf(ui, name);
  const isUnread = ui.state.data.unread(name);
  return h(
    'button',
    {
      type: 'button',
      class: 'nav-item',
      'aria-current': ui.state.section === name ? 'page' : null,
      on: { click: () => ui.open(name), focus: ({ currentTarget }) => showFocused(currentTarget) },
    },
    icon(name),
    h('span', { class: 'nav-word' }, ui.t(`nav.${name}`)),
    count
      ? h(
          'span',
          { class: 'count' },
          h('span', { 'aria-hidden': 'true' }, `${count}${atLeast ? '+' : ''}`),
          h('span', { class: 'unseen' }, ui.t(`nav.count.${name}`, { count })),
        )
      : null,
    newCount(ui, name),
    isUnread ? h('span', { class: 'unread' }, h('span', { class: 'unseen' }, ui.t('nav.changed'))) : null,
  );
}

/** Browsers leave a focused item where it is if a part of it can be seen. A click must not move it. */
function showFocused(item) {
  if (item.matches(':focus-visible')) item.scrollIntoView({ block: 'nearest', inline: 'nearest' });
}

/** What is open in a section, as far as its rows were read; of issues the status knows it, too. */
function countOf(ui, name) {
  const { sections } = ui.state.data;
  if (name === 'onboarding') return { count: yourSteps(ui).length };
  if (name === 'issues' && !sections.issues) return { count: sections.status.rows[0]?.openCases ?? 0 };
  if (!sections[name] || !['issues', 'notices', 'requests'].includes(name)) return { count: 0 };
  return name === 'notices' ? countNotices(sections.notices) : countOpen(sections[name]);
}
