/** Texts of the member's own part: settings, and what is new. */

import { de } from './de.js';
import { en } from './en.js';
import { es } from './es.js';
import { fr } from './fr.js';

export const mine = { en, de, fr, es };
