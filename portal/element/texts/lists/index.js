/** Texts of lists, of the search, of shortcuts, and of paper. */

import { de } from './de.js';
import { en } from './en.js';
import { es } from './es.js';
import { fr } from './fr.js';

export const lists = { en, de, fr, es };
