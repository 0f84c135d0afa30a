/**
 * HTTP functions of the site: `<method>_<name>` of `backend/http-functions.js`, at
 * `/_functions/<name>`.
 *
 * Anyone may call them from anywhere; they know no session. Source:
 * https://dev.wix.com/docs/velo/velo-only-apis/wix-http-functions/introduction
 */

import { RequestRefused, bodyOf } from './request-body.js';
import { asMember } from './site.js';

const MAX_BODY = 512 * 1024;
export const HTTP_FUNCTION = /^\/_functions\/([A-Za-z][A-Za-z0-9_]{0,99})((?:\/[^/]+)*)$/;

/** Return the response of a function. Throws RequestRefused (404) if there is none for the method. */
export async function callFunction(functions, request, { pathname, searchParams, origin, href }) {
  const [, functionName, more] = pathname.match(HTTP_FUNCTION);
  const exported = `${request.method.toLowerCase()}_${functionName}`;
  if (!Object.hasOwn(functions, exported)) {
    throw new RequestRefused(404, { message: 'there is no such function' });
  }
  const bytes = await bodyOf(request, MAX_BODY);
  const asked = {
    baseUrl: `${origin}/_functions`,
    body: {
      text: async () => bytes.toString('utf8'),
      json: async () => JSON.parse(bytes.toString('utf8')),
      buffer: async () => bytes,
    },
    functionName,
    headers: { ...request.headers },
    ip: request.socket.remoteAddress,
    method: request.method,
    path: more.split('/').slice(1),
    query: Object.fromEntries(searchParams),
    url: href,
  };
  const { status, headers, body } = await asMember(null, () => functions[exported](asked));
  const isText = typeof body === 'string' || Buffer.isBuffer(body);
  return { status, headers, body: isText ? body : JSON.stringify(body) };
}
