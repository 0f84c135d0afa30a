/**
 * A page with the element, as a site's page has it. The address says how:
 * `?locale=de&section=issues&transport=events&theme=dark&realtime=off`.
 */

import { createBackend } from './backend.js';
import { world } from './world.js';

const asked = new URLSearchParams(location.search);
const element = document.createElement('gridwix-portal');
const backend = createBackend(world(asked.get('world') ?? 'full'));

/** What the page's code has told the element of rings; `ring` and `connect` change it. */
const rings = { partner: null, connected: false, own: {}, everybody: {}, spread: { own: 0, everybody: 0 }, connection: 0 };
const tell = () => element.setAttribute('rings', JSON.stringify(rings));

window.portal = {
  element,
  ...backend,
  /** Ring the numbers that the backend has by now, or others. */
  ring(numbers = backend.numbersOf(rings.partner)) {
    if (!rings.connected) return;
    Object.assign(rings, structuredClone(numbers));
    tell();
  },
  /** Let rings arrive, or no longer. */
  connect(connected, spread = rings.spread) {
    Object.assign(rings, { connected, spread, connection: rings.connection + (connected ? 1 : 0) });
    tell();
  },
};

element.addEventListener('gridwix-listen', ({ detail: { partner } }) => {
  Object.assign(rings, { partner, own: {}, everybody: {} });
  if (partner && asked.get('realtime') !== 'off') window.portal.connect(true);
});

document.documentElement.className = asked.get('theme') ?? 'light';
for (const name of ['locale', 'section', 'partner', 'time-zone']) if (asked.has(name)) element.setAttribute(name, asked.get(name));
if (asked.get('transport') === 'events') {
  const listen = () =>
    element.addEventListener('gridwix-call', async ({ detail: { id, method, args } }) => {
      const result = await backend.functions[method](...args).catch(() => ({ error: { code: 'unavailable' } }));
      element.setAttribute('answer', JSON.stringify({ id, result }));
    });
  setTimeout(listen, Number(asked.get('listen') ?? 0));
} else if (asked.get('transport') !== 'none') element.backend = backend.functions;
document.querySelector('main').append(element);
await import('/portal/element/index.js');
