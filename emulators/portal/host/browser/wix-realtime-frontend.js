/**
 * `wix-realtime-frontend`. A connection is made with the first subscription, and made again when it
 * is lost: the page then subscribes again, and the site's hook is asked again.
 *
 * Source: https://dev.wix.com/docs/velo/apis/wix-realtime-frontend/introduction
 */

/** Milliseconds until the next attempt to connect: doubled from the first to the last. */
const FIRST_RETRY = 500;
const LAST_RETRY = 30_000;

const CONNECTION_ERROR = 1;

const handlers = { connected: new Set(), disconnected: new Set(), error: new Set() };
/** Subscriptions by id: `{channel, handler, key}`. */
const subscriptions = new Map();

let connecting = null;
let stream = null;
let connection = null;
let retry = FIRST_RETRY;

const keyOf = ({ name, resourceId }) => JSON.stringify([name, resourceId ?? null]);

export async function onConnected(handler) {
  handlers.connected.add(handler);
}

export async function onDisconnected(handler) {
  handlers.disconnected.add(handler);
}

export async function onError(handler) {
  handlers.error.add(handler);
}

/** Return the subscription's id. Rejects with `{errorCode, message, channel}`. */
export async function subscribe(channel, handler) {
  await connect();
  const id = crypto.randomUUID();
  // Before the answer: the first message can arrive together with it.
  subscriptions.set(id, { channel, handler, key: keyOf(channel) });
  try {
    await order('subscribe', channel);
  } catch (error) {
    subscriptions.delete(id);
    throw error;
  }
  return id;
}

/** End the subscriptions of `channel`, or the one with `subscriptionId`. */
export async function unsubscribe({ channel, subscriptionId }) {
  const ended = [...subscriptions].filter(([id, one]) => id === subscriptionId || (channel && one.key === keyOf(channel)));
  for (const [id] of ended) {
    subscriptions.delete(id);
  }
  for (const [key, one] of new Map(ended.map(([, subscription]) => [subscription.key, subscription]))) {
    if (connection && ![...subscriptions.values()].some((other) => other.key === key)) {
      await order('unsubscribe', one.channel);
    }
  }
}

export default { onConnected, onDisconnected, onError, subscribe, unsubscribe };

function connect() {
  connecting ??= new Promise((resolve, reject) => {
    stream = new EventSource('/_realtime/connect');
    stream.addEventListener('connected', ({ data }) => {
      connection = JSON.parse(data).connection;
      retry = FIRST_RETRY;
      tell('connected');
      resolve();
    });
    stream.addEventListener('message', ({ data }) => receive(JSON.parse(data)));
    stream.addEventListener('error', () => {
      const hadConnection = connection !== null;
      stream.close();
      connection = null;
      connecting = null;
      reject({ errorCode: CONNECTION_ERROR, message: 'realtime cannot be reached' });
      if (hadConnection) {
        tell('disconnected');
      }
      if (subscriptions.size) {
        setTimeout(reconnect, retry);
        retry = Math.min(2 * retry, LAST_RETRY);
      }
    });
  });
  return connecting;
}

async function reconnect() {
  try {
    await connect();
  } catch {
    // The next attempt is planned.
    return;
  }
  for (const [key, { channel }] of new Map([...subscriptions.values()].map((one) => [one.key, one]))) {
    try {
      await order('subscribe', channel);
    } catch (error) {
      for (const [id, one] of subscriptions) {
        if (one.key === key && error.errorCode !== CONNECTION_ERROR) {
          subscriptions.delete(id);
        }
      }
      tell('error', error);
    }
  }
}

async function order(action, channel) {
  const response = await fetch(`/_realtime/${action}`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ connection, channel }),
    credentials: 'same-origin',
  }).catch(() => null);
  if (!response?.ok) {
    const { errorCode = CONNECTION_ERROR, message = 'realtime cannot be reached' } = (await response?.json().catch(() => null)) ?? {};
    throw { errorCode, message, channel };
  }
}

function receive({ channel, payload }) {
  const key = keyOf(channel);
  for (const one of subscriptions.values()) {
    if (one.key === key) {
      one.handler({ payload }, channel);
    }
  }
}

function tell(name, ...details) {
  for (const handler of handlers[name]) {
    handler(...details);
  }
}
