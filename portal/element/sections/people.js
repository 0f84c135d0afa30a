/** Who acts for the company, and who is invited to: the section of its administrators. */

import { form } from '../forms.js';
import { h } from '../html.js';
import { icon } from '../icons.js';
import { personName } from '../lists/kinds.js';
import { listOf } from '../lists/list.js';
import { callout, chip, details, facts, outcome, time } from '../parts.js';
import { afterChange, loadPeople } from '../people.js';

const INVITE = 'people/invite';
const MAX_ADDRESS = 254;
const MAX_NAME = 200;

export function people(ui) {
  if (ui.state.people?.partner !== ui.state.partner.id) loadPeople(ui);
  const { phase, error, said } = ui.state.people;
  return [
    h('div', { class: 'section-head', key: 'head' }, h('h3', { tabindex: '-1', 'data-focus': 'heading' }, ui.t('nav.people'))),
    h('p', { key: 'intro', class: 'hint settings-intro' }, ui.t('people.intro')),
    said ? h('div', { key: 'said', tabindex: '-1', 'data-focus': 'people/said', class: 'outcome' }, callout('good', 'check', h('p', null, ui.t(said.key, said.values)))) : null,
    phase === 'loading' ? loading(ui) : null,
    phase === 'failed' ? failed(ui, error) : null,
    phase === 'ready' ? [invite(ui), lists(ui)] : null,
  ];
}

function loading(ui) {
  return h(
    'div',
    { class: 'waiting', key: 'waiting', 'aria-busy': 'true' },
    h('p', { class: 'unseen' }, ui.t('people.loading')),
    [1, 2, 3].map((key) => h('div', { key, class: 'skeleton block' })),
  );
}

function failed(ui, error) {
  const retry = () => {
    ui.state.people = null;
    ui.focus('heading');
  };
  return h(
    'div',
    { class: 'card section-failed', key: 'failed', role: 'alert' },
    icon('alert'),
    h('p', { class: 'empty-title' }, ui.t('people.failed')),
    h('p', null, ui.error(error, { reading: true })),
    h('button', { type: 'button', class: 'button', on: { click: retry } }, ui.t('tryAgain')),
  );
}

function invite(ui) {
  const { roles, languages, partner } = ui.state.people;
  const fields = [
    // Not named name and email: a browser would offer the member's own.
    { name: 'address', target: 'email', label: ui.t('people.email'), kind: 'email', required: true, maxLength: MAX_ADDRESS, hint: ui.t('people.emailHint') },
    { name: 'person', target: 'name', label: ui.t('people.name'), kind: 'text', maxLength: MAX_NAME },
    roleField(ui, roles),
    { name: 'language', target: 'language', label: ui.t('people.language'), kind: 'choice', choices: languages.map(({ key, label }) => ({ value: key, label })), hint: ui.t('people.languageHint') },
  ];
  const content = [
    outcome(ui, INVITE),
    form(ui, {
      id: INVITE,
      fields,
      button: ui.t('people.inviteSend'),
      submit: async ({ address, person, role, language }) => {
        const wanted = { email: address, role, ...(person ? { name: person } : {}), ...(language ? { language } : {}) };
        const answer = await ui.ask('invitePerson', partner, wanted);
        return answer.error ? answer : { ...answer, address };
      },
      then: ({ address }) => afterChange(ui, 'people.said.invited', { person: address }).then(),
    }),
  ];
  return details(ui.t('people.invite'), content, { key: 'invite', className: 'card' });
}

function roleField(ui, roles, value = '') {
  return { name: 'role', target: 'role', label: ui.t('people.role'), kind: 'choice', required: true, value, choices: roles.map((role) => ({ value: role, label: ui.role(role) })) };
}

/** Who is invited and who has access, on the page of the list that is shown. */
function lists(ui) {
  const { rows, invitations, more } = ui.state.people;
  const list = listOf(ui, 'people', rows);
  const members = list.rows.filter(({ status }) => status === 'member');
  const invited = list.rows.filter(({ status }) => status !== 'member');
  const hasNone = !invitations.length && !list.isNarrowed && list.page === 1;
  return [
    list.head,
    invited.length || hasNone ? group(['invited', ui.t('people.invited')], hasNone ? [noneInvited(ui)] : invited.map((one) => invitationCard(ui, one))) : null,
    members.length
      ? group(
          ['members', ui.t('people.members')],
          members.map((one) => personCard(ui, one)),
        )
      : null,
    list.end,
    more ? h('p', { key: 'more', class: 'hint' }, ui.t('people.more')) : null,
  ];
}

function noneInvited(ui) {
  return h('li', { key: 'none' }, h('p', { class: 'hint' }, ui.t('people.noneInvited')));
}

function group([name, title], content) {
  return h('section', { key: name, class: 'group people', 'aria-labelledby': `people-${name}` }, h('h4', { id: `people-${name}` }, title), h('ul', null, content));
}

