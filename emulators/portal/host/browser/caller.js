/**
 * Imports of the web module in a page: each function calls the site, and throws where Wix throws.
 */

export const caller =
  (method) =>
  async (...args) => {
    const answer = await fetch(`/_functions/web/${method}`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify(args),
      credentials: 'same-origin',
    });
    const document = await answer.json();
    if (answer.status === 403) {
      location.assign('/');
    }
    if (document.error) {
      return { error: document.error };
    }
    if (!answer.ok) {
      throw new Error(document.message);
    }
    return document.result;
  };
