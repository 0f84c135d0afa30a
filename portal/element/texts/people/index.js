/** Texts of the section People. */

import { de } from './de.js';
import { en } from './en.js';
import { es } from './es.js';
import { fr } from './fr.js';

export const people = { en, de, fr, es };