function invitationCard(ui, one) {
  const name = personName(ui, one);
  return h(
    'li',
    { key: one.id, class: 'card' },
    h('div', { class: 'card-head' }, h('h5', { dir: 'auto' }, name), chip(roleOf(ui, one.role)), one.expired ? chip(ui.t('people.expired'), 'warn', 'clock') : null),
    one.name ? h('p', { class: 'meta', dir: 'auto' }, one.email) : null,
    facts(
      [ui.t('people.invitedAt'), one.invitedAt ? time(ui, one.invitedAt, 'day') : null],
      [ui.t('people.invitedBy'), one.byHub ? ui.t('people.hub') : one.by ? h('span', { dir: 'auto' }, one.by) : null],
      [ui.t(one.expired ? 'people.validUntilPast' : 'people.validUntil'), one.validUntil ? time(ui, one.validUntil, 'day') : null],
    ),
    one.email ? again(ui, one) : null,
    withdraw(ui, one, name),
  );
}

function again(ui, one) {
  const id = `people/again/${one.id}`;
  const isBusy = ui.state.actions.get(id)?.busy;
  const send = () => ui.run(id, () => ui.ask('sendAgain', ui.state.people.partner, one.id), afterChange(ui, 'people.said.again', { person: one.email }));
  return [
    outcome(ui, id),
    h(
      'button',
      { key: 'again', type: 'button', class: 'button', 'aria-disabled': isBusy ? 'true' : null, on: { click: send } },
      ui.t(isBusy ? 'sending' : 'people.again'),
      h('span', { class: 'unseen' }, ` ${one.name || one.email}`),
    ),
  ];
}

function withdraw(ui, one, name) {
  return confirmation(ui, {
    id: `people/withdraw/${one.id}`,
    summary: ui.t('people.withdraw'),
    name,
    warning: whatStops(ui, one),
    button: ui.t('people.withdrawDo'),
    submit: () => ui.ask('withdrawInvitation', ui.state.people.partner, one.id),
    ...afterChange(ui, one.email ? 'people.said.withdrawn' : 'people.said.withdrawnCode', { person: name }),
  });
}

/** What withdrawing an invitation ends: an expired one has ended before, and a code by hand has no email. */
function whatStops(ui, { email, expired }) {
  if (expired) return ui.t('people.withdrawHelpExpired');
  return ui.t(email ? 'people.withdrawHelp' : 'people.withdrawHelpCode');
}

function personCard(ui, one) {
  const name = personName(ui, one);
  return h(
    'li',
    { key: one.id, class: 'card' },
    h('div', { class: 'card-head' }, h('h5', { dir: 'auto' }, name), chip(roleOf(ui, one.role)), one.self ? chip(ui.t('people.you'), 'info') : null),
    one.name && one.email ? h('p', { class: 'meta', dir: 'auto' }, one.email) : null,
    facts(
      [ui.t('people.since'), one.since ? time(ui, one.since, 'day') : null],
      [ui.t('people.lastSeen'), one.lastSeen ? time(ui, one.lastSeen, 'day') : ui.t('people.neverSeen')],
    ),
    changeRole(ui, one, name),
    remove(ui, one, name),
  );
}

function changeRole(ui, one, name) {
  const { roles, partner } = ui.state.people;
  const id = `people/role/${one.id}`;
  const content = [
    one.self ? h('p', { key: 'own' }, ui.t('people.roleOwn')) : null,
    outcome(ui, id),
    form(ui, {
      id,
      fields: [roleField(ui, roles, roles.includes(one.role) ? one.role : '')],
      button: ui.t('people.roleDo'),
      submit: ({ role }) => ui.ask('changeRole', partner, one.id, role),
      ...afterChange(ui, 'people.said.role', { person: subjectOf(ui, one) }, { isOwn: one.self }),
    }),
  ];
  return details(labelled(ui, 'people.roleChange', name), content, { key: 'role' });
}

function remove(ui, one, name) {
  return confirmation(ui, {
    id: `people/remove/${one.id}`,
    summary: ui.t('people.remove'),
    name,
    warning: one.self ? ui.t('people.removeOwn') : ui.t('people.removeHelp', { person: subjectOf(ui, one) }),
    button: ui.t('people.removeDo'),
    submit: () => ui.ask('removePerson', ui.state.people.partner, one.id),
    ...afterChange(ui, 'people.said.removed', { person: subjectOf(ui, one) }, { isOwn: one.self }),
  });
}

/** A disclosure that says what is lost, with the button that does it. */
function confirmation(ui, { id, summary, name, warning, ...options }) {
  const content = [h('p', { key: 'warning' }, warning), outcome(ui, id), form(ui, { id, fields: [], danger: true, ...options })];
  return details(
    [summary, h('span', { class: 'unseen' }, ` ${name}`)],
    content,
    { key: id },
  );
}

/** A summary whose name tells the cards apart. */
function labelled(ui, key, name) {
  return [ui.t(key), h('span', { class: 'unseen' }, ` ${name}`)];
}

/** What begins a sentence about a person, whose name may not be known yet. */
function subjectOf(ui, { name, email }) {
  return name || email || ui.t('people.unnamed');
}

function roleOf(ui, role) {
  return role ? ui.role(role) : ui.t('people.noRole');
}
