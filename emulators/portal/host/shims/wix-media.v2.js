/** `wix-media.v2`: Media Manager. https://dev.wix.com/docs/velo/apis/wix-media-v2/files/introduction */

import { call, requireElevation } from '../site.js';

const FILES = '/site-media/v1/files';

export const files = {
  async generateFileDownloadUrl(fileId, options = {}) {
    requireElevation('generateFileDownloadUrl');
    return call('POST', `${FILES}/generate-file-download-url`, { fileId, ...options });
  },

  async generateFileUploadUrl(mimeType, options = {}) {
    requireElevation('generateFileUploadUrl');
    return call('POST', `${FILES}/generate-upload-url`, { mimeType, ...options });
  },

  async getFileDescriptor(fileId) {
    requireElevation('getFileDescriptor');
    const { file } = await call('GET', `${FILES}/get-file-by-id?fileId=${encodeURIComponent(fileId)}`);
    const { id, createdDate, updatedDate, ...more } = file;
    return { _id: id, ...(createdDate ? { _createdDate: new Date(createdDate) } : {}), ...(updatedDate ? { _updatedDate: new Date(updatedDate) } : {}), ...more };
  },

  async bulkDeleteFiles(fileIds, options = {}) {
    requireElevation('bulkDeleteFiles');
    await call('POST', '/site-media/v1/bulk/files/delete', { fileIds, ...options });
  },
};
