import { createHash } from 'crypto';
import { elevate } from 'wix-auth';
import { files } from 'wix-media.v2';
import { submit } from 'backend/door.js';
import { ATTACHMENTS } from 'backend/forms.js';
import { id, plain, text, whole } from 'backend/inputs.js';
import { Refused } from 'backend/refusals.js';
import { isUploadable, rowOf } from 'backend/rows.js';

/** Wix's words for a file that does not exist, and for what cannot be the id of one. */
const MISSING = ['NOT_FOUND', 'RESOURCE_NOT_FOUND'];
const LINK_MINUTES = 10;
const MEDIA_TYPE = /^[a-z0-9.+-]{1,60}\/[a-z0-9.+-]{1,100}$/i;
const UNSAFE = /[\\/:*?"<>|\p{Cc}\p{Cf}]/gu;

const generateDownloadUrl = elevate(files.generateFileDownloadUrl);
const generateUploadUrl = elevate(files.generateFileUploadUrl);
const fileDescriptor = elevate(files.getFileDescriptor);

/** An address at which a document of the partner can be opened: `{url, expiresAt}`. One of a private file is good for ten minutes, others stay. */
export async function open(partner, documentId) {
  const row = await rowOf('documents', partner.id, id(documentId));
  if (!row?.fileId || row.restricted) {
    throw new Refused('not_found');
  }
  if (!row.private) {
    const { url } = await fileDescriptor(row.fileId);
    return { url, expiresAt: null };
  }
  const expiresAt = new Date(Date.now() + LINK_MINUTES * 60_000).toISOString();
  const options = { expirationInMinutes: LINK_MINUTES, contentDisposition: 'ATTACHMENT', downloadFileName: row.fileName || undefined };
  const { downloadUrls } = await generateDownloadUrl(row.fileId, options);
  return { url: downloadUrls[0].url, expiresAt };
}

/** An address to which the partner's new version of a document can be uploaded, as a private file: `{uploadUrl}`. */
export async function uploadUrl(partner, documentId, description) {
  const row = await uploadable(partner, documentId);
  const { fileName, mimeType, sizeInBytes } = plain(description, 10);
  const name = checkedName(fileName);
  const mediaType = text(mimeType, 161);
  if (!MEDIA_TYPE.test(mediaType)) {
    throw new Refused('invalid');
  }
  if (whole(sizeInBytes, ATTACHMENTS.mostBytes) === 0) {
    throw new Refused('invalid');
  }
  const options = { fileName: name, sizeInBytes: String(sizeInBytes), private: true, labels: [label(partner, row._id)], filePath: '/gridwix-uploads' };
  return generateUploadUrl(mediaType, options);
}

/** Hand in an uploaded file as the new version of a document: `{reference}`. `baseVersion` is the version that the partner has seen. */
export async function submitVersion(member, partner, documentId, fileId, fileName, baseVersion) {
  const row = await uploadable(partner, documentId);
  const displayName = checkedName(fileName);
  const version = whole(baseVersion, 1_000_000);
  const file = await uploaded(partner, row._id, id(fileId));
  // While Wix still goes over a new file, it may not say its size.
  const sizeInBytes = Number(file.sizeInBytes) || undefined;
  if (sizeInBytes > ATTACHMENTS.mostBytes) {
    throw new Refused('too_large');
  }
  const values = { document_id: row._id, file: [{ fileId: file._id, displayName, sizeInBytes }], base_version: version };
  return submit(member, partner.id, 'document-version', values);
}

/** The row of a document to which the partner may upload. */
async function uploadable(partner, documentId) {
  const row = await rowOf('documents', partner.id, id(documentId));
  if (!row || !isUploadable(row, partner.id)) {
    throw new Refused('not_found');
  }
  return row;
}

/** A file that was uploaded for this very document: any other, such as another partner's, does not exist. */
async function uploaded(partner, documentId, fileId) {
  let file;
  try {
    file = await fileDescriptor(fileId);
  } catch (error) {
    throw isMissing(error) ? new Refused('not_found') : error;
  }
  if (!file?.private || file.state === 'DELETED' || !file.labels?.includes(label(partner, documentId))) {
    throw new Refused('not_found');
  }
  return file;
}

/** What an upload is marked with. Only this backend can set it: the browser gets an address that has it already. */
function label(partner, documentId) {
  return `gridwix-${createHash('sha256').update(`${partner.id}/${documentId}`).digest('hex').slice(0, 32)}`;
}

function isMissing(error) {
  const { applicationError, validationError } = error?.details ?? {};
  const rules = (validationError?.fieldViolations ?? []).map((violation) => violation.ruleName);
  return [applicationError?.code, ...rules].some((code) => MISSING.includes(code));
}

function checkedName(value) {
  const name = text(value, 200).replace(UNSAFE, '_');
  const type = name.includes('.') ? name.slice(name.lastIndexOf('.') + 1).toLowerCase() : '';
  if (!ATTACHMENTS.types.includes(type)) {
    throw new Refused('invalid');
  }
  return name;
}
