/** The host's HTTP server. */

import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';

import { control } from './control.js';
import { HTTP_FUNCTION, callFunction } from './http-functions.js';
import { RequestRefused, argumentsOf, bodyOf } from './request-body.js';
import { loginPage, portalPage } from './pages.js';
import { hub } from './realtime.js';
import { changeSubscription, connect } from './realtime-server.js';
import { NO_COOKIE, cookieFor, memberOf } from './session.js';
import { asMember, call } from './site.js';

const MAX_CALL = 256 * 1024;
const MAX_FORM = 4 * 1024;
const PATIENCE = 300_000;
/** Milliseconds in which a request has to arrive. */
const PATH = /^\/(element|page|host)((\/[a-z0-9][a-z0-9_-]*)*\/[A-Za-z0-9][A-Za-z0-9_.-]*\.(js|css|json|svg))$/;
const TYPES = { js: 'text/javascript', css: 'text/css', json: 'application/json', svg: 'image/svg+xml' };
const BROWSER = new URL('browser/', import.meta.url);
const HEADERS = {
  'Content-Security-Policy': `default-src 'none'; base-uri 'none'; frame-ancestors 'none'; form-action 'self'; style-src 'self'`,
  'X-Content-Type-Options': 'nosniff',
  // Not no-referrer: a browser would then send no origin when it posts a form.
  'Referrer-Policy': 'same-origin',
  'Cache-Control': 'no-store',
};
const STREAM = Symbol('stream');

/**
 * Serve until the server is closed. `methods` are the exports of the web module, `functions` those
 * of `http-functions.js`; `portal` is the folder with `element` and `pages`.
 */
export async function listen({ host, port, portal, methods, functions, wix }) {
  const folders = { element: new URL('element/', portal), page: new URL('pages/', portal), host: BROWSER };
  const site = { methods, functions, folders, wix: new URL(wix).origin };
  // The client closes idle connections: if both sides do after 5 seconds, a request can be lost.
  const limits = { requestTimeout: PATIENCE, headersTimeout: PATIENCE, keepAliveTimeout: 0 };
  const server = createServer(limits, (request, response) => {
    handleRequest(site, request, response)
      .catch((error) => refusal(error))
      .then((answer) => {
        // A stream has answered itself.
        if (answer !== STREAM) {
          const { status = 200, headers = {}, body = '' } = answer;
          response.writeHead(status, { ...HEADERS, ...(status === 413 ? { Connection: 'close' } : {}), ...headers });
          response.end(body);
        }
      });
  });
  await new Promise((resolve, reject) => server.once('error', reject).listen(port, host, resolve));
  server.origins = new Set([`http://${host}:${server.address().port}`, `http://localhost:${server.address().port}`]);
  site.origins = server.origins;
  return server;
}

async function handleRequest(site, request, response) {
  const origin = `http://${request.headers.host}`;
  if (!site.origins.has(origin)) {
    // DNS rebinding: another name that resolves to this address.
    throw new RequestRefused(421, { message: 'this is no address of the portal' });
  }
  const url = new URL(request.url, origin);
  const { pathname } = url;
  if (pathname.startsWith('/__emulator/')) {
    return json(200, await control(request, pathname));
  }
  if (HTTP_FUNCTION.test(pathname) && !pathname.startsWith('/_functions/web/')) {
    // For programs anywhere: no origin, no session. The module imports the hook, and so does not
    // load without it.
    return callFunction(hub.hidesHook ? {} : site.functions, request, url);
  }
  if (request.method === 'POST') {
    if (request.headers.origin !== origin) {
      throw new RequestRefused(403, { message: 'another site may not call' });
    }
    return handlePost(site, request, pathname);
  }
  if (request.method !== 'GET') {
    throw new RequestRefused(405, { message: 'the method is not allowed' });
  }
  if (pathname === '/_realtime/connect') {
    connect(request, response, HEADERS);
    return STREAM;
  }
  return handleGet(site, request, pathname);
}

