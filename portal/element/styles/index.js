/** The element's style sheet, made once for all elements of a page. */

import { activity } from './activity.js';
import { colors } from './colors.js';
import { controls } from './controls.js';
import { disclosures } from './disclosures.js';
import { files } from './files.js';
import { frame } from './frame.js';
import { headTools } from './head-tools.js';
import { lists } from './lists.js';
import { member } from './member.js';
import { navigation } from './navigation.js';
import { parts } from './parts.js';
import { print } from './print.js';
import { records } from './records.js';
import { sections } from './sections.js';
import { states } from './states.js';

let sheet = null;

export function styles() {
  if (!sheet) {
    sheet = new CSSStyleSheet();
    sheet.replaceSync([colors, frame, navigation, states, parts, disclosures, controls, sections, records, activity, files, headTools, member, print, lists].join('\n'));
  }
  return sheet;
}
