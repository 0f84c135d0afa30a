/**
 * How the element asks: by the functions of its property `backend`, or, where only attributes and events get through, by the event `gridwix-call`
 * and the attribute `answer`.
 *
 * Both give what the method answers, or `{error: {code}}`; they never throw. A call that is not answered in time is `unavailable`.
 */

const TIMEOUT = 30_000;
const RING_AGAIN = 1_000;

const UNAVAILABLE = { error: { code: 'unavailable' } };

/** Calls of an object of async functions. */
export function byFunctions(functions) {
  return {
    call: (method, ...args) =>
      typeof functions?.[method] === 'function' ? settled(Promise.resolve().then(() => functions[method](...args))) : Promise.resolve(UNAVAILABLE),
    answer() {},
    close() {},
  };
}

/**
 * Calls by events of `element`. There is one at a time: an attribute that is set twice in a row may arrive once, with the later value.
 *
 * Page code may begin to listen only after the element is there. Until something has been answered, the first call, which only reads, is repeated.
 */
export function byEvents(element) {
  let last = Promise.resolve();
  let open = null;
  let heard = false;
  let number = 0;
  const prefix = Math.random().toString(36).slice(2, 8);

  function ask(method, args) {
    const detail = { id: `${prefix}-${(number += 1)}`, method, args };
    const ring = () => element.dispatchEvent(new CustomEvent('gridwix-call', { detail }));
    const again = setInterval(() => !heard && method === 'getSession' && ring(), RING_AGAIN);
    const answered = new Promise((resolve) => {
      open = { id: detail.id, resolve };
    });
    ring();
    return settled(answered).finally(() => clearInterval(again));
  }

  return {
    call(method, ...args) {
      const mine = last.then(() => ask(method, args));
      last = mine;
      return mine;
    },
    /** The text of the attribute `answer`: `{"id", "result"}`. One that nobody waits for is passed over. */
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

function settled(promise) {
  let timer;
  const late = new Promise((resolve) => {
    timer = setTimeout(resolve, TIMEOUT, UNAVAILABLE);
  });
  return Promise.race([promise, late])
    .then((result) => (result && typeof result === 'object' ? result : UNAVAILABLE))
    .catch(() => UNAVAILABLE)
    .finally(() => clearTimeout(timer));
}
