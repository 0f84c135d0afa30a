import { createHash } from 'crypto';
import wixData from 'wix-data';
import { countAttempt } from 'backend/attempts.js';
import { CHOICES, INVITATION_DAYS } from 'backend/choices.js';
import { CONSISTENT, ELEVATED, findAll, insertOnce, setFields } from 'backend/data.js';
import { normalAddress, personAddress } from 'backend/email-address.js';
import { readFlatObject, readId, readText } from 'backend/inputs.js';
import { ROLES } from 'backend/links.js';
import { addLine } from 'backend/people-history.js';
import { ADMINISTRATOR, mayGrant, requireAdministrator } from 'backend/permissions.js';
import { Refused } from 'backend/refusals.js';
import { languageName } from 'backend/settings.js';

/**
 * Who acts for a partner, and who is invited to: for its administrators, and nobody else.
 *
 * Wix Data has no transactions. What must not be undone by a second call at the same moment has a fixed
 * `_id`, which Wix inserts once, or is checked after the write (`keepAnAdministrator`).
 */

const LINKS = 'PartnerLinks';
const INVITATIONS = 'PartnerInvitations';
const REDEMPTIONS = 'InvitationRedemptions';

/** People and open invitations of a partner together, from which on nobody is invited here. */
const MOST_PEOPLE = 500;
/** People, and invitations, that are listed. The hub may have imported more than MOST_PEOPLE. */
const MOST_LISTED = 1000;
const MAX_NAME = 200;
const DAY = 86_400_000;

/**
 * Return who acts for a partner and who is invited: `{people, invitations, roles, languages}`, with `more`
 * if there are more than are listed.
 *
 * `people` are `{id, name, email, role, since, lastSeen, self}`, `invitations` are `{id, email, name, role,
 * invitedAt, byHub, by, validUntil, expired}`, without address for a code that was given by hand. `roles` are
 * those that the member may give, `languages` are `[{key, label}]`. Times are ISO 8601, or null.
 */
export async function peopleOf(member, partner) {
  requireAdministrator(partner);
  const [persons, active] = await Promise.all([personsOf(partner), activeInvitations(partner)]);
  const invitations = openInvitations(active, persons);
  const isLong = [persons, invitations].some(({ length }) => length > MOST_LISTED);
  return {
    people: persons
      .map((person) => personForPage(person, member))
      .sort(byName)
      .slice(0, MOST_LISTED),
    invitations: invitations
      .map((row) => invitationForPage(row, persons))
      .sort(byName)
      .slice(0, MOST_LISTED),
    roles: ROLES.filter((role) => mayGrant(partner, role)),
    languages: CHOICES.languages.map((key) => ({ key, label: languageName(key) })),
    ...(isLong ? { more: true } : {}),
  };
}

/**
 * Invite `{email, name, role, language}`. Returns `{}`: gridwix finds the row and sends the mail.
 *
 * Throws Refused: invalid with the `question`; already_member and already_invited; not_allowed for a role
 * that the member may not give; too_many for a partner with many people; too_often.
 */
export async function invitePerson(member, partner, wanted) {
  requireAdministrator(partner);
  const person = readPerson(partner, wanted);
  const [persons, active, earlier] = await Promise.all([personsOf(partner), activeInvitations(partner), roundsOf(partner, person.email)]);
  requireNewcomer(member, persons, person.email);
  if (earlier.some((row) => row.status === 'active' && !isExpired(row))) {
    throw new Refused('already_invited', 'email');
  }
  if (persons.length + openInvitations(active, persons).length >= MOST_PEOPLE) {
    throw new Refused('too_many');
  }
  return beginRound(member, partner, person, earlier, 'invited');
}

/**
 * Make the next invitation of the person of an open or expired one, with its role, and withdraw that
 * one. Returns `{}`. Throws Refused as `invitePerson` does, and not_found.
 */
