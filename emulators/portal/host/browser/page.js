/**
 * Globals of page code on a Wix site: `$w`, with the elements of the page by their ids.
 *
 * Source: https://dev.wix.com/docs/velo/velo-only-apis/$w/introduction
 */

const ready = [];

function $w(selector) {
  const element = document.querySelector(selector);
  return {
    setAttribute: (name, value) => element.setAttribute(name, value),
    on: (type, listener) => element.addEventListener(type, listener),
  };
}

$w.onReady = (work) => ready.push(work);
globalThis.$w = $w;

await import('/page/partner-portal.js');
await Promise.all(ready.map((work) => work()));
await import('/element/index.js');