async function handlePost(site, request, pathname) {
  if (pathname === '/login') {
    return login(new URLSearchParams((await bodyOf(request, MAX_FORM)).toString()).get('member') ?? '');
  }
  if (pathname === '/logout') {
    return { status: 303, headers: { Location: '/', 'Set-Cookie': NO_COOKIE } };
  }
  const action = pathname.match(/^\/_realtime\/(subscribe|unsubscribe)$/)?.[1];
  if (action) {
    return json(200, await changeSubscription(action, request));
  }
  const name = pathname.match(/^\/_functions\/web\/([A-Za-z]{1,60})$/)?.[1];
  const method = name && Object.hasOwn(site.methods, name) ? site.methods[name] : null;
  if (!method?.permissions) {
    throw new RequestRefused(404, { message: 'there is no such method' });
  }
  const memberId = memberOf(request);
  if (method.permissions !== 'Anyone' && !memberId) {
    throw new RequestRefused(403, { message: 'only a member may call' });
  }
  const args = await argumentsOf(request, MAX_CALL);
  const result = await asMember(memberId, () => method(...args));
  return json(200, { result: result ?? null });
}

async function login(memberId) {
  const found = /^[0-9a-f-]{36}$/.test(memberId) ? await call('GET', `/members/v1/members/${memberId}?fieldsets=FULL`).catch(() => null) : null;
  if (found?.member.status !== 'APPROVED') {
    throw new RequestRefused(403, { message: 'there is no such member, or it may not log in' });
  }
  return { status: 303, headers: { Location: '/portal', 'Set-Cookie': cookieFor(memberId) } };
}

async function handleGet(site, request, pathname) {
  const memberId = memberOf(request);
  if (pathname === '/') {
    return html(await loginPage(memberId), site);
  }
  if (pathname === '/portal') {
    const nonce = randomBytes(16).toString('base64');
    const language = request.headers['accept-language']?.match(/^[a-zA-Z]{2,3}(-[a-zA-Z0-9]{2,8})?/)?.[0] ?? 'en';
    return memberId ? html(portalPage(nonce, language), site, nonce) : { status: 303, headers: { Location: '/' } };
  }
  if (pathname === '/host/backend.js') {
    return file('js', backendModule(site.methods));
  }
  const [, folder, path, , type] = pathname.match(PATH) ?? [];
  const found = folder && (await readFile(new URL(`.${path}`, site.folders[folder])).catch(() => null));
  if (!found) {
    throw new RequestRefused(404, { message: 'there is no such path' });
  }
  return file(type, found);
}

/** The web module as a page imports it: functions of the same names that call the host. */
function backendModule(methods) {
  const names = Object.keys(methods).filter((name) => methods[name].permissions);
  return `import { caller } from '/host/caller.js';\n${names.map((name) => `export const ${name} = caller('${name}');\n`).join('')}`;
}

/**
 * Content security policy: the portal's page runs its own scripts, calls this host, and sends files
 * to Wix.
 */
function html(body, site, nonce) {
  const scripts = nonce ? ` script-src 'self' 'nonce-${nonce}'; connect-src 'self' ${site.wix};` : '';
  const policy = `default-src 'none';${scripts} style-src 'self'; img-src 'self' data: ${site.wix}; base-uri 'none'; form-action 'self'; frame-ancestors 'none'`;
  return { headers: { 'Content-Type': 'text/html; charset=utf-8', 'Content-Security-Policy': policy }, body };
}

function file(type, body) {
  return { headers: { 'Content-Type': `${TYPES[type]}; charset=utf-8` }, body };
}

function json(status, document) {
  return { status, headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(document) };
}

function refusal(error) {
  if (error instanceof RequestRefused) {
    return json(error.status, error.document);
  }
  console.error(`portal: ${error.code ?? error.name}`);
  return json(500, { message: 'the portal failed' });
}
