/**
 * The custom element: its attributes, its state, and its updates. `section-reader.js` calls the
 * backend, `shell.js` and `sections/` render.
 */

import { runAction } from './actions.js';
import { addressOf, readAddress } from './addresses.js';
import { GONE, byEvents, byFunctions, takeEarly } from './backend.js';
import { ChangeWatcher } from './change-watcher.js';
import { patch } from './html.js';
import { createLanguage } from './language.js';
import { MemberMarks } from './member-marks.js';
import { needsOf, safetyOf } from './needs.js';
import { NoticeTurns } from './notice-times.js';
import { Announcer, Highlights, changedRows, changesText, stillSent } from './news.js';
import { connectToPage, sectionEvent } from './page-events.js';
import { reveal, scrollNavigation } from './reveal.js';
import { readRings } from './rings.js';
import { isHidden, isLit, rowsOf, shownAddress } from './section-rows.js';
import { SectionReader } from './section-reader.js';
import { shell } from './shell.js';
import { initialState } from './state.js';
import { styles } from './styles/index.js';

export class GridwixPortal extends HTMLElement {
  static observedAttributes = ['locale', 'time-zone', 'partner', 'section', 'answer', 'rings'];

  #root = this.attachShadow({ mode: 'open' });
  #shown = [];
  #functions = null;
  #transport = byFunctions(null);
  #reader = new SectionReader(
    (method, ...args) => this.#transport.call(method, ...args),
    (before, after) => this.#update(before, after),
  );
  #watcher = new ChangeWatcher({
    read: () => this.#settle(this.#reader.readDue()),
    follow: () => this.#settle(this.#reader.refresh([...needsOf(this.state.section), 'requests'])),
    check: () => this.#check(),
    safety: async () => (await this.#check()) && this.#settle(this.#reader.refresh(safetyOf(this.state.section))),
  });
  #announcer = new Announcer((said) => this.#show({ said }));
  #highlights = new Highlights((fresh) => this.#show({ fresh }));
  #noticeTurns = new NoticeTurns(() => this.#render());
  #marks = new MemberMarks(this.#root, () => this.#ui, () => this.#render());
  #disconnect = null;
  #listening = null;
  #wanted = null;
  #ui = null;

  state = initialState();

  /** An object of async functions, see docs/portal-element.md; without one it calls by events. */
  get backend() {
    return this.#functions;
  }

  set backend(functions) {
    this.#functions = functions;
    if (this.isConnected) this.#connect();
  }

  connectedCallback() {
    this.#root.adoptedStyleSheets = [styles()];
    this.#functions = takeEarly(this, 'backend') ?? this.#functions;
    this.#disconnect = connectToPage(this, this.#root, () => this.#ui, (changes) => this.#show(changes));
    this.#setLanguage();
    this.#connect();
  }

  disconnectedCallback() {
    this.#disconnect();
    this.#watcher.stop();
    this.#marks.stop();
    this.#transport.close();
    this.#listen(null);
    for (const timer of [this.#announcer, this.#highlights, this.#noticeTurns]) timer.clear();
  }

  attributeChangedCallback(name, before, now) {
    if (name === 'answer') this.#transport.answer(now);
    // The initial values are read when the element is connected.
    if (!this.#ui || !this.isConnected || before === now) return;
    if (name === 'locale' || name === 'time-zone') this.#relocate();
    if (name === 'rings') this.#hear();
    if (name === 'partner' && now && now !== this.state.partner?.id) this.#choose(now, 'page');
    const address = name === 'section' && now !== addressOf(this.state) && readAddress(now);
    if (address) this.#open(address, 'page');
  }

  #connect() {
    this.#transport.close();
    this.#transport = this.#functions ? byFunctions(this.#functions) : byEvents(this);
    Object.assign(this.state, readAddress(this.getAttribute('section')) ?? { section: 'overview', record: null, list: {} });
    this.#want(this.state.record, null);
    this.#watcher.stop();
    this.#begin();
  }

  /** The language may have changed: show it, and read the rows' texts in it. Returns the new `ui`. */
  #relocate() {
    const { asked } = this.#ui;
    this.#setLanguage();
    this.state.forms = null;
    if (this.#ui.asked !== asked && this.state.phase === 'ready') this.#load();
    this.#render();
    return this.#ui;
  }

  /** Set the texts and date formats of the element's language: the member's own, or the page's. */
  #setLanguage() {
    this.#ui = {
      ...createLanguage(this, this.state),
      host: this,
      render: () => this.#render(),
      open: (section, record) => this.#open({ section, record }, 'member'),
      go: (address, focus) => this.#open(address, 'member', focus),
      choose: (id) => this.#choose(id, 'member'),
      ask: (method, ...args) => this.#transport.call(method, ...args),
      run: (id, work, options) => runAction(this.#ui, id, work, options),
      more: (section) => this.#reader.more(section),
      retry: () => (this.state.phase === 'ready' ? this.#watcher.checkNow() : this.#begin()),
      reload: (names) => this.#ensure(names),
      marks: this.#marks,
      relocate: () => this.#relocate(),
      restart: () => this.#begin(),
      focus: (name) => {
        this.#want(null, name);
        this.#render();
      },
      announce: (text) => this.#announcer.say(text),
      follow: () => this.#watcher.follow(),
    };
  }

  /** Ask who the member is, and load its partner. Returns whether that succeeded. */
  async #begin() {
    this.#show({ phase: this.state.data ? this.state.phase : 'loading' });
    const session = await this.#transport.call('getSession');
    if (session.error && session.error.code !== 'not_linked') return this.#start(this.#fail(session.error));
    this.state.session = session.error ? { member: null, partners: [] } : session;
    this.#setLanguage();
    const partners = [...this.state.session.partners].sort((one, other) => one.name.localeCompare(other.name));
    if (!partners.length) {
      this.#listen(null);
      this.#show({ phase: 'invitation', partner: null, data: null });
      return this.#start(true);
    }
    const wanted = this.state.partner?.id ?? this.getAttribute('partner');
    this.state.partner = partners.find(({ id }) => id === wanted) ?? partners[0];
    return this.#load();
  }

  /** Load what the open view needs of the partner. Returns whether that succeeded. */
  async #load() {
    const { id } = this.state.partner;
    this.#watcher.opening(this.#listening !== id);
    this.#listen(id);
    const answer = await this.#reader.open(id, this.#ui.asked, needsOf(this.state.section));
    if (!answer) return true;
    if (answer.error) {
      // A read of a section that was running is dropped by now.
      this.#ensure();
      return this.#start(this.#fail(answer.error));
    }
    this.#show({ phase: 'ready', partner: { ...this.state.partner, ...answer.partner }, current: true, checkedAt: new Date() });
    this.#start(true);
    scrollNavigation(this.#root);
    this.#dispatchSection('page');
    this.#marks.open(id);
    this.#hear();
    // The member may have opened another section meanwhile.
    this.#ensure();
    return true;
  }

  /** Show new data, and tell what changed. `before` is null if nothing of it is news. */
  #update(before, after) {
    const sent = stillSent(this.state.sent, this.state.partner.id, after.sections.requests);
    if (sent.length < this.state.sent.length) this.#watcher.stopFollowing();
    this.state.sent = sent;
    const changed = before ? changedRows(before.sections, after.sections) : new Map();
    if (changed.size) this.#highlights.add(changed);
    this.#show({ data: after });
    if (isHidden(this.state, this.state.section)) this.#open({ section: 'overview' }, 'page');
    else if (isLit(before, after)) this.#ensure();
    const text = changesText(this.#ui, changed, this.#marks.takeNews());
    if (text) this.#announcer.say(text);
  }

  /** Hear what the page's code says of rings, and read what they name. */
  #hear() {
    const rings = readRings(this.getAttribute('rings'));
    if (!rings || !this.state.partner || rings.partner !== this.state.partner.id) return;
    this.#watcher.connect(rings);
    const audiences = this.#reader.hear(rings.numbers);
    this.#watcher.readWithin(Object.fromEntries(audiences.map((audience) => [audience, rings.spread[audience]])));
  }

  async #check() {
    if (this.state.phase === 'invitation') return true;
    return this.state.data ? this.#settle(this.#reader.check()) : this.#begin();
  }

  /** Wait for a response of the reader. Returns whether the page is current. */
  async #settle(response) {
    const answer = await response;
    if (!answer) return true;
    const { error } = answer;
    if (GONE.has(error?.code)) return this.#leave();
    if (error) return this.#fail(error);
    this.#show({ current: true, checkedAt: new Date() });
    return true;
  }

  /** The partner is no longer the member's: show none of its rows, and begin anew. */
  #leave() {
    this.#reader.clear();
    this.#show({ phase: 'loading', data: null, partner: null });
    return this.#begin();
  }

  /** Read what the open view needs and was not read yet. */
  async #ensure(names = needsOf(this.state.section)) {
    const answer = await this.#reader.ensure(names);
    if (GONE.has(answer?.error?.code)) return void this.#leave();
    // What was rung while they were read: the repeats of that ring tell the page nothing new.
    if (answer) this.#hear();
  }

  #start(succeeded) {
    if (this.isConnected) this.#watcher.start(succeeded);
    return succeeded;
  }

  /** Say that it failed; what is shown stays. Returns false. */
  #fail(error) {
    if (!this.state.data) this.#show({ phase: 'failed', error });
    else {
      if (this.state.current) this.#announcer.say(error.limit ? this.#ui.error(error) : this.#ui.t('notCurrent.said'));
      this.#show({ current: false, error });
    }
    return false;
  }

  #choose(id, by) {
    const partner = this.state.session?.partners.find((one) => one.id === id);
    if (!partner || id === this.state.partner?.id) return;
    this.#reader.clear();
    this.#show({ phase: 'loading', partner, data: null, record: null, list: {}, fresh: new Map(), actions: new Map(), faults: new Map() });
    this.setAttribute('partner', id);
    this.setAttribute('section', this.state.section);
    this.#dispatchSection(by);
    this.#load();
  }

  /** `focus`: the name of what gets the focus; only when a person navigates. */
  #open(address, by, focus = by === 'member' ? 'heading' : null) {
    const { section, record = null, list = {} } = shownAddress(this.state, address);
    Object.assign(this.state, { section, record, list, newsOpen: false });
    this.#want(record, focus);
    this.setAttribute('section', addressOf(this.state));
    this.#render();
    scrollNavigation(this.#root);
    this.#dispatchSection(by);
    this.#ensure();
  }

  /** Reveal a record as soon as it is on the page; without one, or if it is not there, what `focus` names. */
  #want(record, focus) {
    this.#wanted = record || focus ? { record, name: focus ?? 'heading', focus: Boolean(focus) } : null;
  }

  /** `by`: who opened the section, the `member`, or the `page`, whose address says so already. */
  #dispatchSection(by) {
    this.dispatchEvent(sectionEvent(this.#ui, by));
  }

  /** Say of which partner the element wants to hear rings; null: of none. */
  #listen(partner) {
    if (partner === this.#listening) return;
    this.#listening = partner;
    this.dispatchEvent(new CustomEvent('gridwix-listen', { detail: { partner } }));
  }

  #show(changes) {
    Object.assign(this.state, changes);
    this.#render();
  }

  #render() {
    if (!this.isConnected || !this.#ui) return;
    const focused = this.#root.activeElement;
    this.#shown = patch(this.#root, this.#shown, shell(this.#ui));
    if (focused && focused !== this.#root.activeElement && focused.isConnected) focused.focus({ preventScroll: true });
    this.#marks.watch();
    this.#noticeTurns.watch(rowsOf(this.state, 'notices'));
    if (this.#wanted && reveal(this.#root, this.state, this.#wanted)) this.#wanted = null;
  }
}
