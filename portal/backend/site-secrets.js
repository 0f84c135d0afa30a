import { elevate } from 'wix-auth';
import { secrets } from 'wix-secrets-backend.v2';

/**
 * Names of the site's secrets: the URL of gridwix's Wix webhook (`WixWebhookUrl`), and one of its
 * signing secrets (`whsec_...`). The site signs its submissions with the latter, and gridwix its
 * rings.
 */
export const ADDRESS_SECRET = 'gridwix-webhook-url';
export const SIGNING_SECRET = 'gridwix-signing-secret';

const secretValue = elevate(secrets.getSecretValue);

/** Return the value of a secret. Throws Wix's error if the site has no secret of that name. */
export async function readSecret(name) {
  return (await secretValue(name)).value;
}
