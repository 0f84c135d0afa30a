/** Reads request bodies with a size limit. */

/** An error response with a status. */
export class RequestRefused extends Error {
  constructor(status, document) {
    super(`${status}`);
    this.status = status;
    this.document = document;
  }
}

/** Return the body's bytes. Throws RequestRefused (413) above `most` bytes; the rest is not read. */
export async function bodyOf(request, most) {
  const large = new RequestRefused(413, { error: { code: 'too_large' } });
  if (Number(request.headers['content-length'] ?? 0) > most) {
    throw large;
  }
  const chunks = [];
  let size = 0;
  for await (const chunk of request) {
    size += chunk.length;
    if (size > most) {
      throw large;
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** Return the JSON of a request. Throws RequestRefused. */
export async function jsonOf(request, most) {
  if (!/^application\/json\b/i.test(request.headers['content-type'] ?? '')) {
    throw new RequestRefused(415, { message: 'application/json is needed' });
  }
  const body = await bodyOf(request, most);
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body));
  } catch {
    throw new RequestRefused(400, { message: 'the body is no JSON' });
  }
}

/** Return the arguments of a web method: a JSON array. Throws RequestRefused. */
export async function argumentsOf(request, most) {
  const found = await jsonOf(request, most);
  if (!Array.isArray(found)) {
    throw new RequestRefused(400, { message: 'the body is no list of arguments' });
  }
  return found;
}
