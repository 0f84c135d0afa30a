/** Registers `<gridwix-portal>`. */

import { GridwixPortal } from './portal.js';

export { GridwixPortal };
export { addTexts } from './texts/index.js';

if (!customElements.get('gridwix-portal')) customElements.define('gridwix-portal', GridwixPortal);
