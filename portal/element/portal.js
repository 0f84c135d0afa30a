/**
 * The custom element: its state, its calls of the backend, and its updates. `shell.js` and
 * `sections/` render it.
 */

import { byEvents, byFunctions } from './backend.js';
import { patch } from './html.js';
import { Pages } from './pages.js';
import { ChangePoller } from './polling.js';
import { SECTIONS, shell } from './shell.js';
import { initialState } from './state.js';
import { styles } from './styles/index.js';
import { createTranslator } from './texts/index.js';
import { createRowTexts } from './texts/sentences.js';

const ANNOUNCED_FOR = 6_000;
const GONE = new Set(['not_linked', 'not_yours']);

export class GridwixPortal extends HTMLElement {
  static observedAttributes = ['locale', 'time-zone', 'partner', 'section', 'answer'];

  #root = this.attachShadow({ mode: 'open' });
  #shown = [];
  #functions = null;
  #transport = byFunctions(null);
  #poller = new ChangePoller(() => this.#poll());
  #pages = new Pages();
  #load = 0;
  #announcementTimer = null;
  #wanted = null;
  #ui = null;

  state = initialState();

  /**
   * An object of async functions, see docs/portal-element.md. Without one the element calls by
   * events.
   */
  get backend() {
    return this.#functions;
  }

  set backend(functions) {
    this.#functions = functions;
    if (this.isConnected) this.#connect();
  }

  connectedCallback() {
    this.#root.adoptedStyleSheets = [styles()];
    // The property may have been set before the class was registered.
    if (Object.hasOwn(this, 'backend')) {
      const { backend } = this;
      delete this.backend;
      this.#functions = backend;
    }
    this.#setLanguage();
    this.#connect();
  }

  disconnectedCallback() {
    this.#poller.stop();
    this.#transport.close();
    clearTimeout(this.#announcementTimer);
  }

  attributeChangedCallback(name, before, now) {
    if (name === 'answer') this.#transport.answer(now);
    // The initial values are read when the element is connected.
    if (!this.#ui || !this.isConnected || before === now) return;
    if (name === 'locale' || name === 'time-zone') {
      this.#setLanguage();
      this.state.forms = null;
      if (name === 'locale' && this.state.phase === 'ready') this.#fetch();
    }
    if (name === 'partner' && now && now !== this.state.partner?.id) this.#choose(now);
    if (name === 'section' && now !== this.state.section) this.#open(now, null, { focus: false });
  }

  #connect() {
    this.#transport.close();
    this.#transport = this.#functions ? byFunctions(this.#functions) : byEvents(this);
    this.state.section = SECTIONS.includes(this.getAttribute('section')) ? this.getAttribute('section') : 'overview';
    this.#poller.stop();
    this.#begin().then((succeeded) => this.isConnected && this.#poller.start(succeeded));
  }

  /** Set the texts and date formats of the element's language. */
  #setLanguage() {
    const locale = this.getAttribute('locale') || this.ownerDocument.documentElement.lang || navigator.language;
    const words = createTranslator(locale);
    this.#ui = {
      ...words,
      ...createRowTexts(words, this.getAttribute('time-zone'), () => this.state.data?.texts),
      state: this.state,
      render: () => this.#render(),
      open: (section, record) => this.#open(section, record),
      choose: (id) => this.#choose(id),
      ask: (method, ...args) => this.#transport.call(method, ...args),
      run: (id, work, options) => this.#run(id, work, options),
      more: (section) => this.#more(section),
      retry: () => (this.state.phase === 'ready' ? this.#poller.pollNow() : this.#begin()),
      restart: () => this.#begin(),
      focus: (name) => this.#focus(name),
    };
  }

