/** `wix-location-frontend`, as far as page code uses it. */

export default {
  query: Object.fromEntries(new URLSearchParams(location.search)),
  queryParams: {
    add(params) {
      const address = new URL(location.href);
      for (const [name, value] of Object.entries(params)) {
        address.searchParams.set(name, value);
      }
      history.replaceState(null, '', address);
    },
  },
};
