/** Which sections' rows a view needs. Rows are read when a view that needs them is opened. */

/** Header, service notice and navigation, which every view has. */
const FRAME = ['status', 'notices'];

const NEEDS = {
  overview: ['issues', 'documents', 'requests', 'messages', 'activity'],
  onboarding: ['onboarding'],
  // What the partner has sent tells whether an issue still waits for it.
  issues: ['issues', 'requests'],
  notices: [],
  activity: ['activity'],
  documents: ['documents'],
  requests: ['requests'],
  messages: ['messages'],
  // It reads its own rows, which no ring names.
  people: [],
  search: ['onboarding', 'issues', 'documents', 'requests', 'messages'],
  settings: [],
};

export const VIEW_NAMES = Object.keys(NEEDS);

/** Views that the navigation lists. */
export const NAVIGATION = VIEW_NAMES.filter((name) => !['search', 'settings'].includes(name));

/** Return the sections that a view needs, with those of the frame. */
export function needsOf(view) {
  return [...FRAME, ...NEEDS[view]];
}

/**
 * Return the sections that are read again from time to time although no ring has named them. Not
 * those of a search: they would be all of them.
 */
export function safetyOf(view) {
  return view === 'search' ? FRAME : needsOf(view);
}
