/** The frame around the sections: header, banner, navigation, and the states without data. */

import { form } from './forms.js';
import { h } from './html.js';
import { icon } from './icons.js';
import { callout, chip, outcome, tone } from './parts.js';
import { documents } from './sections/documents.js';
import { issues } from './sections/issues.js';
import { messages } from './sections/messages.js';
import { active, notices } from './sections/notices.js';
import { onboarding, yourSteps } from './sections/onboarding.js';
import { overview } from './sections/overview.js';
import { requests } from './sections/requests.js';
import { countOpen } from './pending-actions.js';

const VIEWS = { overview, onboarding, issues, notices, documents, requests, messages };

export const SECTIONS = Object.keys(VIEWS);

export function shell(ui) {
  const { phase, said, partner } = ui.state;
  const views = { loading, failed, invitation, ready };
  return [
    h(
      'section',
      {
        key: 'portal',
        class: ui.foreign ? 'portal foreign' : 'portal',
        lang: ui.language,
        dir: ui.dir,
        'aria-label': ui.t('portal'),
        'aria-busy': phase === 'loading' ? 'true' : null,
      },
      // Keyed by partner, so that nothing of another partner's page stays.
      h('div', { key: `${phase}/${partner?.id ?? ''}` }, views[phase](ui)),
      h('div', { key: 'said', class: 'unseen', role: 'status', 'aria-live': 'polite' }, said),
    ),
  ];
}

function loading(ui) {
  return h(
    'div',
    { class: 'waiting' },
    h('p', { class: 'unseen' }, ui.t('loading')),
    h('div', { class: 'skeleton title' }),
    h('div', { class: 'skeleton line' }),
    h(
      'div',
      { class: 'skeleton-grid' },
      [1, 2, 3].map((key) => h('div', { key, class: 'skeleton block' })),
    ),
    h('div', { class: 'skeleton block tall' }),
  );
}

function failed(ui) {
  return h(
    'div',
    { class: 'card alone', role: 'alert' },
    icon('alert'),
    h('h2', null, ui.t('failed.title')),
    h('p', null, ui.error(ui.state.code, { reading: true })),
    h('button', { type: 'button', class: 'button primary', on: { click: ui.retry } }, ui.t('tryAgain')),
  );
}

function invitation(ui) {
  const { session, actions } = ui.state;
  const name = session?.member?.name;
  return h(
    'div',
    { class: 'card alone' },
    icon('key'),
    h('h2', { tabindex: '-1', 'data-focus': 'heading' }, name ? ui.t('invitation.hello', { name }) : ui.t('invitation.title')),
    h('p', null, ui.t('invitation.help')),
    actions.get('invitation')?.code === 'not_found' ? h('p', { class: 'fault', role: 'alert' }, ui.t('invitation.wrong')) : outcome(ui, 'invitation'),
    form(ui, {
      id: 'invitation',
      button: ui.t('invitation.send'),
      fields: [{ name: 'code', label: ui.t('invitation.code'), kind: 'text', required: true, maxLength: 100 }],
      submit: ({ code }) => ui.ask('acceptInvitation', code),
      then: () => ui.restart(),
    }),
    h('p', { class: 'hint' }, ui.t('invitation.none')),
  );
}

function ready(ui) {
  const { state } = ui;
  return [
    header(ui),
    state.current ? null : notCurrent(ui),
    state.section === 'notices' ? null : banner(ui),
    h(
      'div',
      { class: 'body', key: 'body' },
      navigation(ui),
      h('div', { class: 'content', key: state.section, 'data-section': state.section }, VIEWS[state.section](ui)),
    ),
  ];
}

function header(ui) {
  const { partner, session, data } = ui.state;
  const status = data.sections.status.rows[0]?.status;
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
    session.partners.length > 1 && switcher(ui),
    session.more ? h('p', { class: 'hint' }, ui.t('left.partners', { count: session.partners.length })) : null,
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

function notCurrent(ui) {
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

function banner(ui) {
  const [worst, ...others] = active(ui);
  if (!worst) return null;
  return h(
    'aside',
    { key: 'banner', class: 'band', 'aria-label': ui.t('banner') },
    callout(
      worst.impact === 'critical' ? 'bad' : worst.impact === 'major' ? 'warn' : 'info',
      'notices',
      h('p', { class: 'banner-line' }, chip(ui.labelOf('notice.impact', worst.impact, worst.impactLabel), tone(worst.impact)), h('strong', { dir: 'auto' }, worst.title)),
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

function navigation(ui) {
  const { sections } = ui.state.data;
  const counts = {
    onboarding: { count: yourSteps(ui).length },
    issues: countOpen(sections.issues),
    notices: countOpen(sections.notices, 'active'),
    requests: countOpen(sections.requests),
  };
  return h(
    'nav',
    { class: 'nav', key: 'nav', 'aria-label': ui.t('nav') },
    h(
      'ul',
      null,
      SECTIONS.map((name) =>
        h(
          'li',
          { key: name },
          h(
            'button',
            { type: 'button', class: 'nav-item', 'aria-current': ui.state.section === name ? 'page' : null, on: { click: () => ui.open(name) } },
            icon(name),
            h('span', { class: 'nav-word' }, ui.t(`nav.${name}`)),
            counts[name]?.count
              ? h(
                  'span',
                  { class: 'count' },
                  h('span', { 'aria-hidden': 'true' }, `${counts[name].count}${counts[name].atLeast ? '+' : ''}`),
                  h('span', { class: 'unseen' }, ui.t(`nav.count.${name}`, { count: counts[name].count })),
                )
              : null,
          ),
        ),
      ),
    ),
  );
}
