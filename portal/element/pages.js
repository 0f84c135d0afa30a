/**
 * Pages of the sections: the first comes with the portal, further ones on request. When the first
 * page changes, the further ones are read again.
 */

export class Pages {
  #first = {};
  #further = new Map();

  /** Drop all pages, because another partner is shown. */
  clear() {
    this.#first = {};
    this.#further = new Map();
  }

  /**
   * Replace the first pages, `{name: {rows, next, ...}}`. Returns the names of the sections whose
   * further pages must be read again.
   */
  take(sections) {
    const changed = [...this.#further.keys()].filter((name) => JSON.stringify(sections[name]?.rows) !== JSON.stringify(this.#first[name]?.rows));
    this.#first = sections;
    return changed;
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
  async more(name, read) {
    const first = this.#first;
    const before = this.#further.get(name) ?? { rows: [], count: 0, next: first[name]?.next };
    const answer = await read(name, before.next);
    // Meanwhile another partner may be shown, or these pages may have been read again.
    if (!answer.error && (this.#further.get(name) ?? before) === before && name in this.#first) {
      this.#further.set(name, { rows: [...before.rows, ...answer.rows], count: before.count + 1, next: answer.next });
    }
    return answer;
  }

  /**
   * Load the same number of further pages again. If that fails, only the first page stays, with its
   * `next`.
   */
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
