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

/** Return what the log says of an error: its code or name. Its message may contain personal data. */
export function errorName(error) {
  return [error?.code, error?.name].find((name) => /^\w{1,60}$/.test(name)) ?? 'Error';
}
