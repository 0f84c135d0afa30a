/**
 * State of the element before its first response, which the sections render.
 */

/**
 * `phase`: loading, failed, invitation or ready. `data`: see `SectionReader.data`. `current`: the
 * last read succeeded; `error` of the last that did not. `record`: the id of the record that is to be shown, and `list`: what the
 * view's list is narrowed to, both from the address. `unfolded`: the list's filters are unfolded,
 * where there is little room. `printing`: the page is being printed. `fresh`:
 * the ids of rows that have just changed, by section. `said`: the announcement for screen readers.
 * `activityLine`: the type and direction of documents that the reader has chosen. `actions`,
 * `drafts`, `faults` and `answered` are by the id of an action. `settings` and `saves`: see
 * `own-settings.js`. `people`: see `people.js`. `forms`: the request forms of the partner `formsOf`. `newsOpen`: the list of what is
 * new is open. `invitation`: the code of the link by which the page was opened, or ''.
 */
export const initialState = () => ({
  phase: 'loading',
  error: null,
  session: null,
  partner: null,
  data: null,
  current: true,
  checkedAt: null,
  section: 'overview',
  record: null,
  list: {},
  unfolded: false,
  printing: false,
  fresh: new Map(),
  said: '',
  actions: new Map(),
  drafts: new Map(),
  faults: new Map(),
  sent: [],
  answered: new Map(),
  forms: null,
  formsOf: null,
  activityLine: '',
  settings: null,
  people: null,
  saves: new Map(),
  newsOpen: false,
  invitation: '',
});
