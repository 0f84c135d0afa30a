import { createHash } from 'crypto';
import { elevate } from 'wix-auth';
import { files } from 'wix-media.v2';
import { ATTACHMENTS } from 'backend/forms.js';
import { readId, readFlatObject, readText, readInteger } from 'backend/inputs.js';
import { Refused } from 'backend/refusals.js';

/**
 * Files that members upload. Each is private and has a label with its purpose. Only this backend
 * sets the label: the browser gets an upload URL that contains it.
 */

/** Wix's error codes for a file that does not exist, and for a malformed file id. */
const MISSING = ['NOT_FOUND', 'RESOURCE_NOT_FOUND'];
const MEDIA_TYPE = /^[a-z0-9.+-]{1,60}\/[a-z0-9.+-]{1,100}$/i;
const UNSAFE = /[\\/:*?"<>|\p{Cc}\p{Cf}]/gu;

const generateUploadUrl = elevate(files.generateFileUploadUrl);
const fileDescriptor = elevate(files.getFileDescriptor);

/** Return the label of an upload, made from the ids of its purpose. */
export function purposeLabel(...ids) {
  return `gridwix-${createHash('sha256').update(ids.join('/')).digest('hex').slice(0, 32)}`;
}

/**
 * Return an upload URL for a file with this label: `{uploadUrl}`. Throws Refused for a file that is
 * not accepted.
 */
export async function createUploadUrl(description, mark) {
  const { fileName, mimeType, sizeInBytes } = readFlatObject(description, 10);
  const name = readFileName(fileName);
  const mediaType = readText(mimeType, 161);
  if (!MEDIA_TYPE.test(mediaType)) {
    throw new Refused('invalid');
  }
  if (readInteger(sizeInBytes, ATTACHMENTS.mostBytes) === 0) {
    throw new Refused('invalid');
  }
  const options = { fileName: name, sizeInBytes: String(sizeInBytes), private: true, labels: [mark], filePath: '/gridwix-uploads' };
  return generateUploadUrl(mediaType, options);
}

/**
 * Return an uploaded file for a form: `{fileId, displayName, sizeInBytes}`. Throws Refused; a file
 * with another label counts as missing.
 */
export async function requireUploadedFile(fileId, fileName, mark) {
  const displayName = readFileName(fileName);
  const file = await findUploadedFile(readId(fileId), mark);
  // While Wix processes a new file, its size may be missing.
  const sizeInBytes = Number(file.sizeInBytes) || undefined;
  if (sizeInBytes > ATTACHMENTS.mostBytes) {
    throw new Refused('too_large');
  }
  return { fileId: file._id, displayName, sizeInBytes };
}

async function findUploadedFile(fileId, mark) {
  let file;
  try {
    file = await fileDescriptor(fileId);
  } catch (error) {
    throw isMissing(error) ? new Refused('not_found') : error;
  }
  if (!file?.private || file.state === 'DELETED' || !file.labels?.includes(mark)) {
    throw new Refused('not_found');
  }
  return file;
}

function isMissing(error) {
  const { applicationError, validationError } = error?.details ?? {};
  const rules = (validationError?.fieldViolations ?? []).map((violation) => violation.ruleName);
  return [applicationError?.code, ...rules].some((code) => MISSING.includes(code));
}

function readFileName(value) {
  const name = readText(value, 200).replace(UNSAFE, '_');
  const type = name.includes('.') ? name.slice(name.lastIndexOf('.') + 1).toLowerCase() : '';
  if (!ATTACHMENTS.types.includes(type)) {
    throw new Refused('invalid');
  }
  return name;
}
