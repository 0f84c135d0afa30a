/**
 * Transports to the backend: functions of the property `backend`, or, where only attributes and
 * events pass, the event `gridwix-call` and the attribute `answer`.
 *
 * Both return the method's result, or `{error: {code}}`; they never throw. A call without a
 * response within 30 seconds is `unavailable`.
 */

const TIMEOUT = 30_000;
const REPEAT_AFTER = 1_000;

/** Codes of a partner that is no longer the member's. */
export const GONE = new Set(['not_linked', 'not_yours']);

const UNAVAILABLE = { error: { code: 'unavailable' } };

/** Transport over an object of async functions. */
export function byFunctions(functions) {
  return {
    call: (method, ...args) =>
      typeof functions?.[method] === 'function' ? withTimeout(Promise.resolve().then(() => functions[method](...args))) : Promise.resolve(UNAVAILABLE),
    answer() {},
    close() {},
  };
}

/**
 * Transport over events of `element`, with one call at a time: an attribute that is set twice in
 * quick succession may arrive once, with the later value.
 *
 * Page code may start to listen only after the element is connected. Until the first response,
 * `getSession`, which only reads, is repeated.
 */
export function byEvents(element) {
  let last = Promise.resolve();
  let open = null;
  let heard = false;
  let number = 0;
  const prefix = Math.random().toString(36).slice(2, 8);

  function ask(method, args) {
    const detail = { id: `${prefix}-${(number += 1)}`, method, args };
    const dispatch = () => element.dispatchEvent(new CustomEvent('gridwix-call', { detail }));
    const again = setInterval(() => !heard && method === 'getSession' && dispatch(), REPEAT_AFTER);
    const answered = new Promise((resolve) => {
      open = { id: detail.id, resolve };
    });
    dispatch();
    return withTimeout(answered).finally(() => clearInterval(again));
  }

  return {
    call(method, ...args) {
      const mine = last.then(() => ask(method, args));
      last = mine;
      return mine;
    },
    /**
     * Handle the text of the attribute `answer`: `{"id", "result"}`. A response to another call is
     * ignored.
     */
    answer(text) {
      let parsed;
      try {
        parsed = JSON.parse(text);
      } catch {
        return;
      }
      if (!open || parsed?.id !== open.id) return;
      heard = true;
      open.resolve(parsed.result);
      open = null;
    },
    close() {
      open?.resolve(UNAVAILABLE);
      open = null;
    },
  };
}

/** Take a property that was set before the element's class was registered; undefined for none. */
export function takeEarly(element, name) {
  if (!Object.hasOwn(element, name)) return undefined;
  const value = element[name];
  delete element[name];
  return value;
}

function withTimeout(promise) {
  let timer;
  const late = new Promise((resolve) => {
    timer = setTimeout(resolve, TIMEOUT, UNAVAILABLE);
  });
  return Promise.race([promise, late])
    .then((result) => (result && typeof result === 'object' ? result : UNAVAILABLE))
    .catch(() => UNAVAILABLE)
    .finally(() => clearTimeout(timer));
}
