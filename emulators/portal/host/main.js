/**
 * Starts the host; `emulators/portal/__main__.py` has its options.
 *
 * Prints `READY {"url", "node", "timeZones"}` once requests are answered; `timeZones` is the
 * release of IANA's data in Node's ICU.
 */

import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';

import { loadModule, serveVelo } from './loader.js';
import { hub } from './realtime.js';
import { listen } from './server.js';
import { configure, stretchTimers } from './site.js';

const names = ['host', 'port', 'wix', 'site-id', 'patience', 'portal', 'editor'];
const { values } = parseArgs({ options: Object.fromEntries(names.map((name) => [name, { type: 'string' }])) });
const { PORTAL_WIX_API_KEY: apiKey = '', PORTAL_SECRETS: secrets = '{}' } = process.env;

configure({ url: values.wix, siteId: values['site-id'], patience: Number(values.patience), apiKey, secrets: JSON.parse(secrets) });
stretchTimers(Number(values.patience));
const portal = pathToFileURL(`${values.portal}/`);
serveVelo(new URL('backend/', portal));
const methods = await import('backend/gridwix.web.js');
const permissions = await loadModule(portal, 'realtime-permissions.js');
hub.configure({ hook: permissions && permissions.realtime_check_permission, studio: values.editor === 'studio' });
// What does not load has no functions, as on a Wix site.
const functions = (await loadModule(portal, 'http-functions.js').catch((error) => console.error(`portal: http-functions.js: ${error.message}`))) ?? {};
const server = await listen({ host: values.host, port: Number(values.port), portal, methods, functions, wix: values.wix });
process.once('SIGTERM', () => {
  server.close();
  server.closeAllConnections();
  process.stdin.destroy();
});
// Stop when the process that started the host has ended, even if it was killed.
if (process.env.EMULATOR_PARENT) {
  process.stdin.once('close', () => process.kill(process.pid, 'SIGTERM')).resume();
}
const timeZones = process.versions.tz;
console.log(`READY ${JSON.stringify({ url: `http://${values.host}:${server.address().port}`, node: process.version, timeZones })}`);
