/** The member's own settings: language, quiet hours, and messages by group and channel. */

import { h } from '../html.js';
import { icon } from '../icons.js';
import { loadSettings, notSavedText, saveSetting } from '../own-settings.js';
import { isHidden } from '../section-rows.js';

const LANGUAGE = 'language';
const QUIET = 'quietHours';

export function settings(ui) {
  const known = ui.state.settings;
  if (known?.asked !== ui.asked) loadSettings(ui);
  const { phase, error } = ui.state.settings;
  return [
    h('div', { class: 'section-head', key: 'head' }, h('h3', { tabindex: '-1', 'data-focus': 'heading' }, ui.t('nav.settings'))),
    h('p', { key: 'intro', class: 'hint settings-intro' }, ui.t('settings.intro')),
    phase === 'loading' ? loading(ui) : null,
    phase === 'failed' ? failed(ui, error) : null,
    phase === 'ready' ? [language(ui), messages(ui), quietHours(ui)] : null,
  ];
}

function loading(ui) {
  return h(
    'div',
    { class: 'waiting', key: 'waiting', 'aria-busy': 'true' },
    h('p', { class: 'unseen' }, ui.t('settings.loading')),
    [1, 2, 3].map((key) => h('div', { key, class: 'skeleton block' })),
  );
}

function failed(ui, error) {
  const retry = () => {
    ui.state.settings = null;
    ui.focus('heading');
  };
  return h(
    'div',
    { class: 'card section-failed', key: 'failed', role: 'alert' },
    icon('alert'),
    h('p', { class: 'empty-title' }, ui.t('settings.failed')),
    h('p', null, ui.error(error, { reading: true })),
    h('button', { type: 'button', class: 'button', on: { click: retry } }, ui.t('tryAgain')),
  );
}

function language(ui) {
  const { settings: saved, choices } = ui.state.settings;
  const id = 'settings-language';
  return h(
    'form',
    {
      key: LANGUAGE,
      class: 'card settings-card',
      novalidate: true,
      on: {
        submit: (event) => {
          event.preventDefault();
          saveSetting(ui, LANGUAGE, { language: event.target.elements.namedItem('language').value || null });
        },
      },
    },
    h('h4', null, ui.t('settings.language')),
    h(
      'div',
      { class: 'field' },
      h('label', { for: id }, ui.t('settings.language.label')),
      h('p', { class: 'hint', id: `${id}-hint` }, ui.t('settings.language.hint')),
      h(
        'select',
        { id, name: 'language', 'aria-describedby': `${id}-hint`, initial: { value: saved.language ?? '' } },
        h('option', { key: '', value: '' }, ui.t('settings.language.site')),
        choices.languages.map(({ key, label }) => h('option', { key, value: key, lang: key }, label)),
      ),
    ),
    buttons(ui, LANGUAGE),
  );
}

function messages(ui) {
  const { choices } = ui.state.settings;
  return h(
    'div',
    { key: 'messages', class: 'card settings-card' },
    h('h4', null, ui.t('settings.messages')),
    h('p', { class: 'hint' }, ui.t('settings.messages.hint')),
    shownGroups(ui).map((group) =>
      h(
        'fieldset',
        { key: group.key, class: 'field group message-group' },
        h('legend', null, group.label),
        h(
          'ul',
          null,
          group.channels.map((channel) => h('li', { key: channel.key }, channel.fixed ? fixed(ui, channel) : toggle(ui, group, channel))),
        ),
      ),
    ),
  );
}

/** The groups of messages, without those whose areas are all hidden: nobody is sent any of these. */
function shownGroups(ui) {
  return ui.state.settings.choices.groups.filter(({ areas = [] }) => !areas.length || areas.some((name) => !isHidden(ui.state, name)));
}

/** A switch that the member cannot change, with the reason. */
function fixed(ui, { label, fixed: { label: reason } }) {
  return h('p', { class: 'fixed' }, icon('lock'), h('span', null, h('strong', null, label), ' ', h('span', { class: 'hint' }, ui.t('settings.fixed', { reason }))));
}

/** A switch. It is saved when it changes; if that fails, it shows again what is saved. */
function toggle(ui, group, channel) {
  const id = `messages/${group.key}/${channel.key}`;
  const saved = () => ui.state.settings.settings.messages[group.key]?.[channel.key] !== false;
  const change = async ({ target }) => {
    await saveSetting(ui, id, { messages: { [group.key]: { [channel.key]: target.checked } } });
    target.checked = saved();
  };
  return [
    h(
      'label',
      { key: 'switch', class: 'check', for: id },
      h('input', { id, type: 'checkbox', role: 'switch', 'aria-describedby': `${id}-result`, initial: { checked: saved() }, on: { change } }),
      h('span', null, channel.label),
    ),
    result(ui, id),
  ];
}

