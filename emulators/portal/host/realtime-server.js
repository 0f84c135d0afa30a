/**
 * How pages reach the realtime hub: a stream of server-sent events per page
 * (`GET /_realtime/connect`), and a call for each subscription (`POST /_realtime/subscribe` and
 * `/_realtime/unsubscribe`, `{connection, channel}`).
 *
 * The events are `connected` (`{connection}`) and `message` (`{channel, payload}`). A browser opens
 * at most six streams to one host, so at most five portal pages of one browser can be open at once.
 */

import { RequestRefused, jsonOf } from './request-body.js';
import { CONNECTION_ERROR, RealtimeError, hub } from './realtime.js';
import { memberOf } from './session.js';

const MAX_ORDER = 16 * 1024;
/** Bytes that may wait for a page that does not read them; then its connection ends. */
const MAX_UNREAD = 1024 * 1024;
const STATUS = { [CONNECTION_ERROR]: 503 };

/** Answer with a stream that lasts until either side ends it. */
export function connect(request, response, headers) {
  const send = (event, data) => {
    response.write(`event: ${event}\ndata: ${data}\n\n`);
    if (response.writableLength > MAX_UNREAD) {
      response.destroy();
    }
  };
  let id;
  try {
    id = hub.connect(memberOf(request), send, () => response.end());
  } catch (error) {
    throw refused(error);
  }
  response.on('close', () => hub.disconnect(id));
  response.writeHead(200, { ...headers, 'Content-Type': 'text/event-stream' });
  send('connected', JSON.stringify({ connection: id }));
}

/** Subscribe or unsubscribe, for the member of the request's session. */
export async function changeSubscription(action, request) {
  const order = await jsonOf(request, MAX_ORDER);
  try {
    await hub[action](order?.connection, memberOf(request), order?.channel);
  } catch (error) {
    throw refused(error);
  }
  return {};
}

function refused(error) {
  if (!(error instanceof RealtimeError)) {
    return error;
  }
  const { errorCode, message } = error;
  return new RequestRefused(STATUS[errorCode] ?? 403, { errorCode, message });
}
