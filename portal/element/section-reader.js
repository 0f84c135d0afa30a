/**
 * Reads a partner's sections from the backend, when they are opened and when they change, and keeps
 * their rows.
 */

import { SectionChanges } from './changes.js';
import { Pages } from './pages.js';

/** Rows that a reader asks for, or that only change their language, are no news. */
const QUIET = true;

export class SectionReader {
  #call;
  #show;
  #pages = new Pages();
  #changes = new SectionChanges();
  #partner = null;
  #locale = 'en';
  #turn = 0;
  #portal = null;
  #loading = new Set();
  #failed = new Map();

  /**
   * `call(method, ...args)` asks the backend. `show(before, after)` gets the data of the page, see
   * `data`, before and after each change; `before` is null if the difference is no news.
   */
  constructor(call, show) {
    this.#call = call;
    this.#show = show;
  }

  /**
   * What the page shows: `{asOf, stale, texts, hidden, may, sections, loading, failed, unread}`; null
   * before the first response. `hidden` are the areas without a source, and the sections that the
   * member's role does not see. `may` are the `{sections, actions}` that it allows; null if the backend
   * does not say.
   * `sections` are those that were read, and the hidden ones, without rows; `loading` and `failed`
   * (errors by name) the others that were asked for. `unread(name)`: a section that was not read has
   * changed.
   */
  get data() {
    if (!this.#portal) return null;
    const changes = this.#changes;
    return { ...this.#portal, sections: { ...this.#emptySections(), ...this.#pages.shown() }, loading: new Set(this.#loading), failed: new Map(this.#failed), unread: (name) => changes.isUnread(name) };
  }

  /** The hidden areas, as sections without rows: a view may use each section that it needs. */
  #emptySections() {
    return Object.fromEntries([...this.#portal.hidden].map((name) => [name, { rows: [] }]));
  }

  /** Forget the partner: nothing that is still being read will be shown. */
  clear() {
    this.#turn += 1;
    this.#partner = null;
    this.#portal = null;
    this.#pages.clear();
    this.#changes = new SectionChanges();
    this.#loading.clear();
    this.#failed.clear();
  }

  /**
   * Show a partner, in a language, with the named sections and those that it had. Returns the
   * response; null if something else was opened meanwhile.
   */
  async open(partner, locale, names) {
    if (partner !== this.#partner) this.clear();
    const turn = (this.#turn += 1);
    this.#partner = partner;
    this.#locale = locale;
    this.#loading.clear();
    const wanted = [...new Set([...names, ...this.#pages.names()])];
    const changes = this.#changes;
    const ticket = changes.begin(wanted);
    const answer = await this.#call('getPortal', partner, locale, wanted);
    if (turn !== this.#turn || answer.error) {
      changes.end(ticket);
      return turn === this.#turn ? answer : null;
    }
    const { asOf, stale, texts } = answer;
    this.#update(ticket, answer, () => {
      this.#portal = { asOf, stale, texts, hidden: new Set(), may: null };
      this.#hide(answer);
      this.#failed.clear();
    }, QUIET);
    return answer;
  }

  /** Read those of the sections that were not read yet. Returns the response; null: none is missing. */
  async ensure(names) {
    const missing = names.filter((name) => !this.#pages.has(name) && !this.#loading.has(name) && !this.#portal?.hidden.has(name));
    if (!this.#portal || !missing.length) return null;
    this.#change(() => {
      for (const name of missing) {
        this.#loading.add(name);
        this.#failed.delete(name);
      }
    });
    return this.#read(missing, (error) => {
      for (const name of missing) {
        this.#loading.delete(name);
        if (error) this.#failed.set(name, error);
      }
    });
  }

  /** Read sections again, those that were read before. Returns the response; null: there is none. */
  async refresh(names) {
    const known = [...new Set(names)].filter((name) => this.#pages.has(name));
    return this.#portal && known.length ? this.#read(known) : null;
  }

  /** Ask for the numbers, then read the sections that changed. Returns the last response, or null. */
  async check() {
    const turn = this.#turn;
    const changes = this.#changes;
    const ticket = changes.begin();
    const answer = await this.#call('getChanges', this.#partner);
    if (turn !== this.#turn || answer.error) {
      changes.end(ticket);
      return turn === this.#turn ? answer : null;
    }
    this.#change(() => {
      changes.confirm(ticket, answer.numbers);
      this.#hide(answer);
      this.#notice(answer);
    });
    return (await this.readDue()) ?? answer;
  }

  /** Read the sections of which a ring or a check has told a change. Returns the response, or null. */
  readDue() {
    return this.refresh(this.#changes.due());
  }

  /**
   * Note the numbers of rings. Returns the audiences, `own` or `everybody`, because of which sections
   * have to be read. A hidden section with rows of the partner is shown from now on, unless the
   * member's role does not see it. One with rows for everybody waits for the next check, so that not
   * all pages read it at once.
   */
  hear(numbers) {
    const isNew = this.#changes.hear(numbers);
    const hidden = [...(this.#portal?.hidden ?? [])];
    const still = hidden.filter((name) => !(numbers.own?.[name] > 0) || this.#isDenied(name));
    if (still.length < hidden.length) this.#change(() => this.#hide({ hidden: still, may: this.#portal.may }));
    else if (isNew && this.#portal) this.#change(() => {}, QUIET);
    return this.#changes.causes();
  }

  /** Load the next page of a section. Returns the response; null if it no longer matters. */
  async more(name) {
    const turn = this.#turn;
    const answer = await this.#pages.loadMore(name, this.#page);
    if (turn !== this.#turn) return null;
    this.#change(() => {}, QUIET);
    return answer;
  }

  #page = (name, cursor) => this.#call('getMore', this.#partner, name, cursor, this.#locale);

  async #read(names, done = () => {}) {
    const turn = this.#turn;
    const changes = this.#changes;
    const ticket = changes.begin(names);
    const answer = await this.#call('getSections', this.#partner, names, this.#locale);
    if (turn !== this.#turn || answer.error) changes.end(ticket);
    if (turn !== this.#turn) return null;
    if (answer.error) this.#change(() => done(answer.error));
    else this.#update(ticket, answer, () => done(null));
    return answer;
  }

  /** Show the sections of a response, and read their further pages again if they changed. */
  #update(ticket, { sections, numbers = null }, more, quiet = false) {
    const turn = this.#turn;
    let outdated = [];
    this.#change(() => {
      more();
      const shown = this.#changes.finish(ticket, numbers).filter((name) => !this.#portal.hidden.has(name));
      this.#forget(this.#portal.hidden);
      outdated = this.#pages.replaceFirst(Object.fromEntries(shown.map((name) => [name, sections[name]])));
      Object.values(sections).forEach((section) => this.#notice(section));
    }, quiet);
    for (const name of outdated) this.#pages.reload(name, this.#page).then(() => turn === this.#turn && this.#change(() => {}, QUIET));
  }

  /**
   * Take over the hidden areas of a response, and what the member may do; an earlier backend has
   * neither. A section that is shown from now on is read when a view needs it.
   */
  #hide({ hidden = [], may = null }) {
    Object.assign(this.#portal, { hidden: new Set(hidden), may });
    this.#forget(this.#portal.hidden);
  }

  /** True if the member's role does not see a section. `hidden` has others, which are no sections. */
  #isDenied(name) {
    const { may } = this.#portal;
    return Boolean(may) && !may.sections.includes(name) && name !== 'compliance';
  }

  /** Drop the rows of sections: they count as never read. */
  #forget(names) {
    for (const name of names) {
      this.#pages.drop(name);
      this.#changes.forget(name);
    }
  }

  /** Note how current the data is: the latest time counts. */
  #notice({ asOf, stale }) {
    if (asOf && (!this.#portal.asOf || asOf >= this.#portal.asOf)) Object.assign(this.#portal, { asOf, stale });
  }

  #change(work, quiet = false) {
    const before = this.data;
    work();
    this.#show(quiet ? null : before, this.data);
  }
}
