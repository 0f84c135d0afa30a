/** Files on their way to the site: a place to put each, its bytes, and the word that they are there. */

import { safeAddress } from './sanitize.js';

/** What has arrived of each file, by what it was uploaded for: whoever sends once more need not upload once more. */
const arrived = new WeakMap();

/** Hand in a new version of a document. Gives what `submitDocument` answers, or `{error: {code}}`. `progress` is told the share that has been sent. */
export async function upload(ui, document, file, progress) {
  if (!file.size) return { error: { code: 'invalid' } };
  const partner = ui.state.partner.id;
  const place = await ui.ask('getUploadUrl', partner, document.id, describe(file));
  const stored = await store(place, file, progress);
  if (stored.error) return stored;
  return ui.ask('submitDocument', partner, document.id, stored.fileId, file.name, document.version);
}

/** Upload the files of a request, one after the other. Gives them as `sendRequest` takes them, or `{error: {code}}` of the first that fails. */
export async function attach(ui, form, files, progress) {
  const partner = ui.state.partner.id;
  const purpose = `${partner}/${form}`;
  const all = files.reduce((sum, { size }) => sum + size, 0);
  const found = [];
  let sent = 0;
  for (const file of files) {
    const known = arrived.get(file)?.get(purpose);
    const stored = known
      ? { fileId: known }
      : await store(await ui.ask('getAttachmentUrl', partner, form, describe(file)), file, (share) => progress((sent + share * file.size) / all));
    if (stored.error) return stored;
    arrived.set(file, new Map(arrived.get(file)).set(purpose, stored.fileId));
    found.push({ fileId: stored.fileId, fileName: file.name });
    sent += file.size;
  }
  return found;
}

function describe(file) {
  return { fileName: file.name, mimeType: file.type || 'application/octet-stream', sizeInBytes: file.size };
}

/** Put a file where the backend says: `{fileId}`, or `{error: {code}}`. */
async function store(place, file, progress) {
  if (place.error) return place;
  if (!safeAddress(place.uploadUrl)) return { error: { code: 'unavailable' } };
  const fileId = await put(place.uploadUrl, file, progress);
  return fileId ? { fileId } : { error: { code: 'unavailable' } };
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
