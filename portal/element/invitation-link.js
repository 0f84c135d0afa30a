/**
 * The code of an invitation in the page's address, `#invitation=CODE`.
 *
 * It is removed from the address at once, so that no bookmark, history entry or copied address has
 * it, and kept for this tab: the person may have to log in before.
 */

const KEY = 'gridwix-invitation';
/** 160 bits in base32, in groups or not. The backend reads more spellings; links have this one. */
const CODE = /^(?:[A-Z2-7]{4}-?){8}$/;

/** Return the code of this tab's invitation, or ''. */
export function takeInvitation() {
  const fragment = new URLSearchParams(location.hash.slice(1));
  const code = fragment.get('invitation');
  if (code === null) return stored();
  history.replaceState(history.state, '', `${location.pathname}${location.search}`);
  if (!CODE.test(code)) return stored();
  try {
    sessionStorage.setItem(KEY, code);
  } catch {
    // A browser that keeps nothing for the tab: the code is known until the page is left.
  }
  return code;
}

/** Keep the code no longer: it was accepted, or is not valid. */
export function forgetInvitation() {
  try {
    sessionStorage.removeItem(KEY);
  } catch {
    // Nothing is kept.
  }
}

function stored() {
  try {
    const code = sessionStorage.getItem(KEY) ?? '';
    return CODE.test(code) ? code : '';
  } catch {
    return '';
  }
}
