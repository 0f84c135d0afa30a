/** `wix-secrets-backend.v2`. https://dev.wix.com/docs/velo/apis/wix-secrets-backend-v2/secrets/get-secret-value */

import { requireElevation, secret } from '../site.js';

export const secrets = {
  async getSecretValue(name) {
    requireElevation('getSecretValue');
    return { value: secret(name) };
  },
};
