/** Texts of a limit that a member has reached. `most` is a number; `time` is today's time of the day, or has the date. */

import { de } from './de.js';
import { en } from './en.js';
import { es } from './es.js';
import { fr } from './fr.js';

export const limits = { de, en, es, fr };
