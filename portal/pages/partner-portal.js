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
  getEtag,
  getReadMarks,
  getRequestForms,
  getSession,
  getSettings,
  getUploadUrl,
  markRead,
  openDocument,
  saveSettings,
  sendRequest,
  submitDocument,
  submitStep,
} from 'backend/gridwix.web.js';

/**
 * Page code of the portal. It connects the custom element, which does not depend on Wix, with the
 * backend, which does not trust the page.
 */

const METHODS = {
  acceptInvitation,
  addComment,
  answerRequest,
  answerResolution,
  getAttachmentUrl,
  getMore,
  getPortal,
  getEtag,
  getReadMarks,
  getRequestForms,
  getSession,
  getSettings,
  getUploadUrl,
  markRead,
  openDocument,
  saveSettings,
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
    // Wix itself rejects the call, for example after the session has ended.
    return { error: { code: 'unavailable' } };
  }
}

function language() {
  const { multilingual, browserLocale } = wixWindow;
  return multilingual?.isEnabled ? multilingual.currentLanguage : browserLocale;
}
