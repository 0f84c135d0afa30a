/** A new version of a document: a place to put it, the bytes, and the word that they are there. */

import { safeAddress } from './clean.js';

/** Gives what `submitDocument` answers, or `{error: {code}}`. `progress` is told the share that has been sent. */
export async function upload(ui, document, file, progress) {
  if (!file.size) return { error: { code: 'invalid' } };
  const partner = ui.state.partner.id;
  const place = await ui.ask('getUploadUrl', partner, document.id, {
    fileName: file.name,
    mimeType: file.type || 'application/octet-stream',
    sizeInBytes: file.size,
  });
  if (place.error) return place;
  if (!safeAddress(place.uploadUrl)) return { error: { code: 'unavailable' } };
  const fileId = await put(place.uploadUrl, file, progress);
  if (!fileId) return { error: { code: 'unavailable' } };
  return ui.ask('submitDocument', partner, document.id, fileId, file.name, document.version);
}

/** The id of the stored file, or null. Wix answers `{"file": {"id"}}`, and wants the name in the address. */
function put(address, file, progress) {
  return new Promise((resolve) => {
    const request = new XMLHttpRequest();
    const url = new URL(address);
    url.searchParams.set('filename', file.name);
    request.open('PUT', url);
    request.setRequestHeader('Content-Type', file.type || 'application/octet-stream');
    request.responseType = 'json';
    request.upload.onprogress = (event) => event.lengthComputable && progress(event.loaded / event.total);
    request.onload = () => resolve(request.status < 300 ? (request.response?.file?.id ?? null) : null);
    request.onerror = request.onabort = () => resolve(null);
    request.send(file);
  });
}
