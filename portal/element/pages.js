/**
 * Pages of the sections: the first comes when a section is opened, further ones on request. When the
 * first page is read again, the further ones are, too.
 */

export class Pages {
  #first = {};
  #further = new Map();
  /** The latest call of `reload`, by section. */
  #reloads = new Map();

  /** Drop all pages, because another partner is shown. */
  clear() {
    this.#first = {};
    this.#further = new Map();
    this.#reloads = new Map();
  }

  /** Drop the pages of one section. */
  drop(name) {
    delete this.#first[name];
    this.#further.delete(name);
    this.#reloads.delete(name);
  }

  names() {
    return Object.keys(this.#first);
  }

  has(name) {
    return Object.hasOwn(this.#first, name);
  }

  /**
   * Replace the first pages of some sections, `{name: {rows, next, ...}}`. Returns the names of those
   * whose further pages must be read again.
   */
  replaceFirst(sections) {
    this.#first = { ...this.#first, ...sections };
    return Object.keys(sections).filter((name) => this.#further.has(name));
  }

  /**
   * Return the sections with all loaded rows, deduplicated, and the `next` of the last page.
   * `extended`: the reader has loaded more pages.
   */
  shown() {
    return Object.fromEntries(Object.entries(this.#first).map(([name, section]) => [name, this.#whole(name, section)]));
  }

  #whole(name, section) {
    const further = this.#further.get(name);
    if (!further) return section;
    const seen = new Set(section.rows.map(({ id }) => id));
    return { ...section, rows: [...section.rows, ...further.rows.filter(({ id }) => !seen.has(id))], next: further.next, extended: true };
  }

  /** Load one more page of a section with `read(name, cursor)`. Returns its response. */
  async loadMore(name, read) {
    const [all, first, had] = [this.#further, this.#first[name], this.#further.get(name)];
    const before = had ?? { rows: [], count: 0, next: first?.next };
    const answer = await read(name, before.next);
    // Meanwhile another partner may be shown, or these pages may have been read again.
    if (!answer.error && all === this.#further && all.get(name) === had) {
      this.#further.set(name, { rows: [...before.rows, ...answer.rows], count: before.count + 1, next: answer.next });
      // Nobody has asked for the first of the further pages again, because it was not there yet.
      if (!had && this.#first[name] !== first) await this.reload(name, read);
    }
    return answer;
  }

  /**
   * Load the further pages again, with those that are loaded meanwhile. If that fails, only the first
   * page stays, with its `next`. When it is called again before it has ended, only the last call counts.
   */
  async reload(name, read) {
    const mine = Symbol(name);
    this.#reloads.set(name, mine);
    let before = this.#further.get(name);
    const found = { rows: [], count: 0, next: this.#first[name]?.next };
    while (before && found.next && found.count < before.count) {
      const answer = await read(name, found.next);
      if (this.#reloads.get(name) !== mine) return;
      if (answer.error) return void this.#further.delete(name);
      found.rows.push(...answer.rows);
      found.next = answer.next;
      found.count += 1;
      before = this.#further.get(name);
    }
    if (before) this.#further.set(name, found);
  }
}
