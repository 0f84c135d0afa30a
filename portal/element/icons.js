/**
 * Small icons in the color of the text beside them. They are decorative: the words say the same.
 */

import { h } from './html.js';

const PATHS = {
  overview: ['M4 11.5 12 4l8 7.5', 'M6 10v10h12V10', 'M10 20v-6h4v6'],
  onboarding: ['M5 21V4', 'M5 5h12l-2.5 4L17 13H5'],
  issues: ['M12 3 2.5 20h19L12 3Z', 'M12 10v4.5', 'M12 17.2v.3'],
  notices: ['M4 10v4h3l6 4V6l-6 4H4Z', 'M16.5 9a4 4 0 0 1 0 6', 'M19 6.5a8 8 0 0 1 0 11'],
  documents: ['M6 3h8l4 4v14H6V3Z', 'M14 3v4h4', 'M9 12h6', 'M9 16h6'],
  requests: ['M4 5h16v11H9l-5 4V5Z', 'M8 9h8', 'M8 12.5h5'],
  activity: ['M4 20h16', 'M7 16v-5', 'M12 16V5', 'M17 16V9'],
  messages: ['M3 6h18v12H3V6Z', 'm3 7 9 6.5L21 7'],
  people: ['M9 4.5a3.5 3.5 0 1 0 0 7 3.5 3.5 0 0 0 0-7Z', 'M2.5 20c.4-4 3-6 6.5-6s6.1 2 6.5 6', 'M15.5 5a3.2 3.2 0 0 1 0 6', 'M18 14.5c2 .8 3.2 2.6 3.5 5.5'],
  check: ['m5 12.5 4.5 4.5L19 7.5'],
  alert: ['M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18Z', 'M12 8v5', 'M12 16v.3'],
  info: ['M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18Z', 'M12 11v5', 'M12 8v.3'],
  clock: ['M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18Z', 'M12 7v5.2l3.2 2'],
  calendar: ['M4 6h16v14H4V6Z', 'M4 10h16', 'M8 3.5v4', 'M16 3.5v4'],
  lock: ['M6 11h12v9H6v-9Z', 'M8.5 11V8a3.5 3.5 0 0 1 7 0v3'],
  open: ['M14 4h6v6', 'M20 4 11 13', 'M18 14v6H4V6h6'],
  upload: ['M12 16V4', 'm7 9 5-5 5 5', 'M4 16v4h16v-4'],
  key: ['M8 10.5a4.5 4.5 0 1 0 0 9 4.5 4.5 0 0 0 0-9Z', 'm11.5 12 8-8', 'm16 7.5 3 3'],
  search: ['M10.5 4a6.5 6.5 0 1 0 0 13 6.5 6.5 0 0 0 0-13Z', 'm15.5 15.5 5 5'],
  print: ['M7 9V3.5h10V9', 'M7 17H4V9h16v8h-3', 'M7 14h10v6.5H7V14Z'],
  bell: ['M6 17V11a6 6 0 0 1 12 0v6l1.5 2h-15L6 17Z', 'M10 21.5h4'],
  settings: ['M4 7h9', 'M17 7h3', 'M15 4.5v5', 'M4 17h3', 'M11 17h9', 'M9 14.5v5'],
  dot: ['M12 8a4 4 0 1 0 0 8 4 4 0 0 0 0-8Z'],
};

export function icon(name) {
  return h(
    'svg',
    {
      class: 'icon',
      viewBox: '0 0 24 24',
      'aria-hidden': 'true',
      focusable: 'false',
      fill: 'none',
      stroke: 'currentColor',
      'stroke-width': '1.8',
      'stroke-linecap': 'round',
      'stroke-linejoin': 'round',
    },
    PATHS[name].map((d, index) => h('path', { key: String(index), d })),
  );
}
