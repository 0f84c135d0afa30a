import { createHash } from 'crypto';
import { elevate } from 'wix-auth';
import { files } from 'wix-media.v2';
import { countAttempt } from 'backend/attempts.js';
import { errorName } from 'backend/errors.js';
import { ATTACHMENTS } from 'backend/forms.js';
import { readId, readFlatObject, readText, readInteger } from 'backend/inputs.js';
import { Refused } from 'backend/refusals.js';

/**
 * Files that members upload. Each is private and has two labels: its purpose, and what was announced of it.
 * Only this backend sets labels: the browser gets an upload URL that contains them.
 */

/** Wix's error codes for a file that does not exist, and for a malformed file id. */
const MISSING = ['NOT_FOUND', 'RESOURCE_NOT_FOUND'];
const MEDIA_TYPE = /^[a-z0-9.+-]{1,60}\/[a-z0-9.+-]{1,100}$/i;
/** Label of an announced file: its size in bytes, and the type at the end of its name. */
const ANNOUNCED = /^gridwix-announced-(\d{1,15})-([a-z0-9]{1,20})$/;
/**
 * Milliseconds after its upload for which a file is taken. gridwix removes uploads that were not handed in, days
 * later: a file that is handed in is never one that it is about to remove (`upload_sweep.py`).
 */
const MOST_AGE = 2 * 86_400_000;
const UNSAFE = /[\\/:*?"<>|\p{Cc}\p{Cf}]/gu;

const generateUploadUrl = elevate(files.generateFileUploadUrl);
const fileDescriptor = elevate(files.getFileDescriptor);

/** Return the label of an upload, made from the ids of its purpose. */
export function purposeLabel(...ids) {
  return `gridwix-${createHash('sha256').update(ids.join('/')).digest('hex').slice(0, 32)}`;
}

/**
 * Return an upload URL for a file with this label: `{uploadUrl}`. Throws Refused for a file that is
 * not accepted, and too_often for a member who has asked for many within an hour.
 */
export async function createUploadUrl(member, description, mark) {
  const { fileName, mimeType, sizeInBytes } = readFlatObject(description, 10);
  const name = readFileName(fileName);
  const mediaType = readText(mimeType, 161);
  if (!MEDIA_TYPE.test(mediaType)) {
    throw new Refused('invalid');
  }
  if (readInteger(sizeInBytes, ATTACHMENTS.mostBytes) === 0) {
    throw new Refused('invalid');
  }
  await countAttempt(member.id, 'upload');
  const labels = [mark, `gridwix-announced-${sizeInBytes}-${typeOf(name)}`];
  const options = { fileName: name, sizeInBytes: String(sizeInBytes), private: true, labels, filePath: '/gridwix-uploads' };
  return generateUploadUrl(mediaType, options);
}

/**
 * Return an uploaded file for a form: `{fileId, displayName, sizeInBytes}`. Throws Refused: a file
 * with another label counts as missing, and so does one that was uploaded days ago. One that is not what was
 * announced is removed: no submission can have it.
 */
export async function requireUploadedFile(fileId, fileName, mark) {
  const displayName = readFileName(fileName);
  const file = await findUploadedFile(readId(fileId), mark);
  // While Wix processes a new file, its size may be missing.
  const sizeInBytes = Number(file.sizeInBytes) || undefined;
  const announced = announcementOf(file);
  const isLarger = announced !== null && sizeInBytes > announced.size;
  if (announced !== null && !isAnnounced(file, sizeInBytes, announced)) {
    await removeFile(file._id);
    throw new Refused(isLarger ? 'too_large' : 'invalid');
  }
  if (announced !== null && typeOf(displayName) !== announced.type) {
    // The file is right, and may be handed in already: only this name is not.
    throw new Refused('invalid');
  }
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
  const uploadedAt = Number(new Date(file?._createdDate ?? file?._updatedDate ?? Date.now()));
  if (!file?.private || file.state === 'DELETED' || !file.labels?.includes(mark) || Date.now() - uploadedAt > MOST_AGE) {
    throw new Refused('not_found');
  }
  return file;
}

/** Return what was announced of a file, `{size, type}`; null for one whose URL is of an earlier release. */
function announcementOf(file) {
  const [, size, type] = (file.labels ?? []).map((label) => ANNOUNCED.exec(label)).find(Boolean) ?? [];
  return size === undefined ? null : { size: Number(size), type };
}

/** True if a file is what was announced, as far as Wix knows it yet. */
function isAnnounced(file, sizeInBytes, { size, type }) {
  return [undefined, size].includes(sizeInBytes) && ['', type].includes(typeOf(file.displayName ?? ''));
}

/** Remove a file. If that fails, gridwix removes it some days later. */
async function removeFile(fileId) {
  try {
    // Elevated here: a site whose Wix lacks the method takes uploads all the same.
    await elevate(files.bulkDeleteFiles)([fileId], { permanent: true });
  } catch (error) {
    console.error(`gridwix: removal of a file: ${errorName(error)}`);
  }
}

function isMissing(error) {
  const { applicationError, validationError } = error?.details ?? {};
  const rules = (validationError?.fieldViolations ?? []).map((violation) => violation.ruleName);
  return [applicationError?.code, ...rules].some((code) => MISSING.includes(code));
}

function readFileName(value) {
  const name = readText(value, 200).replace(UNSAFE, '_');
  if (!ATTACHMENTS.types.includes(typeOf(name))) {
    throw new Refused('invalid');
  }
  return name;
}

/** The type at the end of a file's name, in lower case; '' for none, as of `.pdf`. */
function typeOf(name) {
  return name.lastIndexOf('.') > 0 ? name.slice(name.lastIndexOf('.') + 1).toLowerCase() : '';
}