export async function sendAgain(member, partner, invitationId) {
  requireAdministrator(partner);
  const row = await requireInvitation(partner, invitationId);
  const email = personAddress(row.email);
  if (email === null) {
    // A code that was given by hand: nobody knows to whom.
    throw new Refused('not_found');
  }
  requireGrant(partner, row.role);
  const [persons, earlier] = await Promise.all([personsOf(partner), roundsOf(partner, email)]);
  requireNewcomer(member, persons, email);
  if (earlier.some((one) => one.status === 'active' && roundOf(one) > roundOf(row))) {
    // A page that is out of date, or a second click.
    throw new Refused('already_invited');
  }
  const { name, role, language, source, userId } = row;
  return beginRound(member, partner, { email, name, role, language, source, userId }, earlier, 'sent_again');
}

/**
 * Withdraw an open invitation: its code is of no use any more. Returns `{}`. Throws Refused: not_found,
 * already_member if the person has accepted at the same moment.
 */
export async function withdrawInvitation(member, partner, invitationId) {
  requireAdministrator(partner);
  const row = await requireInvitation(partner, invitationId);
  const email = normalAddress(row.email);
  await addLine(member.id, partner.id, 'withdrawn', { email }, { roleBefore: row.role });
  // Earlier rounds, too: one may have stayed open when a call was interrupted.
  const others = email === null ? [] : (await roundsOf(partner, email)).filter(({ status }) => status === 'active');
  await revoke([row, ...others.filter(({ _id }) => _id !== row._id)]);
  // After the write: whoever accepts writes the link first, and then looks whether the invitation is still open.
  const { items } = await wixData.query(LINKS).eq('partnerId', partner.id).eq('invitationId', row._id).limit(1).find(CONSISTENT);
  if (items.length) {
    throw new Refused('already_member');
  }
  return {};
}

/**
 * Give a person another role. Returns `{}`. Throws Refused: not_found, not_allowed for a role that the
 * member may not give, last_admin if no administrator would be left.
 */
export async function changeRole(member, partner, personId, role) {
  requireAdministrator(partner);
  requireRole(role);
  requireGrant(partner, role);
  const person = await requirePerson(partner, personId);
  if (person.role === role) {
    return {};
  }
  if (person.role === ADMINISTRATOR) {
    await requireAnotherAdministrator(partner, person);
  }
  await addLine(member.id, partner.id, 'role_changed', person, { roleBefore: person.role, roleAfter: role });
  await closeInvitations(partner, person);
  await setRole(person, role);
  if (person.role === ADMINISTRATOR) {
    await keepAnAdministrator(member, partner, person);
  }
  return {};
}

/**
 * Take a person's access to the partner away, at once. Returns `{}`. Throws Refused: not_found, last_admin
 * if no administrator would be left.
 *
 * An administrator loses the role first, and its link only when it is sure that another one is left. So a
 * role is all that ever has to be given back: a link that the hub removes meanwhile stays removed.
 */
export async function removePerson(member, partner, personId) {
  requireAdministrator(partner);
  const person = await requirePerson(partner, personId);
  if (person.role === ADMINISTRATOR) {
    await requireAnotherAdministrator(partner, person);
  }
  await addLine(member.id, partner.id, 'removed', person, { roleBefore: person.role });
  await closeInvitations(partner, person);
  if (person.role === ADMINISTRATOR) {
    await setRole(person, '');
    await keepAnAdministrator(member, partner, person);
  }
  await wixData.bulkRemove(LINKS, person.rows, ELEVATED);
  return {};
}

/** Throw Refused, last_admin, unless another person is an administrator. Before anything is written. */
export async function requireAnotherAdministrator(partner, person) {
  const persons = await personsOf(partner);
  if (!persons.some(({ memberId, role }) => role === ADMINISTRATOR && memberId !== person.memberId)) {
    throw new Refused('last_admin');
  }
}

/**
 * Make sure that an administrator is left, now that `person` is none; else make it one again, and throw
 * Refused, last_admin.
 *
 * Each of several calls at once reads after its own write. The last one to write sees all the others, so
 * it finds an administrator, or gives the role back. If two take it from one another, both give it back.
 */
