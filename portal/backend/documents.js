import { elevate } from 'wix-auth';
import { files } from 'wix-media.v2';
import { submit } from 'backend/webhook-client.js';
import { readId, readInteger } from 'backend/inputs.js';
import { requireAction, requireSection } from 'backend/permissions.js';
import { Refused } from 'backend/refusals.js';
import { isOpenable, isUploadable, rowOf } from 'backend/rows.js';
import { requireUploadedFile, purposeLabel, createUploadUrl } from 'backend/uploads.js';

const LINK_MINUTES = 10;

const generateDownloadUrl = elevate(files.generateFileDownloadUrl);
const fileDescriptor = elevate(files.getFileDescriptor);

/**
 * Return a link to a document of the partner: `{url, expiresAt}`. The link to a private file
 * expires after ten minutes; others do not expire. Throws Refused.
 */
export async function createDownloadLink(partner, documentId) {
  requireSection(partner, 'documents');
  const row = await rowOf('documents', partner, readId(documentId));
  if (!isOpenable(row)) {
    throw new Refused('not_found');
  }
  if (!row.private) {
    const { url } = await fileDescriptor(row.fileId);
    return { url, expiresAt: null };
  }
  const expiresAt = new Date(Date.now() + LINK_MINUTES * 60_000).toISOString();
  const { downloadUrls } = await generateDownloadUrl(row.fileId, {
    expirationInMinutes: LINK_MINUTES,
    contentDisposition: 'ATTACHMENT',
    downloadFileName: row.fileName || undefined,
  });
  return { url: downloadUrls[0].url, expiresAt };
}

/**
 * Return an upload URL for the partner's new version of a document, as a private file:
 * `{uploadUrl}`. Throws Refused.
 */
export async function uploadUrl(member, partner, documentId, description) {
  const row = await requireUploadable(partner, documentId);
  return createUploadUrl(member, description, purposeLabel(partner.id, row._id));
}

/**
 * Submit an uploaded file as the new version of a document: `{reference}`.
 *
 * The file must have been uploaded for this document. `baseVersion` is the version that the partner
 * has seen. Throws Refused.
 */
export async function submitVersion(member, partner, documentId, fileId, fileName, baseVersion) {
  const row = await requireUploadable(partner, documentId);
  const version = readInteger(baseVersion, 1_000_000);
  const file = await requireUploadedFile(fileId, fileName, purposeLabel(partner.id, row._id));
  return submit(member, partner.id, 'document-version', { document_id: row._id, file: [file], base_version: version });
}

/** The row of a document to which the partner may upload. Throws Refused. */
async function requireUploadable(partner, documentId) {
  requireAction(partner, 'upload_version');
  const row = await rowOf('documents', partner, readId(documentId));
  if (!row || !isUploadable(row, partner)) {
    throw new Refused('not_found');
  }
  return row;
}
