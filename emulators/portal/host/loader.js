/**
 * Node's module loader with a Wix site's modules: `backend/...` in a folder, Wix's modules in
 * `shims`, and nothing else.
 */

import { existsSync, readdirSync } from 'node:fs';
import { registerHooks } from 'node:module';

const SHIMS = new URL('shims/', import.meta.url);
const OF_NODE = ['buffer', 'crypto'];
const known = new Set(readdirSync(SHIMS).map((name) => name.replace(/\.js$/, '')));

/**
 * Load `backend/...` from a folder from now on. A module there can import only what a Wix site has.
 */
export function serveVelo(folder) {
  const module = (url) => ({ url, format: 'module', shortCircuit: true });
  registerHooks({
    resolve(specifier, context, next) {
      if (specifier.startsWith('backend/')) {
        return module(new URL(specifier.slice('backend/'.length), folder).href);
      }
      if (!context.parentURL?.startsWith(folder.href)) {
        return next(specifier, context);
      }
      if (known.has(specifier)) {
        return module(new URL(`${specifier}.js`, SHIMS).href);
      }
      if (OF_NODE.includes(specifier)) {
        return next(specifier, context);
      }
      throw new Error(`${specifier} is no module that the portal's backend finds on a Wix site`);
    },
  });
}

/** Return the exports of a backend file, or null if the site has no such file. */
export async function loadModule(portal, name) {
  return existsSync(new URL(`backend/${name}`, portal)) ? import(`backend/${name}`) : null;
}
