/**
 * The code of an invitation in the page's address, `#invitation=CODE`.
 *
 * It is removed from the address at once, so that no bookmark, history entry or copied address has
 * it, and kept for this tab: the person may have to log in before.
 */

const KEY = 'gridwix-invitation';
/** 160 bits in base32, in groups or not. The backend reads more spellings; links have this one. */
const CODE = /^(?:[A-Z2-7]{4}-?){8}$/;

/**
 * Call `tell(code)` when the page opens, and when its fragment changes; without an invitation the code
 * is ''. Returns a function that ends it.
 */
export function listenToInvitation(tell) {
  const take = () => tell(takeCode());
  take();
  window.addEventListener('hashchange', take);
  return () => window.removeEventListener('hashchange', take);
}

/** Keep the code no longer: it was accepted, or is not valid. */
export function forgetInvitation() {
  inStorage((storage) => storage.removeItem(KEY));
}

/** Return the code of this tab's invitation, or ''. */
function takeCode() {
  const code = new URLSearchParams(location.hash.slice(1)).get('invitation');
  if (code !== null) history.replaceState(history.state, '', `${location.pathname}${location.search}`);
  if (code !== null && CODE.test(code)) {
    inStorage((storage) => storage.setItem(KEY, code));
    return code;
  }
  const kept = inStorage((storage) => storage.getItem(KEY)) ?? '';
  return CODE.test(kept) ? kept : '';
}

/** Use the tab's storage. A browser may forbid it: the code is known until the page is left, then. */
function inStorage(work) {
  try {
    return work(sessionStorage);
  } catch {
    return null;
  }
}
