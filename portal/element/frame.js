/** The frame of every view: header, service notice, navigation, and the mark that it is not current. */

import { h } from './html.js';
import { newsTools } from './header-tools.js';
import { icon } from './icons.js';
import { openSearch } from './keys.js';
import { NAVIGATION } from './needs.js';
import { callout, chip, tone } from './parts.js';
import { countOpen } from './pending-actions.js';
import { active } from './sections/notices.js';
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
  return h(
    'div',
    { key: 'not-current', class: 'band' },
    callout(
      'warn',
      'clock',
      h('p', null, h('strong', null, ui.t('notCurrent.title')), ' ', ui.t('notCurrent.help', { time: ui.dates.recent(ui.state.checkedAt?.toISOString()) })),
      h('button', { type: 'button', class: 'link', on: { click: ui.retry } }, ui.t('tryNow')),
    ),
  );
}

/** The worst active notice in one line; the rest unfolds. */
export function banner(ui) {
  const [worst, ...others] = active(ui);
  if (!worst) return null;
  const kind = worst.impact === 'critical' ? 'bad' : worst.impact === 'major' ? 'warn' : 'info';
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
        chip(ui.labelOf('notice.impact', worst.impact, worst.impactLabel), tone(worst.impact)),
        h('strong', { dir: 'auto' }, worst.title),
      ),
      worst.workaround && h('p', { dir: 'auto' }, worst.workaround),
      h(
        'p',
        { class: 'banner-end' },
        h('button', { type: 'button', class: 'link', on: { click: () => ui.open('notices', worst.id) } }, ui.t('banner.details')),
        others.length
          ? h('button', { type: 'button', class: 'link', on: { click: () => ui.open('notices') } }, ui.t('banner.more', { count: others.length }))
          : null,
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
  return countOpen(sections[name], name === 'notices' ? 'active' : 'open');
}
