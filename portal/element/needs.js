/** Which sections' rows a view needs. Rows are read when a view that needs them is opened. */

/** Header, service notice and navigation, which every view has. */
const FRAME = ['status', 'notices'];

const NEEDS = {
  overview: ['issues', 'documents', 'requests', 'messages'],
  onboarding: ['onboarding'],
  // What the partner has sent tells whether an issue still waits for it.
  issues: ['issues', 'requests'],
  notices: [],
  documents: ['documents'],
  requests: ['requests'],
  messages: ['messages'],
};

export const VIEW_NAMES = Object.keys(NEEDS);

/** Return the sections that a view needs, with those of the frame. */
export function needsOf(view) {
  return [...FRAME, ...NEEDS[view]];
}
