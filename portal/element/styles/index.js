/** The element's style sheet, made once for all elements of a page. */

import { colours } from './colours.js';
import { controls } from './controls.js';
import { frame } from './frame.js';
import { parts } from './parts.js';
import { sections } from './sections.js';

let sheet = null;

export function styles() {
  if (!sheet) {
    sheet = new CSSStyleSheet();
    sheet.replaceSync([colours, frame, parts, controls, sections].join('\n'));
  }
  return sheet;
}
