/** The member's settings and read marks, as the backend gives them. */

const READ = '2026-03-14T00:00:00.000Z';

/** Everything was read, so that only what a test makes new is new. */
export function readMarks(partners) {
  const mark = { upTo: READ, ids: {} };
  return Object.fromEntries(partners.map((id) => [id, Object.fromEntries(['issues', 'notices', 'documents', 'requests', 'messages'].map((name) => [name, mark]))]));
}

export function settings() {
  return { language: null, quietHours: null, messages: { documents: { email: true }, 'new-issues': { email: false } } };
}

export function choices() {
  const portal = { key: 'portal', label: 'In this portal', fixed: { reason: 'portal', label: 'The portal lists every message' } };
  const email = { key: 'email', label: 'Email' };
  const required = { reason: 'required', label: 'These messages concern your work with us' };
  return {
    languages: [
      { key: 'de', label: 'Deutsch' },
      { key: 'en', label: 'English' },
      { key: 'es', label: 'español' },
      { key: 'fr', label: 'français' },
    ],
    quietHours: { begins: '20:00', ends: '07:00' },
    longestQuietMinutes: 960,
    timeZones: ['America/Chicago', 'Asia/Tokyo', 'Europe/Berlin', 'UTC'],
    groups: [
      { key: 'issues', label: 'Issues that wait for you', areas: ['issues'], channels: [portal, { key: 'inbox', label: 'Chat message', fixed: required }, { ...email, fixed: required }] },
      { key: 'new-issues', label: 'New issues', areas: ['issues'], channels: [portal, { ...email, fixed: null }] },
      { key: 'documents', label: 'Agreements and guides', areas: ['documents'], channels: [portal, { ...email, fixed: null }] },
    ],
  };
}

/** Who acts for Prairie Gold, and who is invited to, as its administrator sees them. */
export function people() {
  const person = { name: '', email: '', since: '2026-01-12T15:00:00Z', lastSeen: null, self: false };
  const invitation = { name: '', invitedAt: '2026-03-10T15:00:00Z', byHub: false, by: '', validUntil: '2026-03-24T15:00:00Z', expired: false };
  return {
    people: [
      { ...person, id: 'p-dana', name: 'Dana Whitfield', email: 'dana.whitfield@prairiegold.example', role: 'admin', lastSeen: '2026-03-13T08:00:00Z', self: true },
      { ...person, id: 'p-lee', name: 'Lee Marsh', email: 'lee.marsh@edi-bureau.example', role: 'edi', lastSeen: '2026-03-02T08:00:00Z' },
      { ...person, id: 'p-new', role: '' },
    ],
    invitations: [
      { ...invitation, id: 'i-ada', name: 'Ada Lovelace', email: 'ada.lovelace@prairiegold.example', role: 'finance', by: 'Dana Whitfield' },
      { ...invitation, id: 'i-jo', email: 'jo.with.a.rather.long.address.of.a.department@prairiegold.example', role: 'logistics', byHub: true, validUntil: '2026-03-01T15:00:00Z', expired: true },
      { ...invitation, id: 'i-hand', email: '', role: 'edi', byHub: true, invitedAt: null },
    ],
    roles: ['admin', 'edi', 'finance', 'logistics'],
    languages: choices().languages,
  };
}
