/** Connects the element with the page around it: printing, and shortcuts. */

import { listenToKeys } from './keys.js';
import { preparePrint } from './printing.js';

/** `show(changes)` changes the element's state. Returns a function that ends it. */
export function connectToPage(host, root, ui, show) {
  const endings = [preparePrint(root, (printing) => show({ printing })), listenToKeys(host, root, ui)];
  return () => endings.forEach((end) => end());
}
