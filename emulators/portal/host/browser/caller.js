/** What a page's import of a web module comes to: a call of the site. It throws where Wix's would. */

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
