/**
 * State of the element before its first poll, which the sections render.
 */

/**
 * `phase`: loading, failed, invitation or ready. `current`: the last poll succeeded. `said`: the
 * announcement for screen readers. `actions`, `drafts`, `faults` and `answered` are by the id of
 * an action.
 */
export const initialState = () => ({
  phase: 'loading',
  code: null,
  session: null,
  partner: null,
  data: null,
  current: true,
  checkedAt: null,
  section: 'overview',
  said: '',
  actions: new Map(),
  drafts: new Map(),
  faults: new Map(),
  sent: [],
  answered: new Map(),
  forms: null,
});
