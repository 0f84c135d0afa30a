/**
 * What the member has read at one partner: the marks of the backend, and those that are not sent
 * yet. Pure: no time of its own, no network.
 *
 * A mark of a section is `{upTo, ids: {id: time}}`. Marks are only added, so those of two devices
 * cannot undo one another (`portal/backend/marks.js`, whose rule `isRead` is the same).
 */

/** Sections whose rows are marked. */
export const MARKED_SECTIONS = ['issues', 'notices', 'documents', 'requests', 'messages'];

/** Milliseconds: a row that has not changed for longer is no news, even to a member who is new. */
const NEWS_FOR = 30 * 86_400_000;

/** Ids of a section that the backend takes in one call, and keeps. */
const MOST_IDS = 100;

/** Milliseconds by which a row may be ahead of the clock: the backend refuses marks beyond that. */
const AHEAD = 3_600_000;

/** Statuses that are no news to the sender: nobody has answered yet, or what was sent is in place. */
const JUST_SENT = new Set(['received', 'new', 'done']);

/**
 * Return when a row last changed for its reader, as an ISO string in UTC; null for a row that is no
 * news: one without a time, and what the partner itself has sent, until somebody answers.
 */
export function changedAt(section, row) {
  const at = { messages: row.sentAt, requests: answeredAt(row) };
  const time = Date.parse((section in at ? at[section] : row.updatedAt) ?? '');
  return Number.isNaN(time) ? null : new Date(time).toISOString();
}

function answeredAt({ kind, status, changedAt: at, submittedAt, comments }) {
  const answers = (comments ?? []).filter(({ author }) => author === 'hub').map(({ createdAt }) => createdAt).filter(Boolean);
  if (at && !JUST_SENT.has(status)) answers.push(at);
  if (answers.length) return answers.sort((one, other) => Date.parse(one) - Date.parse(other)).at(-1);
  return kind === 'request' || JUST_SENT.has(status) ? null : submittedAt;
}

/** True if a row that last changed at `at` is read by a mark. */
export function isRead(mark, id, at) {
  return (mark.upTo !== null && at <= mark.upTo) || (Object.hasOwn(mark.ids, id) && at <= mark.ids[id]);
}

export class ReadMarks {
  /** The marks of the backend; null until they were read. */
  #stored = null;
  #sending = {};
  #pending = {};
  /** What the backend will never take: read on this page only. */
  #refused = {};

  get known() {
    return this.#stored !== null;
  }

  get hasPending() {
    return Object.keys(this.#pending).length > 0;
  }

  /** Note the marks of the backend. */
  store(marks) {
    this.#stored = marks;
  }

  /** True if a row of a section is news at `now`, in milliseconds. False until the marks are known. */
  isUnread(section, row, now) {
    const at = this.known && MARKED_SECTIONS.includes(section) ? changedAt(section, row) : null;
    return at !== null && isRecent(at, now) && ![this.#stored, this.#sending, this.#pending, this.#refused].some((marks) => marks[section] && isRead(marks[section], row.id, at));
  }

  /** A row was read, as it is now. */
  add(section, row) {
    const at = changedAt(section, row);
    if (at !== null) this.#markOf(section).ids[row.id] = at;
  }

  /** All rows of a section were read, and what is older than the newest of them. */
  addAll(section, rows, now) {
    const newest = rows
      .map((row) => changedAt(section, row))
      .filter((at) => at !== null && isRecent(at, now))
      .sort()
      .at(-1);
    if (newest !== undefined) this.#pending[section] = { upTo: newest, ids: {} };
  }

  /** Return what is to be sent. `end`, `fail` or `refuse` says what became of it. */
  begin() {
    this.#sending = this.#pending;
    this.#pending = {};
    return Object.fromEntries(Object.entries(this.#sending).map(([section, { upTo, ids }]) => [section, { upTo, ids: newest(ids) }]));
  }

  /** It was stored. */
  end() {
    this.#sending = {};
  }

  /** It is to be sent again. */
  fail() {
    this.#pending = join(this.#sending, this.#pending);
    this.#sending = {};
  }

  /** It would be refused each time. */
  refuse() {
    this.#refused = join(this.#refused, this.#sending);
    this.#sending = {};
  }

  #markOf(section) {
    this.#pending[section] ??= { upTo: null, ids: {} };
    return this.#pending[section];
  }
}

/** Return marks with those of both, where the later ones win. */
function join(earlier, later) {
  const names = [...new Set([...Object.keys(earlier), ...Object.keys(later)])];
  const marks = names.map((name) => [earlier[name], later[name]].map((mark) => mark ?? { upTo: null, ids: {} }));
  return Object.fromEntries(marks.map(([one, other], place) => [names[place], { upTo: other.upTo ?? one.upTo, ids: { ...one.ids, ...other.ids } }]));
}

function isRecent(at, now) {
  const age = now - Date.parse(at);
  return age <= NEWS_FOR && age >= -AHEAD;
}

function newest(ids) {
  const sorted = Object.entries(ids).sort(([, one], [, other]) => (one < other ? 1 : -1));
  return Object.fromEntries(sorted.slice(0, MOST_IDS));
}