  async #begin() {
    this.#show({ phase: this.state.data ? this.state.phase : 'loading' });
    const session = await this.#transport.call('getSession');
    if (session.error && session.error.code !== 'not_linked') return this.#fail(session.error.code);
    this.state.session = session.error ? { member: null, partners: [] } : session;
    const partners = [...this.state.session.partners].sort((one, other) => one.name.localeCompare(other.name));
    if (!partners.length) {
      this.#show({ phase: 'invitation', partner: null, data: null });
      return true;
    }
    const wanted = this.state.partner?.id ?? this.getAttribute('partner');
    this.state.partner = partners.find(({ id }) => id === wanted) ?? partners[0];
    return this.#fetch();
  }

  /** Load the partner's rows. An outdated response is dropped. */
  async #fetch() {
    const turn = (this.#load += 1);
    const { id } = this.state.partner;
    const data = await this.#transport.call('getPortal', id, this.#ui.asked);
    if (turn !== this.#load) return true;
    if (data.error) return this.#fail(data.error.code);
    const before = this.state.data;
    const changed = this.#pages.replaceFirst(data.sections);
    const sections = this.#pages.shown();
    const references = new Set(sections.requests.rows.map((row) => row.reference));
    this.#show({
      phase: 'ready',
      data: { ...data, sections },
      partner: { ...this.state.partner, ...data.partner },
      current: true,
      checkedAt: new Date(),
      sent: this.state.sent.filter((item) => item.partner !== id || !references.has(item.reference)),
    });
    if (before) this.#announceChanges(before.sections, sections);
    for (const name of changed) this.#pages.reload(name, this.#page).then(() => turn === this.#load && this.#showPages());
    return true;
  }

  #showPages = () => this.#show({ data: { ...this.state.data, sections: this.#pages.shown() } });
  #page = (name, cursor) => this.#transport.call('getMore', this.state.partner.id, name, cursor, this.#ui.asked);

  /** Load the next page of a section, one at a time. */
  async #more(name) {
    const [{ actions, partner }, id] = [this.state, `more/${name}`];
    if (actions.get(id)?.busy) return;
    actions.set(id, { busy: true });
    this.#render();
    const answer = await this.#pages.loadMore(name, this.#page);
    if (partner.id !== this.state.partner?.id || !this.state.data) return;
    const { code } = answer.error ?? {};
    this.#showPages(actions.set(id, { code }));
    this.#announce(code ? this.#ui.error(code, { reading: true }) : this.#ui.t('more.said', { count: answer.rows.length }));
    this.#focus(code ? `outcome/${id}` : id);
  }

  /**
   * Poll for changes and load them. Returns whether the poll succeeded; the page stays as it is on
   * failure.
   */
  async #poll() {
    if (this.state.phase === 'invitation') return true;
    if (!this.state.data) return this.#begin();
    const turn = this.#load;
    const answer = await this.#transport.call('getEtag', this.state.partner.id);
    if (turn !== this.#load) return true;
    if (GONE.has(answer.error?.code)) {
      this.#pages.clear();
      this.#show({ phase: 'loading', data: null, partner: null });
      return this.#begin();
    }
    if (answer.error) return this.#fail(answer.error.code);
    if (answer.etag !== this.state.data.etag) return this.#fetch();
    this.#show({ current: true, checkedAt: new Date() });
    return true;
  }

  #fail(code) {
    if (!this.state.data) this.#show({ phase: 'failed', code });
    else {
      if (this.state.current) this.#announce(this.#ui.t('notCurrent.said'));
      this.#show({ current: false });
    }
    return false;
  }

  #choose(id) {
    const partner = this.state.session?.partners.find((one) => one.id === id);
    if (!partner || id === this.state.partner?.id) return;
    this.#pages.clear();
    this.#show({ phase: 'loading', partner, data: null, actions: new Map(), faults: new Map() });
    this.setAttribute('partner', id);
    this.#dispatchSection();
    this.#fetch();
  }

  /** The focus moves only when a person navigates. */
  #open(section, record, { focus = true } = {}) {
    if (!SECTIONS.includes(section)) return;
    if (focus) this.#wanted = record ? `record/${record}` : 'heading';
    this.state.section = section;
    this.setAttribute('section', section);
    this.#render();
    this.#dispatchSection();
  }

  #dispatchSection() {
    const { section, partner } = this.state;
    this.dispatchEvent(new CustomEvent('gridwix-section', { detail: { section, partner: partner?.id ?? null } }));
  }

  /**
   * Run an action of the member, one at a time by `id`, and show its result.
   *
   * `work` returns the backend's response. An error that names a question is shown beside the field
   * that `fieldOf` finds for it. `about` is the target of the action: the record counts as answered
   * from now on.
   */
  async #run(id, work, { title = '', then = null, fieldOf = () => undefined, about = null } = {}) {
    const { actions, drafts, faults, partner } = this.state;
    const key = `${partner?.id ?? ''}/${id}`;
    if (actions.get(id)?.busy) return;
    const done = actions.get(id)?.count ?? 0;
    const progress = (share) => {
      actions.set(id, { busy: true, share, count: done });
      this.#render();
    };
    faults.delete(id);
    progress(null);
    const result = await work(progress);
    const field = result.error?.question && fieldOf(result.error.question);
    if (field) {
      actions.set(id, { count: done });
      const { code, reason } = result.error;
      const text = this.#ui.known(`fault.refused.${reason}`) ?? this.#ui.known(`fault.refused.${code}`) ?? this.#ui.error(code);
      faults.set(id, Object.assign(Object.create(null), { [field]: text }));
    } else if (result.error) {
      actions.set(id, { code: result.error.code, count: done });
      this.#announce(this.#ui.error(result.error.code));
    } else {
      drafts.delete(key);
      actions.set(id, { result, count: done + 1 });
      if (about) this.state.answered.set(`${partner?.id}/${about.record}`, about.version);
      if (result.reference) {
        this.state.sent = [{ reference: result.reference, title, at: new Date().toISOString(), partner: partner?.id }, ...this.state.sent];
        this.#announce(this.#ui.t('sent.said', { reference: result.reference }));
      }
      then?.(result);
    }
    this.#focus(field ? `field-${id}-${field}` : `outcome/${id}`);
    if (result.reference) this.#poller.pollNow();
  }

  #focus(name) {
    this.#wanted = name;
    this.#render();
  }

  #show(changes) {
    Object.assign(this.state, changes);
    this.#render();
  }

  #announceChanges(before, after) {
    const rows = (sections, name) => JSON.stringify(sections[name]?.rows);
    const changed = SECTIONS.filter((name) => name in after && rows(before, name) !== rows(after, name));
    if (changed.length) this.#announce(this.#ui.t('changed.said', { sections: this.#ui.list(changed.map((name) => this.#ui.t(`nav.${name}`))) }));
  }

  /** Announce a text to screen readers: in the live region, for a few seconds. */
  #announce(text) {
    clearTimeout(this.#announcementTimer);
    this.#show({ said: text });
    this.#announcementTimer = setTimeout(() => this.#show({ said: '' }), ANNOUNCED_FOR);
  }

  #render() {
    if (!this.isConnected || !this.#ui) return;
    const focused = this.#root.activeElement;
    this.#shown = patch(this.#root, this.#shown, shell(this.#ui));
    if (focused && focused !== this.#root.activeElement && focused.isConnected) focused.focus({ preventScroll: true });
    const wanted = this.#wanted && this.#root.querySelector(`[data-focus="${CSS.escape(this.#wanted)}"]`);
    if (!wanted) return;
    this.#wanted = null;
    const details = wanted.closest('details');
    if (details) details.open = true;
    wanted.focus();
    wanted.scrollIntoView({ block: 'nearest' });
  }
}
