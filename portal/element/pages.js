/** The pages of the sections: the first comes with the portal, further ones when the reader asks for more. What changes on the first is read anew behind it. */

export class Pages {
  #first = {};
  #further = new Map();

  /** Forget everything, as another partner is shown. */
  clear() {
    this.#first = {};
    this.#further = new Map();
  }

  /** New first pages, `{name: {rows, next, ...}}`. Gives the names of the sections whose further pages have to be read anew. */
  take(sections) {
    const changed = [...this.#further.keys()].filter((name) => JSON.stringify(sections[name]?.rows) !== JSON.stringify(this.#first[name]?.rows));
    this.#first = sections;
    return changed;
  }

  /** The sections as they are shown: all rows that are there, each once, and the `next` of the last page. `extended`: the reader has asked for more. */
  shown() {
    return Object.fromEntries(Object.entries(this.#first).map(([name, section]) => [name, this.#whole(name, section)]));
  }

  #whole(name, section) {
    const further = this.#further.get(name);
    if (!further) return section;
    const seen = new Set(section.rows.map(({ id }) => id));
    return { ...section, rows: [...section.rows, ...further.rows.filter(({ id }) => !seen.has(id))], next: further.next, extended: true };
  }

  /** Read one more page of a section with `read(name, cursor)`. Gives its answer. */
  async more(name, read) {
    const first = this.#first;
    const before = this.#further.get(name) ?? { rows: [], count: 0, next: first[name]?.next };
    const answer = await read(name, before.next);
    // Meanwhile the page may be another partner's, or these pages may have been read anew.
    if (!answer.error && (this.#further.get(name) ?? before) === before && name in this.#first) {
      this.#further.set(name, { rows: [...before.rows, ...answer.rows], count: before.count + 1, next: answer.next });
    }
    return answer;
  }

  /** Read as many pages behind the first one as there were. If that fails there is the first one alone, which says that there is more. */
  async renew(name, read) {
    const before = this.#further.get(name);
    const found = { rows: [], count: 0, next: this.#first[name]?.next };
    while (before && found.next && found.count < before.count) {
      const answer = await read(name, found.next);
      if (this.#further.get(name) !== before) return;
      if (answer.error) return void this.#further.delete(name);
      found.rows.push(...answer.rows);
      found.next = answer.next;
      found.count += 1;
    }
    if (before) this.#further.set(name, found);
  }
}
