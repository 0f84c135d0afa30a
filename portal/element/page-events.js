/** Connects the element with the page around it: printing, shortcuts, and the link of an invitation. */

import { addressOf } from './addresses.js';
import { listenToInvitation } from './invitation-link.js';
import { listenToKeys } from './keys.js';
import { preparePrint } from './printing.js';

/** `show(changes)` changes the element's state. Returns a function that ends it. */
export function connectToPage(host, root, ui, show) {
  const endings = [preparePrint(root, (printing) => show({ printing })), listenToKeys(host, root, ui), listenToInvitation((invitation) => show({ invitation }))];
  return () => endings.forEach((end) => end());
}

/** The event that says which section is open. `by`: the `member`, or the `page`, opened it. */
export function sectionEvent(ui, by) {
  const { section, record, partner } = ui.state;
  const title = [ui.t(`nav.${section}`), partner?.name].filter(Boolean).join(' - ');
  return new CustomEvent('gridwix-section', { detail: { section, record, address: addressOf(ui.state), partner: partner?.id ?? null, title, by } });
}
