import { Permissions, webMethod } from 'wix-web-module';
import { createDownloadLink, submitVersion, uploadUrl } from 'backend/documents.js';
import { redeemInvitation } from 'backend/invitations.js';
import { requireAnyLink, requireLink, requireLinks, partnersOf } from 'backend/links.js';
import * as people from 'backend/people.js';
import { changesOf, moreOf, portalOf, sectionsOf } from 'backend/portal.js';
import { addReadMarks, readMarksOf } from 'backend/read-marks.js';
import * as requests from 'backend/requests.js';
import { memberMethod } from 'backend/session.js';
import { changeSettings, chosenLanguage, settingsOf } from 'backend/settings.js';

/**
 * The web methods of the portal's page.
 *
 * The member is the session's, and its partners are read on each call. `partner` only chooses among
 * them: null is the first by name; a partner that is not the member's is rejected like one that
 * does not exist. What the member may see and do there depends on its role (`permissions.js`). Each method returns plain JSON, or `{error: {code}}`.
 */

/** What a change counts like: it takes some reads, and as many writes, of which Wix gives a site half as many. */
const CHANGE = 10;
const change = () => CHANGE;
/** Names of sections that are read: one read each. */
const lengthOf = (names) => (Array.isArray(names) ? Math.min(names.length, CHANGE) : 0);

/**
 * `{member: {name, language}, partners: [{id, name, role}]}`, with `more` if there are more partners
 * than are listed. `language` is the one that the member has chosen, or null.
 */
export const getSession = webMethod(
  Permissions.SiteMember,
  memberMethod(async (member) => {
    const [language, partners] = await Promise.all([chosenLanguage(member.id), partnersOf(member)]);
    return { member: { name: member.name, language }, ...partners };
  }),
);

/**
 * `{partner, asOf, stale, numbers, hidden, may, texts, sections}` with the sections in `names`; a section
 * `{rows, asOf, stale}` has `next` if there are more rows. `hidden` are the areas without a source, and
 * the sections that the member may not see. `may` are `{sections, actions}` that it may see and take.
 */
export const getPortal = webMethod(
  Permissions.SiteMember,
  memberMethod(
    async (member, partner, locale, names) => portalOf(await requireLink(member.id, partner), locale, names),
    (_partner, _locale, names) => 2 + lengthOf(names),
  ),
);

/** `{sections}` with the sections in `names`. */
export const getSections = webMethod(
  Permissions.SiteMember,
  memberMethod(
    async (member, partner, names, locale) => sectionsOf(await requireLink(member.id, partner), names, locale),
    (_partner, names) => 1 + lengthOf(names),
  ),
);

/**
 * `{numbers, hidden, may, asOf, stale}`: `numbers` are `{own: {section: n}, everybody: {section: n}}`, how often
 * each section has changed.
 */
export const getChanges = webMethod(
  Permissions.SiteMember,
  memberMethod(async (member, partner) => changesOf(await requireLink(member.id, partner))),
);

/** `{rows, next}`: the rows of a section after `cursor`; without `next` on the last page. */
export const getMore = webMethod(
  Permissions.SiteMember,
  memberMethod(async (member, partner, section, cursor, locale) => moreOf(await requireLink(member.id, partner), section, cursor, locale)),
);

/** `{reference}` */
export const addComment = webMethod(
  Permissions.SiteMember,
  memberMethod(async (member, partner, issueId, comment) => requests.addComment(member, await requireLink(member.id, partner), issueId, comment)),
);

/** `{reference}`; `requestId` is the row's id. */
export const answerRequest = webMethod(
  Permissions.SiteMember,
  memberMethod(async (member, partner, requestId, answer) => requests.answerRequest(member, await requireLink(member.id, partner), requestId, answer)),
);

/** `{reference}` */
export const answerResolution = webMethod(
  Permissions.SiteMember,
  memberMethod(async (member, partner, issueId, accepted, reason) =>
    requests.answerResolution(member, await requireLink(member.id, partner), issueId, accepted, reason),
  ),
);

/** `{reference}` */
export const submitStep = webMethod(
  Permissions.SiteMember,
  memberMethod(async (member, partner, enrollmentId, stepKey, answers) =>
    requests.submitStep(member, await requireLink(member.id, partner), enrollmentId, stepKey, answers),
  ),
);

/** `{reference}`; `files` are the files that were uploaded for the form, `[{fileId, fileName}]`. */
export const sendRequest = webMethod(
  Permissions.SiteMember,
  memberMethod(async (member, partner, form, values, files) => requests.sendRequest(member, await requireLink(member.id, partner), form, values, files)),
);

