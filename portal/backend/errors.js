/** Reject with an error that has `code` if `promise` is not settled within `milliseconds`. */
export function withTimeout(milliseconds, code, promise) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(codedError(code)), milliseconds);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

/** An error whose `code` is logged. */
export function codedError(code) {
  return Object.assign(new Error(code), { code });
}

/**
 * Return what the log says of an error: its code or name. Its message may contain personal data. A code
 * that is a number is passed over: a time-out has the code 23, and the name says it better.
 */
export function errorName(error) {
  return [error?.code, error?.name].find((name) => /^[A-Za-z_]\w{0,59}$/.test(name)) ?? 'Error';
}
