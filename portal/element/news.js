/** What is new on the page: rows that changed, and answers that arrived. */

const FRESH_FOR = 4_000;
const ANNOUNCED_FOR = 6_000;

/**
 * Return the ids of the rows that are new or changed, `Map(section -> Set(id))`, of the sections that
 * both states have. A section of which rows only went has an empty set.
 */
export function changedRows(before, after) {
  const found = new Map();
  for (const [name, { rows }] of Object.entries(after)) {
    if (!(name in before)) continue;
    const known = new Map(before[name].rows.map((row) => [row.id, JSON.stringify(row)]));
    const changed = rows.filter((row) => known.get(row.id) !== JSON.stringify(row));
    if (changed.length || rows.length !== known.size) found.set(name, new Set(changed.map(({ id }) => id)));
  }
  return found;
}

/** Return the announcement of changed sections and of `count` new rows; an empty text for nothing. */
export function changesText(ui, changed, count) {
  const names = [...changed.keys()].map((name) => ui.known(`nav.${name}`)).filter(Boolean);
  return [names.length && ui.t('changed.said', { sections: ui.list(names) }), count && ui.t('new.said', { count })].filter(Boolean).join(' ');
}

/** Return those of the partner's submissions whose row has not appeared yet. */
export function stillSent(sent, partner, requests) {
  const references = new Set((requests?.rows ?? []).map((row) => row.reference));
  return sent.filter((item) => item.partner !== partner || !references.has(item.reference));
}

/** The rows that light up: `show(Map(section -> Set(id)))` now, and without them a moment later. */
export class Highlights {
  #show;
  #fresh = new Map();
  #timer = null;

  constructor(show) {
    this.#show = show;
  }

  add(changed) {
    for (const [name, ids] of changed) this.#fresh.set(name, new Set([...(this.#fresh.get(name) ?? []), ...ids]));
    this.#show(new Map(this.#fresh));
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.clear();
      this.#show(new Map());
    }, FRESH_FOR);
  }

  clear() {
    clearTimeout(this.#timer);
    this.#fresh = new Map();
  }
}

/** Announces texts to screen readers: `show(text)` in the live region, for a few seconds. */
export class Announcer {
  #show;
  #timer = null;

  constructor(show) {
    this.#show = show;
  }

  /** Say a text after any other; "" says nothing. */
  say(text) {
    if (!text) return;
    this.clear();
    this.#show(text);
    this.#timer = setTimeout(() => this.#show(''), ANNOUNCED_FOR);
  }

  clear() {
    clearTimeout(this.#timer);
  }
}
