/**
 * `wix-http-functions`: responses of HTTP functions.
 *
 * Each function but `response` has its own status; one in the options is ignored, as by Wix.
 * Source: https://dev.wix.com/docs/velo/velo-only-apis/wix-http-functions/introduction
 */

export const response = ({ status = 200, headers = {}, body = '' } = {}) => ({ status, headers, body });

const withStatus =
  (status) =>
  (options = {}) =>
    response({ ...options, status });

export const ok = withStatus(200);
export const created = withStatus(201);
export const badRequest = withStatus(400);
export const forbidden = withStatus(403);
export const notFound = withStatus(404);
export const serverError = withStatus(500);
