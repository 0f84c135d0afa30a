/**
 * `wix-location-frontend`, as far as page code uses it.
 *
 * Each change of the query parameters is an entry of the browser's history, and runs the handlers of
 * `onChange`, as do Back and Forward.
 *
 * Source: https://dev.wix.com/docs/velo/apis/wix-location-frontend/introduction; that `add` pushes an
 * entry is in the published source of Wix's site renderer (feature-location-wix-code-sdk).
 */

const handlers = [];

function changed() {
  for (const handler of handlers) {
    handler();
  }
}

function push(change) {
  const address = new URL(location.href);
  change(address.searchParams);
  if (address.href !== location.href) {
    history.pushState(null, '', address);
  }
  // Page code is elsewhere on a Wix site: it hears of the change later.
  queueMicrotask(changed);
}

window.addEventListener('popstate', changed);

export default {
  get query() {
    return Object.fromEntries(new URLSearchParams(location.search));
  },
  queryParams: {
    add: (params) => push((found) => Object.entries(params).forEach(([name, value]) => found.set(name, value))),
    remove: (names) => push((found) => names.forEach((name) => found.delete(name))),
  },
  onChange: (handler) => handlers.push(handler),
};
