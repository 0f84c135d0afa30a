/**
 * Shortcuts of one key: `/` searches, `?` lists the keys, `g` and a letter opens a section.
 *
 * They do nothing while somebody types, or with a modifier key, and can be turned off (WCAG 2.1.4):
 * by the member in the list of keys, or by the page with the attribute `shortcuts="off"`.
 */

import { h } from './html.js';
import { isHidden } from './section-rows.js';

/** By letter, the view that it opens after `g`. */
const VIEWS = { o: 'overview', b: 'onboarding', i: 'issues', n: 'notices', a: 'activity', d: 'documents', r: 'requests', m: 'messages' };
/** Milliseconds in which the letter has to follow the `g`. */
const SEQUENCE = 1_500;
const TYPED_IN = 'input, textarea, select, [contenteditable]:not([contenteditable="false"])';

/** Listen to the keys of the page. `ui()` returns the element's functions. Returns a function that ends it. */
export function listenToKeys(host, root, ui) {
  let goes = -SEQUENCE;
  const onKey = (event) => {
    const { state } = ui();
    const [target] = event.composedPath();
    if (!areOn(host) || event.defaultPrevented || event.isComposing || event.ctrlKey || event.altKey || event.metaKey) return;
    if (state.phase !== 'ready' || target.matches?.(TYPED_IN) || root.querySelector('dialog[open]')) return;
    const isAfterG = event.timeStamp - goes < SEQUENCE;
    goes = event.key === 'g' && !isAfterG ? event.timeStamp : -SEQUENCE;
    if (isAfterG && Object.hasOwn(VIEWS, event.key) && !isHidden(state, VIEWS[event.key])) ui().open(VIEWS[event.key]);
    else if (event.key === '/') openSearch(ui());
    else if (event.key === '?') showKeys(root);
    else return;
    // Otherwise the browser's own search would open, or the key would be typed into the field.
    event.preventDefault();
  };
  document.addEventListener('keydown', onKey);
  return () => document.removeEventListener('keydown', onKey);
}

/** Open the search in all sections, with the focus in its field. */
export function openSearch(ui) {
  const { section, list } = ui.state;
  if (section === 'search') ui.focus('search');
  else ui.go({ section: 'search', list: { q: list.q } }, 'search');
}

/** Show the list of keys. */
export function showKeys(root) {
  root.querySelector('dialog.keys')?.showModal();
}

function areOn(host) {
  return host.getAttribute('shortcuts') !== 'off';
}

/** The list of keys, and the switch to turn them off. It is hidden until `showKeys`. */
export function keysDialog(ui) {
  const turn = (event) => {
    if (event.target.checked) ui.host.removeAttribute('shortcuts');
    else ui.host.setAttribute('shortcuts', 'off');
    ui.render();
  };
  return h(
    'dialog',
    { key: 'keys', class: 'keys', 'aria-labelledby': 'keys-title' },
    h('p', { id: 'keys-title', class: 'keys-title' }, ui.t('keys')),
    h('p', { class: 'hint' }, ui.t('keys.help')),
    h(
      'dl',
      null,
      keyLine(['/'], ui.t('keys.search')),
      keyLine(['?'], ui.t('keys.list')),
      Object.entries(VIEWS)
        .filter(([, name]) => !isHidden(ui.state, name))
        .map(([letter, name]) => keyLine(['g', letter], ui.t(`nav.${name}`))),
    ),
    h('label', { class: 'check' }, h('input', { type: 'checkbox', current: { checked: areOn(ui.host) }, on: { change: turn } }), h('span', null, ui.t('keys.on'))),
    h('button', { type: 'button', class: 'button', on: { click: (event) => event.target.closest('dialog').close() } }, ui.t('keys.close')),
  );
}

function keyLine(keys, text) {
  return h('div', { key: keys.join('') }, h('dt', null, keys.map((key) => h('kbd', { key }, key))), h('dd', null, text));
}
