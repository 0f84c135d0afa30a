/** A page with the element, as a site's page has it. The address says how: `?locale=de&section=issues&transport=events&theme=dark`. */

import { createBackend } from './backend.js';
import { world } from './world.js';

const asked = new URLSearchParams(location.search);
const element = document.createElement('gridwix-portal');
const backend = createBackend(world(asked.get('world') ?? 'full'));
window.portal = { element, ...backend };

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