function quietHours(ui) {
  const { settings: saved, choices } = ui.state.settings;
  const own = saved.quietHours;
  const hub = choices.quietHours;
  const fault = ui.state.faults.get(QUIET);
  return h(
    'form',
    { key: QUIET, class: 'card settings-card', novalidate: true, on: { submit: (event) => saveQuietHours(ui, event) } },
    h('h4', null, ui.t('settings.quiet')),
    h('p', { class: 'hint' }, ui.t('settings.quiet.hint'), ' ', hub ? ui.t('settings.quiet.hub', { begins: clock(ui, hub.begins), ends: clock(ui, hub.ends) }) : null),
    own ? null : h('p', { key: 'none' }, ui.t('settings.quiet.none')),
    h(
      'div',
      // Made anew when they are turned on or off, so that they show what holds then.
      { key: own ? 'own' : 'default', class: 'quiet-fields' },
      moment(ui, 'begins', ui.t('settings.quiet.begins'), own?.begins ?? hub?.begins ?? '20:00', fault),
      moment(ui, 'ends', ui.t('settings.quiet.ends'), own?.ends ?? hub?.ends ?? '07:00', fault),
      h(
        'div',
        { class: 'field' },
        h('label', { for: 'settings-zone' }, ui.t('settings.quiet.zone')),
        h(
          'select',
          { id: 'settings-zone', name: 'timeZone', initial: { value: own?.timeZone ?? homeZone(choices.timeZones) } },
          choices.timeZones.map((zone) => h('option', { key: zone, value: zone }, zone.replaceAll('_', ' '))),
        ),
      ),
    ),
    fault ? h('p', { key: 'fault', class: 'fault', id: 'settings-quiet-fault' }, ui.t(fault.key, fault.values)) : null,
    buttons(ui, QUIET, own && h('button', { key: 'off', type: 'button', class: 'button', on: { click: () => turnOff(ui) } }, ui.t('settings.quiet.off'))),
  );
}

function moment(ui, name, label, value, fault) {
  const id = `settings-${name}`;
  return h(
    'div',
    { class: 'field' },
    h('label', { for: id }, label),
    h('input', {
      id,
      name,
      type: 'time',
      required: true,
      'data-focus': id,
      'aria-invalid': fault?.names.includes(name) ? 'true' : null,
      'aria-describedby': fault ? 'settings-quiet-fault' : null,
      initial: { value },
    }),
  );
}

function saveQuietHours(ui, event) {
  event.preventDefault();
  const value = (name) => event.target.elements.namedItem(name).value;
  // A browser may add seconds.
  const [begins, ends] = ['begins', 'ends'].map((name) => value(name).slice(0, 5));
  const fault = quietFault(ui, begins, ends);
  if (fault) {
    ui.state.saves.delete(QUIET);
    ui.state.faults.set(QUIET, fault);
    ui.focus(`settings-${fault.names[0]}`);
    return;
  }
  ui.state.faults.delete(QUIET);
  saveSetting(ui, QUIET, { quietHours: { begins, ends, timeZone: value('timeZone') } });
}

/** What is wrong with quiet hours, as the backend would find it; null for nothing. */
function quietFault(ui, begins, ends) {
  const empty = Object.entries({ begins, ends }).filter(([, at]) => !at);
  if (empty.length) return { key: 'fault.time', names: empty.map(([name]) => name) };
  const length = (minutes(ends) - minutes(begins) + 24 * 60) % (24 * 60);
  if (!length) return { key: 'settings.quiet.same', names: ['ends'] };
  const longest = ui.state.settings.choices.longestQuietMinutes;
  return length > longest ? { key: 'settings.quiet.long', values: { hours: Math.floor(longest / 60) }, names: ['ends'] } : null;
}

function minutes(at) {
  const [hours, rest] = at.split(':').map(Number);
  return hours * 60 + rest;
}

async function turnOff(ui) {
  ui.state.faults.delete(QUIET);
  if (await saveSetting(ui, QUIET, { quietHours: null })) ui.focus(`result/${QUIET}`);
}

/** A time of the day, such as 20:00, in the reader's format. */
function clock(ui, at) {
  return new Intl.DateTimeFormat(ui.locale, { timeStyle: 'short', timeZone: 'UTC' }).format(new Date(`2000-01-01T${at}:00Z`));
}

function homeZone(zones) {
  const { timeZone } = new Intl.DateTimeFormat().resolvedOptions();
  return zones.includes(timeZone) ? timeZone : (zones.find((zone) => zone === 'UTC') ?? zones[0]);
}

function buttons(ui, setting, ...others) {
  const { busy } = ui.state.saves.get(setting) ?? {};
  return h(
    'div',
    { key: 'end', class: 'settings-end' },
    h('button', { key: 'save', type: 'submit', class: 'button primary', 'aria-disabled': busy ? 'true' : null }, ui.t(busy ? 'settings.saving' : 'settings.save')),
    others,
    result(ui, setting),
  );
}

/** What became of the last change of a setting. The live region says it, too. */
function result(ui, setting) {
  const { busy, saved, error } = ui.state.saves.get(setting) ?? {};
  return h(
    'p',
    { key: 'result', id: `${setting}-result`, class: `settings-result ${error ? 'bad' : 'good'}`, tabindex: '-1', 'data-focus': `result/${setting}` },
    busy ? ui.t('settings.saving') : null,
    saved ? [icon('check'), h('span', { key: 'text' }, ui.t('settings.saved'))] : null,
    error ? [icon('alert'), h('span', { key: 'text' }, notSavedText(ui, error))] : null,
  );
}