async function keepAnAdministrator(member, partner, person) {
  const persons = await personsOf(partner);
  if (persons.some(({ role }) => role === ADMINISTRATOR)) {
    return;
  }
  await setRole(person, ADMINISTRATOR);
  await addLine(member.id, partner.id, 'restored', person, { roleAfter: ADMINISTRATOR });
  throw new Refused('last_admin');
}

async function setRole({ rows }, role) {
  await Promise.all(rows.map((row) => setFields(LINKS, row, { role })));
}

/**
 * End the open invitations of a person who has a link: one would bring the former role, or the access,
 * back. So would a redemption that was interrupted: its invitation counts as used.
 */
async function closeInvitations(partner, { email, memberId }) {
  const [active, redemptions] = await Promise.all([
    activeInvitations(partner),
    findAll(wixData.query(REDEMPTIONS).eq('memberId', memberId).ascending('_id'), CONSISTENT),
  ]);
  const begun = new Set(redemptions.items.map(({ _id }) => _id));
  await Promise.all(active.filter(({ _id }) => begun.has(_id)).map(({ _id }) => setFields(INVITATIONS, _id, { status: 'used', usedBy: memberId })));
  await revoke(active.filter((row) => !begun.has(row._id) && email && normalAddress(row.email) === email));
}

/** Write the next round of a person, and withdraw those before. Returns `{}`. */
async function beginRound(member, partner, person, earlier, act) {
  await countAttempt(member.id, 'invite');
  const { email, name, role, language, source, userId } = person;
  const round = 1 + Math.max(0, ...earlier.map(roundOf));
  const now = new Date();
  const row = {
    _id: createHash('sha256').update(`invitation/${partner.id}/${email}/${round}`).digest('hex').slice(0, 40),
    partnerId: partner.id,
    role,
    status: 'active',
    expiresAt: new Date(now.getTime() + INVITATION_DAYS * DAY),
    email,
    bound: true,
    invitedBy: member.id,
    invitedAt: now,
    source: source || 'portal',
    round,
    ...(name ? { name } : {}),
    ...(language ? { language } : {}),
    ...(userId ? { userId } : {}),
  };
  await addLine(member.id, partner.id, act, { email }, { roleAfter: role });
  // The next round first: if the call ends here, the person has an invitation, and a repetition withdraws the others.
  if (await insertOnce(INVITATIONS, row)) {
    throw new Refused('already_invited', 'email');
  }
  await revoke(earlier.filter(({ status }) => status === 'active'));
  return {};
}

async function revoke(rows) {
  await Promise.all(rows.map(({ _id }) => setFields(INVITATIONS, _id, { status: 'revoked' })));
}

/**
 * Return the persons with a link to the partner: `{id, rows, memberId, role, name, email, since, lastSeen}`.
 * As for a call, the first of several links of a member has the role. From the primary database.
 */
async function personsOf(partner) {
  const { items } = await findAll(wixData.query(LINKS).eq('partnerId', partner.id).ascending('_id'), CONSISTENT);
  const persons = new Map();
  for (const { _id, memberId, role, name, email, verifiedAt, lastSeenAt } of items) {
    const known = persons.get(memberId);
    if (known) {
      known.rows.push(_id);
    } else {
      const own = ROLES.includes(role) ? role : '';
      persons.set(memberId, { id: _id, rows: [_id], memberId, role: own, name: textOf(name), email: normalAddress(email), since: verifiedAt, lastSeen: lastSeenAt });
    }
  }
  return [...persons.values()];
}

async function activeInvitations(partner) {
  return (await findAll(wixData.query(INVITATIONS).eq('partnerId', partner.id).eq('status', 'active').ascending('_id'), CONSISTENT)).items;
}

/** All invitations of an address at the partner, whatever became of them. */
async function roundsOf(partner, email) {
  return (await findAll(wixData.query(INVITATIONS).eq('partnerId', partner.id).eq('email', email).ascending('_id'), CONSISTENT)).items;
}

