import wixLocation from 'wix-location-frontend';
import wixRealtime from 'wix-realtime-frontend';
import wixSeo from 'wix-seo-frontend';
import wixWindow from 'wix-window-frontend';
import {
  acceptInvitation,
  addComment,
  answerRequest,
  answerResolution,
  changeRole,
  getAttachmentUrl,
  getChanges,
  getMore,
  getPeople,
  getPortal,
  getReadMarks,
  getRequestForms,
  getSections,
  getSession,
  getSettings,
  getUploadUrl,
  invitePerson,
  markRead,
  openDocument,
  removePerson,
  saveSettings,
  sendAgain,
  sendRequest,
  submitDocument,
  submitStep,
  withdrawInvitation,
} from 'backend/gridwix.web.js';

/**
 * Page code of the portal. It connects the custom element, which does not depend on Wix, with the
 * backend, which does not trust the page, with the page's address, and with the site's realtime
 * channel.
 */

const METHODS = {
  acceptInvitation,
  addComment,
  answerRequest,
  answerResolution,
  changeRole,
  getAttachmentUrl,
  getChanges,
  getMore,
  getPeople,
  getPortal,
  getReadMarks,
  getRequestForms,
  getSections,
  getSession,
  getSettings,
  getUploadUrl,
  invitePerson,
  markRead,
  openDocument,
  removePerson,
  saveSettings,
  sendAgain,
  sendRequest,
  submitDocument,
  submitStep,
  withdrawInvitation,
};

const CHANNEL = 'gridwix';
/**
 * Milliseconds within which a failed subscription is tried again, doubled each time: after half of
 * them or later, so that pages that failed together do not try together.
 */
const FIRST_RETRY = 5_000;
const LAST_RETRY = 300_000;

$w.onReady(() => {
  const portal = $w('#gridwixPortal');
  answerCalls(portal);
  connectAddress(portal);
  const rings = new RingListener((heard) => portal.setAttribute('rings', JSON.stringify(heard)));
  portal.on('gridwix-listen', ({ detail: { partner } }) => rings.listen(partner));
  portal.setAttribute('locale', language());
});

/**
 * Answer the element's calls, each once.
 *
 * The element repeats its first call every second until the response, in case that nobody listened
 * yet. A backend that has to start takes longer than that: without this, each repeat would read Wix
 * Data again.
 */
function answerCalls(portal) {
  const pending = new Set();
  portal.on('gridwix-call', async ({ detail: { id, method, args } }) => {
    if (pending.has(id)) {
      return;
    }
    pending.add(id);
    const result = await answerTo(method, args);
    pending.delete(id);
    portal.setAttribute('answer', JSON.stringify({ id, result }));
  });
}

async function answerTo(method, args) {
  if (!Object.hasOwn(METHODS, method) || !Array.isArray(args)) {
    return { error: { code: 'invalid' } };
  }
  try {
    return await METHODS[method](...args);
  } catch {
    // Wix itself rejects the call, for example after the session has ended.
    return { error: { code: 'unavailable' } };
  }
}

/**
 * Let the address say what is open, `?section=issues.RECORD&partner=ID`, so that Back, Forward, a
 * reload and a bookmark lead there.
 *
 * Each change of the query is an entry of the browser's history: all that the address holds is added
 * at once, and only when the member has gone somewhere.
 */
function connectAddress(portal) {
  // The partner that is open while the address names none.
  let home = null;
  const show = ({ partner = home, section = 'overview' }) => {
    if (partner) {
      portal.setAttribute('partner', partner);
    }
    portal.setAttribute('section', section);
  };
  portal.on('gridwix-section', ({ detail: { address, partner, title, by } }) => {
    home ??= partner;
    wixSeo.setTitle(title).catch(() => {});
    if (by === 'member') {
      wixLocation.queryParams.add({ section: address, ...(partner ? { partner } : {}) });
    }
  });
  // Runs after Back and Forward, and after our own change, which the element ignores.
  wixLocation.onChange(() => show(wixLocation.query));
  show(wixLocation.query);
}

/**
 * Hears the rings of one partner and those for everybody, and tells all that it has heard, because an
 * attribute that is set twice in quick succession may arrive once.
 *
 * A ring says which sections have changed, never what: the element reads that from the backend, which
 * checks the member's links. So a subscription that outlives a link gives nothing away.
 */
class RingListener {
  #tell;
  #heard = { partner: null, connected: false, own: {}, everybody: {}, spread: { own: null, everybody: null }, connection: 0 };
  #subscriptions = [];
  /** Counts the partners: what belongs to an earlier one is dropped. */
  #turn = 0;
  #retry = null;
  #failures = 0;

  constructor(tell) {
    this.#tell = tell;
    wixRealtime.onConnected(() => this.#subscriptions.length && this.#connected());
    wixRealtime.onDisconnected(() => this.#disconnected());
    // A subscription was not restored after a reconnection.
    wixRealtime.onError(() => this.#failed(this.#turn));
  }

  listen(partner) {
    this.#turn += 1;
    this.#failures = 0;
    this.#unsubscribe();
    Object.assign(this.#heard, { partner, connected: false, own: {}, everybody: {} });
    if (partner) {
      this.#subscribe(this.#turn);
    }
  }

  async #subscribe(turn) {
    const resources = { own: `partner/${this.#heard.partner}`, everybody: 'everybody' };
    const found = await Promise.allSettled(
      Object.entries(resources).map(async ([audience, resourceId]) =>
        wixRealtime.subscribe({ name: CHANNEL, resourceId }, (message) => turn === this.#turn && this.#hear(audience, message?.payload)),
      ),
    );
    const subscriptions = found.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
    if (turn !== this.#turn || subscriptions.length < found.length) {
      unsubscribe(subscriptions);
      this.#failed(turn);
      return;
    }
    // An error that was heard meanwhile has planned another attempt.
    this.#unsubscribe();
    this.#subscriptions = subscriptions;
    this.#failures = 0;
    this.#connected();
  }

  #hear(audience, payload) {
    const heard = this.#heard[audience];
    for (const [section, number] of Object.entries(payload?.numbers ?? {})) {
      if (Number.isFinite(number)) {
        heard[section] = Math.max(heard[section] ?? 0, number);
      }
    }
    this.#heard.spread[audience] = Number.isFinite(payload?.spread) ? payload.spread : 0;
    this.#tell(this.#heard);
  }

  #connected() {
    this.#heard.connected = true;
    this.#heard.connection += 1;
    this.#tell(this.#heard);
  }

  #disconnected() {
    if (this.#heard.connected) {
      this.#heard.connected = false;
      this.#tell(this.#heard);
    }
  }

  /** No realtime: say so, and try again later, ever more rarely. */
  #failed(turn) {
    if (turn !== this.#turn || !this.#heard.partner) {
      return;
    }
    this.#unsubscribe();
    this.#heard.connected = false;
    this.#tell(this.#heard);
    const longest = Math.min(FIRST_RETRY * 2 ** this.#failures, LAST_RETRY);
    this.#retry = setTimeout(() => this.#subscribe(turn), longest * (0.5 + Math.random() / 2));
    this.#failures += 1;
  }

  #unsubscribe() {
    clearTimeout(this.#retry);
    unsubscribe(this.#subscriptions);
    this.#subscriptions = [];
  }
}

function unsubscribe(subscriptions) {
  for (const subscriptionId of subscriptions) {
    wixRealtime.unsubscribe({ subscriptionId }).catch(() => {});
  }
}

function language() {
  const { multilingual, browserLocale } = wixWindow;
  return multilingual?.isEnabled ? multilingual.currentLanguage : browserLocale;
}
