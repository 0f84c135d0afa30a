/** Accepting an invitation: with the code of the page's address, or one that the person types. */

import { form } from './forms.js';
import { h } from './html.js';
import { icon } from './icons.js';
import { forgetInvitation } from './invitation-link.js';
import { callout, outcome } from './parts.js';

/** Id of the action of each way. */
const BY_LINK = 'invitation-link';
const BY_CODE = 'invitation';

/** The page of a member without a partner. */
export function invitation(ui) {
  const { session } = ui.state;
  const name = session?.member?.name;
  return h(
    'div',
    { class: 'card alone' },
    icon('key'),
    h('h2', { tabindex: '-1', 'data-focus': 'heading' }, name ? ui.t('invitation.hello', { name }) : ui.t('invitation.title')),
    offer(ui),
    h('p', null, ui.t('invitation.help')),
    fault(ui, BY_CODE),
    form(ui, {
      id: BY_CODE,
      button: ui.t('invitation.send'),
      fields: [{ name: 'code', label: ui.t('invitation.code'), kind: 'text', required: true, maxLength: 100 }],
      submit: ({ code }) => ui.ask('acceptInvitation', code),
      then: (answer) => enter(ui, answer),
    }),
    h('p', { class: 'hint' }, ui.t('invitation.none')),
  );
}

/** The same offer above the view of a member who acts for partners already. */
export function offerBand(ui) {
  const content = offer(ui);
  return content && h('aside', { key: 'invitation', class: 'band', 'aria-label': ui.t('invitation.band') }, content);
}

/** One sentence and one button, if the page was opened by an invitation's link. Null without one. */
function offer(ui) {
  const failed = fault(ui, BY_LINK);
  if (!ui.state.invitation) return failed && h('div', { key: 'offer' }, failed);
  const isBusy = ui.state.actions.get(BY_LINK)?.busy;
  return h(
    'div',
    { key: 'offer', class: 'offer' },
    failed,
    callout(
      'info',
      'key',
      h('p', { id: 'offer-text' }, ui.t('invitation.offer')),
      h(
        'button',
        {
          type: 'button',
          class: 'button primary',
          'aria-describedby': 'offer-text',
          'aria-disabled': isBusy ? 'true' : null,
          on: { click: () => accept(ui) },
        },
        isBusy ? ui.t('sending') : ui.t('invitation.accept'),
      ),
    ),
  );
}

function accept(ui) {
  return ui.run(
    BY_LINK,
    async () => {
      const answer = await ui.ask('acceptInvitation', ui.state.invitation);
      // Another login may help with another address, and another attempt with all else.
      if (answer.error?.code === 'not_found' || answer.error?.code === 'invalid') drop(ui);
      return answer;
    },
    { then: (answer) => enter(ui, answer) },
  );
}

/** Show the partner for which the member acts from now on. */
async function enter(ui, { partner }) {
  drop(ui);
  await ui.restart();
  ui.choose(partner.id);
  ui.announce(ui.t('invitation.accepted', { name: partner.name }));
  ui.focus('heading');
}

function drop(ui) {
  forgetInvitation();
  ui.state.invitation = '';
  ui.render();
}

/** Why an invitation was not accepted; null for no reason. */
function fault(ui, id) {
  const action = ui.state.actions.get(id);
  const isWrong = action?.code === 'not_found' || (id === BY_LINK && action?.code === 'invalid');
  if (!isWrong) return outcome(ui, id);
  return h('p', { key: `outcome/${id}`, class: 'fault', role: 'alert', tabindex: '-1', 'data-focus': `outcome/${id}` }, ui.t('invitation.wrong'));
}