/** The last round of each address that has no link, and the codes that were given by hand. */
function openInvitations(active, persons) {
  const linked = new Set(persons.map(({ email }) => email).filter(Boolean));
  const last = new Map();
  for (const row of active) {
    const email = normalAddress(row.email);
    const key = email ?? row._id;
    if (!linked.has(email) && !(last.has(key) && roundOf(last.get(key)) > roundOf(row))) {
      last.set(key, row);
    }
  }
  return [...last.values()];
}

/** Return the person of an id that the page has: the id of one of the partner's links. Throws Refused. */
async function requirePerson(partner, personId) {
  const id = readId(personId);
  const person = (await personsOf(partner)).find(({ rows }) => rows.includes(id));
  if (!person) {
    throw new Refused('not_found');
  }
  return person;
}

/** Return the row of one of the partner's open or expired invitations. Throws Refused, not_found. */
async function requireInvitation(partner, invitationId) {
  const row = await wixData.get(INVITATIONS, readId(invitationId), CONSISTENT);
  if (row?.partnerId !== partner.id || row.status !== 'active') {
    throw new Refused('not_found');
  }
  return row;
}

/** Throw Refused, already_member, for the address of somebody with a link, or of the member itself. */
function requireNewcomer(member, persons, email) {
  if (normalAddress(member.email) === email || persons.some((person) => person.email === email)) {
    throw new Refused('already_member', 'email');
  }
}

function requireRole(role) {
  if (!ROLES.includes(role)) {
    throw new Refused('invalid', 'role');
  }
}

/** Throw Refused, not_allowed, for a role that may more than the member. */
function requireGrant(partner, role) {
  if (!ROLES.includes(role) || !mayGrant(partner, role)) {
    throw new Refused('not_allowed', 'role');
  }
}

/** Read who is to be invited: `{email, name, role, language}`. Throws Refused. */
function readPerson(partner, wanted) {
  const { email, name, role, language, ...others } = readFlatObject(wanted, 4);
  if (Object.keys(others).length) {
    throw new Refused('invalid');
  }
  const address = personAddress(email);
  if (address === null) {
    throw new Refused('invalid', 'email', 'person.email');
  }
  requireRole(role);
  requireGrant(partner, role);
  if (![undefined, null, '', ...CHOICES.languages].includes(language)) {
    throw new Refused('invalid', 'language');
  }
  return { email: address, name: readName(name), role, language: language || '' };
}

/** Read a name on one line; '' for none. Throws Refused for the question. */
function readName(name) {
  try {
    return readText(name, MAX_NAME, { optional: true }).replace(/[\s\p{Cc}]+/gu, ' ').trim();
  } catch (error) {
    throw error instanceof Refused ? new Refused(error.code, 'name') : error;
  }
}

function personForPage({ id, name, email, role, since, lastSeen, memberId }, member) {
  return { id, name, email: email ?? '', role, since: isoOf(since), lastSeen: isoOf(lastSeen), self: memberId === member.id };
}

function invitationForPage(row, persons) {
  const inviter = persons.find(({ memberId }) => memberId === row.invitedBy);
  return {
    id: row._id,
    email: textOf(row.email),
    name: textOf(row.name),
    role: ROLES.includes(row.role) ? row.role : '',
    invitedAt: isoOf(row.invitedAt),
    // A code that was given by hand does not say it.
    byHub: row.invitedBy === 'hub' || !row.email,
    by: inviter ? inviter.name || inviter.email || '' : '',
    validUntil: isoOf(row.expiresAt),
    expired: isExpired(row),
  };
}

/** @param {any} row */
function isExpired({ expiresAt }) {
  return !(new Date(expiresAt ?? NaN) > new Date());
}

/** @param {any} row */
function roundOf({ round }) {
  return Number.isSafeInteger(round) && round > 0 ? round : 1;
}

function byName(one, other) {
  return (one.name || one.email).localeCompare(other.name || other.email, 'en') || (one.id < other.id ? -1 : 1);
}

function textOf(value) {
  return typeof value === 'string' ? value : '';
}

function isoOf(value) {
  const date = new Date(value ?? NaN);
  return Number.isNaN(date.getTime()) ? null : date.toISOString();
}