/** `{uploadUrl}` for `{fileName, mimeType, sizeInBytes}`, an attachment of a form. */
export const getAttachmentUrl = webMethod(
  Permissions.SiteMember,
  memberMethod(async (member, partner, form, file) => requests.attachmentUrl(member, await requireLink(member.id, partner), form, file)),
);

/**
 * `[{key, title, fields: [{name, target, label, hint, kind, required, maxLength, choices}], words,
 * attachments}]`: the forms that the member may send for the partner. Without one, as an element of
 * an earlier release asks, those that it may send for any of its partners.
 */
export const getRequestForms = webMethod(
  Permissions.SiteMember,
  memberMethod(async (member, locale, partner = null) => {
    const links = partner === null ? await requireLinks(member.id) : [await requireLink(member.id, partner)];
    return requests.requestForms(links, locale);
  }),
);

/** `{url, expiresAt}` */
export const openDocument = webMethod(
  Permissions.SiteMember,
  memberMethod(async (member, partner, documentId) => createDownloadLink(await requireLink(member.id, partner), documentId)),
);

/** `{uploadUrl}` for `{fileName, mimeType, sizeInBytes}`, a new version of a document. */
export const getUploadUrl = webMethod(
  Permissions.SiteMember,
  memberMethod(async (member, partner, documentId, file) => uploadUrl(member, await requireLink(member.id, partner), documentId, file)),
);

/** `{reference}` */
export const submitDocument = webMethod(
  Permissions.SiteMember,
  memberMethod(async (member, partner, documentId, fileId, fileName, baseVersion) =>
    submitVersion(member, await requireLink(member.id, partner), documentId, fileId, fileName, baseVersion),
  ),
);

/** `{partner: {id, name, role}}`, also for a member who acts for partners already. */
export const acceptInvitation = webMethod(
  Permissions.SiteMember,
  memberMethod(async (member, code) => redeemInvitation(member, code)),
);

/** `{settings, choices}` of the session's member, see `settings.js`; the labels are in the locale. */
export const getSettings = webMethod(
  Permissions.SiteMember,
  memberMethod(async (member, locale) => {
    await requireAnyLink(member.id);
    return settingsOf(member, locale);
  }),
);

/**
 * `{settings}`, with a locale also `choices` in it; `settings` names what the member has changed, and
 * only that is saved.
 */
export const saveSettings = webMethod(
  Permissions.SiteMember,
  memberMethod(async (member, settings, locale = null) => {
    await requireAnyLink(member.id);
    return changeSettings(member, settings, locale);
  }, change),
);

/** `{marks: {section: {upTo, ids: {id: time}}}}`: what the session's member has read, on all its devices. */
export const getReadMarks = webMethod(
  Permissions.SiteMember,
  memberMethod(async (member, partner) => readMarksOf(member, await requireLink(member.id, partner))),
);

/** `{marks}` after adding `marks`, `{section: {upTo, ids: {id: time}}}`, see `read-marks.js`. */
export const markRead = webMethod(
  Permissions.SiteMember,
  memberMethod(
    async (member, partner, marks) => addReadMarks(member, await requireLink(member.id, partner), marks),
    change,
  ),
);

/**
 * `{people, invitations, roles, languages}` of a partner, see `people.js`. This method and the following
 * are for administrators of the partner. They return `{}` if they only change something.
 */
export const getPeople = webMethod(
  Permissions.SiteMember,
  memberMethod(async (member, partner) => people.peopleOf(member, await requireLink(member.id, partner))),
);

/** Invite `{email, name, role, language}`; name and language may be missing. */
export const invitePerson = webMethod(
  Permissions.SiteMember,
  memberMethod(
    async (member, partner, person) => people.invitePerson(member, await requireLink(member.id, partner), person),
    change,
  ),
);

export const changeRole = webMethod(
  Permissions.SiteMember,
  memberMethod(
    async (member, partner, personId, role) => people.changeRole(member, await requireLink(member.id, partner), personId, role),
    change,
  ),
);

export const removePerson = webMethod(
  Permissions.SiteMember,
  memberMethod(
    async (member, partner, personId) => people.removePerson(member, await requireLink(member.id, partner), personId),
    change,
  ),
);

/** Withdraw an invitation and make the next one for the same person. */
export const sendAgain = webMethod(
  Permissions.SiteMember,
  memberMethod(
    async (member, partner, invitationId) => people.sendAgain(member, await requireLink(member.id, partner), invitationId),
    change,
  ),
);

export const withdrawInvitation = webMethod(
  Permissions.SiteMember,
  memberMethod(
    async (member, partner, invitationId) => people.withdrawInvitation(member, await requireLink(member.id, partner), invitationId),
    change,
  ),
);
