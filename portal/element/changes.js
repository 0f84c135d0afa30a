/**
 * Decides which sections of one partner have to be read again. Pure: no time, no network.
 *
 * gridwix counts how often the rows of a section changed, once for the partner (`own`) and once for
 * the rows that everybody sees, and increases a number after it has written the rows. So rows that
 * were asked for after number n was heard include all changes up to n. Numbers may be heard twice,
 * late, out of order, or never: only a number greater than the rows include causes a read.
 */

const AUDIENCES = ['own', 'everybody'];

export class SectionChanges {
  #heard = { own: {}, everybody: {} };
  /** The numbers at the start, for sections whose rows have not been read. */
  #first = null;
  /** What the rows of a section include, `{own, everybody, order}`, by section. */
  #included = new Map();
  #running = new Set();
  #order = 0;

  /** Note numbers, `{own: {section: n}, everybody: {section: n}}`. Returns whether one is new. */
  hear(numbers) {
    let news = false;
    for (const audience of AUDIENCES) {
      for (const [name, number] of Object.entries(numbers?.[audience] ?? {})) {
        if (!Number.isFinite(number) || number <= this.#number(audience, name)) continue;
        this.#heard[audience][name] = number;
        news = true;
      }
    }
    return news;
  }

  /**
   * A read of sections, or of numbers only, begins. Pass the ticket to `finish` or `confirm`, and to
   * `end` when the read failed.
   */
  begin(names = []) {
    const ticket = { order: (this.#order += 1), names, heard: structuredClone(this.#heard) };
    this.#running.add(ticket);
    return ticket;
  }

  /** A read ended without rows: its sections are still to be read. */
  end(ticket) {
    this.#running.delete(ticket);
  }

  /**
   * The rows of a read have arrived, with `numbers` if these were read before the rows. Returns the
   * names of the sections to show: those of which no later read has arrived already.
   */
  finish(ticket, numbers = null) {
    this.end(ticket);
    if (numbers) this.confirm(ticket, numbers);
    this.#first ??= structuredClone(this.#heard);
    const shown = ticket.names.filter((name) => !(this.#included.get(name)?.order > ticket.order));
    for (const name of shown) {
      // Numbers that were read after the ticket are greater, or counted anew.
      const [own, everybody] = AUDIENCES.map((audience) => (numbers ?? ticket.heard)[audience]?.[name] ?? 0);
      this.#included.set(name, { own, everybody, order: ticket.order });
    }
    return shown;
  }

  /**
   * The backend's own numbers have arrived. A number that is smaller than one that was heard before
   * the read began was counted anew, for example because the collection was made anew: its section
   * is read again.
   */
  confirm(ticket, numbers) {
    this.end(ticket);
    for (const audience of AUDIENCES) {
      for (const [name, before] of Object.entries(ticket.heard[audience])) {
        const now = numbers?.[audience]?.[name] ?? 0;
        if (now >= before) continue;
        // Unless a ring has told of a later number meanwhile.
        if (this.#heard[audience][name] === before) this.#heard[audience][name] = now;
        const included = this.#included.get(name);
        if (included) this.#included.set(name, { ...included, [audience]: -1 });
      }
    }
    return this.hear(numbers);
  }

  /** The rows of a section were dropped. */
  forget(name) {
    this.#included.delete(name);
  }

  /** The sections, among those whose rows were read, that have to be read again now. */
  due() {
    return [...this.#included.keys()].filter((name) => this.#isNewer(name, this.#included.get(name)) && !this.#isRunning(name));
  }

  /** The audiences, `own` or `everybody`, because of which sections are due. */
  causes() {
    return AUDIENCES.filter((audience) => this.due().some((name) => this.#number(audience, name) > this.#included.get(name)[audience]));
  }

  /** True if a section has changed since the start, and its rows have not been read. */
  isUnread(name) {
    if (this.#included.has(name) || !this.#first) return false;
    return this.#isNewer(name, { own: this.#first.own[name] ?? 0, everybody: this.#first.everybody[name] ?? 0 });
  }

  #number(audience, name) {
    return this.#heard[audience][name] ?? 0;
  }

  #isNewer(name, included) {
    return AUDIENCES.some((audience) => this.#number(audience, name) > included[audience]);
  }

  /** True if a running read began after the latest numbers were heard. */
  #isRunning(name) {
    return [...this.#running].some(
      ({ names, heard }) => names.includes(name) && AUDIENCES.every((audience) => (heard[audience][name] ?? 0) >= this.#number(audience, name)),
    );
  }
}
