import { answerRing } from 'backend/ring-endpoint.js';

/**
 * `POST https://<site>/_functions/gridwixRing`: gridwix rings when rows have changed.
 *
 * Source: https://dev.wix.com/docs/velo/velo-only-apis/wix-http-functions/introduction
 */
export async function post_gridwixRing(request) {
  return answerRing(request);
}
