/** Texts of the view Activity, of trends, and of files: previews, and dragging and dropping. */

import { de } from './de.js';
import { en } from './en.js';
import { es } from './es.js';
import { fr } from './fr.js';

export const views = { en, de, fr, es };
