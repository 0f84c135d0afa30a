/** Uploads of files to the site: request an upload URL, PUT the bytes, pass on the file's id. */

import { isSafeUrl } from './sanitize.js';

/** Ids of uploaded files by purpose, so that a retry of a submission uploads nothing again. */
const uploadedIds = new WeakMap();

/**
 * Upload and submit a new version of a document. Returns the response of `submitDocument`, or
 * `{error: {code}}`. `progress` gets the share that has been sent.
 */
export async function uploadVersion(ui, document, file, progress) {
  if (!file.size) return { error: { code: 'invalid' } };
  const partner = ui.state.partner.id;
  const place = await ui.ask('getUploadUrl', partner, document.id, descriptionOf(file));
  const stored = await uploadFile(place, file, progress);
  if (stored.error) return stored;
  return ui.ask('submitDocument', partner, document.id, stored.fileId, file.name, document.version);
}

/**
 * Upload the attachments of a request, one after the other. Returns them in the format of
 * `sendRequest`, or `{error: {code}}` of the first that fails.
 */
export async function uploadAttachments(ui, form, files, progress) {
  const partner = ui.state.partner.id;
  const purpose = `${partner}/${form}`;
  const all = files.reduce((sum, { size }) => sum + size, 0);
  const found = [];
  let sent = 0;
  for (const file of files) {
    const known = uploadedIds.get(file)?.get(purpose);
    const stored = known
      ? { fileId: known }
      : await uploadFile(await ui.ask('getAttachmentUrl', partner, form, descriptionOf(file)), file, (share) => progress((sent + share * file.size) / all));
    if (stored.error) return stored;
    uploadedIds.set(file, new Map(uploadedIds.get(file)).set(purpose, stored.fileId));
    found.push({ fileId: stored.fileId, fileName: file.name });
    sent += file.size;
  }
  return found;
}

function descriptionOf(file) {
  return { fileName: file.name, mimeType: file.type || 'application/octet-stream', sizeInBytes: file.size };
}

/** PUT a file to the upload URL: `{fileId}`, or `{error: {code}}`. */
async function uploadFile(place, file, progress) {
  if (place.error) return place;
  if (!isSafeUrl(place.uploadUrl)) return { error: { code: 'unavailable' } };
  const fileId = await putFile(place.uploadUrl, file, progress);
  return fileId ? { fileId } : { error: { code: 'unavailable' } };
}

/**
 * Return the id of the stored file, or null. Wix responds with `{"file": {"id"}}` and needs the
 * name in the URL.
 */
function putFile(address, file, progress) {
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
