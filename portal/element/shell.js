/** The element's content: the open view in its frame, and the states without data. */

import { missedDrops } from './drop-zone.js';
import { banner, header, navigation, notCurrent, skipButton } from './frame.js';
import { clickedBeside } from './header-tools.js';
import { h } from './html.js';
import { icon } from './icons.js';
import { invitation, offerBand } from './invitation.js';
import { keysDialog } from './keys.js';
import { needsOf } from './needs.js';
import { paperHead } from './paper.js';
import { heading } from './parts.js';
import { isLoaded } from './section-rows.js';
import { activity } from './sections/activity.js';
import { documents } from './sections/documents.js';
import { issues } from './sections/issues.js';
import { messages } from './sections/messages.js';
import { notices } from './sections/notices.js';
import { onboarding } from './sections/onboarding.js';
import { overview } from './sections/overview.js';
import { requests } from './sections/requests.js';
import { people } from './sections/people.js';
import { search } from './sections/search.js';
import { settings } from './sections/settings.js';

/** By the names of `needs.js`. */
const VIEWS = { overview, onboarding, issues, notices, activity, documents, requests, messages, people, search, settings };
/** Views that show what was read so far, and say themselves what is missing. */
const GRADUAL = new Set(['search']);

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
        on: { ...missedDrops, click: clickedBeside(ui) },
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
    h('p', null, ui.error(ui.state.error, { reading: true })),
    h('button', { type: 'button', class: 'button primary', on: { click: ui.retry } }, ui.t('tryAgain')),
  );
}

function ready(ui) {
  const { state } = ui;
  // They are loaded anew each time that the section is opened.
  if (state.section !== 'people') state.people = null;
  const error = needsOf(state.section)
    .map((name) => state.data.failed.get(name))
    .find(Boolean);
  const content = isLoaded(state) || GRADUAL.has(state.section) ? VIEWS[state.section] : error ? (one) => sectionFailed(one, error) : sectionLoading;
  return [
    paperHead(ui),
    skipButton(ui),
    header(ui),
    state.current ? null : notCurrent(ui),
    offerBand(ui),
    state.section === 'notices' ? null : banner(ui),
    h(
      'div',
      { class: 'body', key: 'body' },
      navigation(ui),
      h('div', { class: 'content', key: state.section, 'data-section': state.section, 'aria-busy': isLoaded(state) || error ? null : 'true' }, content(ui)),
    ),
    keysDialog(ui),
  ];
}

/** A view whose rows are being read. */
function sectionLoading(ui) {
  return [
    heading(ui, ui.state.section),
    h(
      'div',
      { class: 'waiting', key: 'waiting' },
      h('p', { class: 'unseen' }, ui.t('loading.section')),
      [1, 2, 3].map((key) => h('div', { key, class: 'skeleton block' })),
    ),
  ];
}

/** A view whose rows could not be read, although the rest of the portal could. */
function sectionFailed(ui, error) {
  return [
    heading(ui, ui.state.section),
    h(
      'div',
      { class: 'card section-failed', key: 'failed', role: 'alert' },
      icon('alert'),
      h('p', { class: 'empty-title' }, ui.t('failed.section')),
      h('p', null, ui.error(error, { reading: true })),
      h('button', { type: 'button', class: 'button', on: { click: () => ui.reload() } }, ui.t('tryAgain')),
    ),
  ];
}
