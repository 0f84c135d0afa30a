import wixLocation from 'wix-location-frontend';
import wixWindow from 'wix-window-frontend';
import {
  acceptInvitation,
  addComment,
  answerRequest,
  answerResolution,
  getAttachmentUrl,
  getMore,
  getPortal,
  getPulse,
  getRequestForms,
  getSession,
  getUploadUrl,
  openDocument,
  sendRequest,
  submitDocument,
  submitStep,
} from 'backend/gridwix.web.js';

/** The page of the portal: it joins the custom element, which knows nothing of Wix, and the backend, which trusts no page. */

const METHODS = {
  acceptInvitation,
  addComment,
  answerRequest,
  answerResolution,
  getAttachmentUrl,
  getMore,
  getPortal,
  getPulse,
  getRequestForms,
  getSession,
  getUploadUrl,
  openDocument,
  sendRequest,
  submitDocument,
  submitStep,
};

$w.onReady(() => {
  const portal = $w('#gridwixPortal');
  portal.on('gridwix-call', async ({ detail: { id, method, args } }) => {
    portal.setAttribute('answer', JSON.stringify({ id, result: await answerTo(method, args) }));
  });
  portal.on('gridwix-section', ({ detail: { section, partner } }) => {
    wixLocation.queryParams.add({ section, ...(partner ? { partner } : {}) });
  });
  const { partner, section } = wixLocation.query;
  for (const [name, value] of Object.entries({ locale: language(), partner, section })) {
    if (value) {
      portal.setAttribute(name, value);
    }
  }
});

async function answerTo(method, args) {
  if (!Object.hasOwn(METHODS, method) || !Array.isArray(args)) {
    return { error: { code: 'invalid' } };
  }
  try {
    return await METHODS[method](...args);
  } catch {
    // Wix's own refusal, such as to a member whose session is over.
    return { error: { code: 'unavailable' } };
  }
}

function language() {
  const { multilingual, browserLocale } = wixWindow;
  return multilingual?.isEnabled ? multilingual.currentLanguage : browserLocale;
}
