/** The two pages of the host. All data of the site is escaped. */

import { call } from './site.js';

const MEMBERS_PER_PAGE = 100;

const ENTITIES = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };
const escape = (text) => String(text).replace(/[&<>"']/g, (character) => ENTITIES[character]);

/** Login page: the members of the site, each with its partners. */
export async function loginPage(current) {
  const people = await members();
  const items = people.map(
    ({ id, name, email, partners, approved }) => `
    <li>
      <form method="post" action="/login">
        <input type="hidden" name="member" value="${escape(id)}">
        <button${approved ? '' : ' disabled'}${id === current ? ' aria-current="true"' : ''}>
          <strong>${escape(name)}</strong><span>${escape(email)}</span><span>${escape(partners.join(', ') || 'acts for no partner')}</span>
        </button>
      </form>
    </li>`,
  );
  return page(
    'Log in',
    `<main>
  <h1>Partner portal</h1>
  <p>On a Wix site, members log in to its members area. Here you are whoever you choose.</p>
  <ul class="members">${items.join('') || '<li>The site has no members.</li>'}</ul>
  <footer>
    Backend code: Node.js ${escape(process.versions.node)}, time zones of IANA ${escape(process.versions.tz)}; it asks for none. The page shows times by your
    browser's own; gridwix itself by the release that <code>gridwix doctor</code> names. On a Wix site the backend's Node.js is Wix's.
  </footer>
</main>`,
  );
}

/** The page with the web component, like the page on the Wix site. */
export function portalPage(nonce, language) {
  const imports = {
    'backend/gridwix.web.js': '/host/backend.js',
    'wix-location-frontend': '/host/wix-location-frontend.js',
    'wix-realtime-frontend': '/host/wix-realtime-frontend.js',
    'wix-seo-frontend': '/host/wix-seo-frontend.js',
    'wix-window-frontend': '/host/wix-window-frontend.js',
  };
  return page(
    'Partner portal',
    `<header class="bar"><span>Local portal</span><a href="/">Members</a><form method="post" action="/logout"><button>Log out</button></form></header>
<gridwix-portal id="gridwixPortal"></gridwix-portal>
<script type="importmap" nonce="${nonce}">${JSON.stringify({ imports })}</script>
<script type="module" src="/host/page.js"></script>`,
    language,
  );
}

async function members() {
  const [found, { dataItems: links }, { dataItems: rows }] = await Promise.all([
    everyMember(),
    items('PartnerLinks', {}, ['memberId', 'partnerId', 'role']),
    items('PartnerStatus', {}, ['partnerId', 'partnerName']),
  ]);
  const names = new Map(rows.map(({ data }) => [data.partnerId, data.partnerName]));
  return found
    .map(({ id, loginEmail, status, profile }) => ({
      id,
      name: profile.nickname,
      email: loginEmail,
      approved: status === 'APPROVED',
      partners: links.filter(({ data }) => data.memberId === id).map(({ data }) => `${names.get(data.partnerId) ?? data.partnerId} (${data.role})`),
    }))
    .sort((one, other) => one.name.localeCompare(other.name, 'en'));
}

async function everyMember() {
  const found = [];
  for (;;) {
    const paging = { limit: MEMBERS_PER_PAGE, offset: found.length };
    const { members: some } = await call('POST', '/members/v1/members/query', { query: { paging }, fieldsets: ['FULL'] });
    found.push(...some);
    if (some.length < MEMBERS_PER_PAGE) return found;
  }
}

function items(collection, filter, fields) {
  return call('POST', '/wix-data/v2/items/query', { dataCollectionId: collection, query: { filter, fields, paging: { limit: 1000 } }, consistentRead: true });
}

function page(title, body, language = 'en') {
  return `<!doctype html>
<html lang="${escape(language)}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escape(title)}</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="/host/host.css">
</head>
<body>
${body}
</body>
</html>
`;
}
