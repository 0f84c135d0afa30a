import { PERMISSIONS } from 'backend/roles.js';
import { Refused } from 'backend/refusals.js';

/**
 * What a member may see and do at a partner, by the role of its link. Pure.
 *
 * `roles.js` is generated from `config/roles.yaml`. gridwix has the same rules in
 * `configuration/roles.py`, and checks each submission again. What is not in `roles.js` is not
 * allowed: an unknown role is `other`, and an unknown section or action belongs to nobody.
 */

/** The role of a link whose role is none of those that gridwix knows. */
export const OTHER = 'other';

/** The role of a partner's administrators: they alone see and change who acts for it. */
export const ADMINISTRATOR = 'admin';

/** Names of all roles, as messages name them. */
export const ROLE_NAMES = Object.keys(PERMISSIONS);

/** Sections that a role may see or not. The status is always there. */
const SECTIONS = ['onboarding', 'issues', 'notices', 'documents', 'requests', 'messages', 'activity'];

/** The section that each action belongs to. */
const SECTION_OF_ACTION = {
  comment: 'issues',
  answer_resolution: 'issues',
  answer_request: 'requests',
  submit_step: 'onboarding',
  upload_version: 'documents',
};

/** What records of a Trading Grid collection are shown in. A compliance check is part of the status. */
const SECTION_OF_RECORD = {
  cases: 'issues',
  enrollments: 'onboarding',
  'service-notices': 'notices',
  documents: 'documents',
  'collaboration-requests': 'requests',
};

/** The action of a row in `PartnerRequests`, by its kind. A row of the kind `request` is none. */
const ACTION_OF_KIND = {
  case_comment: 'comment',
  case_resolution: 'answer_resolution',
  request_comment: 'answer_request',
  step_submission: 'submit_step',
  document_version: 'upload_version',
};

/** Sentences at the head of the page, by code, that tell of what a section shows. */
const SECTION_OF_HEADLINE = {
  'headline.answer': 'issues',
  'headline.answers': 'issues',
  'headline.working': 'issues',
  'headline.onboarding': 'onboarding',
};
/** Sentences at the head of the page that tell of the partner itself or of compliance checks. */
const OPEN_HEADLINES = ['headline.suspended', 'headline.terminated', 'headline.check', 'headline.checks', 'headline.passed', 'headline.nothing'];

/** Fields of the status that tell of a section. */
const STATUS_FIELDS = {
  issues: ['openCases', 'cases'],
  onboarding: ['onboardingPercent', 'targetGoLive', 'currentSteps', 'moreCurrentSteps'],
  documents: ['documentRequests', 'moreDocumentRequests'],
};

/** Return a link `{id, role}` with `may`: what the role allows. */
export function withPermissions(link) {
  return { ...link, may: Object.hasOwn(PERMISSIONS, link.role) ? PERMISSIONS[link.role] : PERMISSIONS[OTHER] };
}

/** True if a selection (`'all'`, a list, or `{except}`) has a value. */
function isSelected(selection, value) {
  if (selection === 'all') {
    return true;
  }
  return Array.isArray(selection) ? selection.includes(value) : !selection.except.includes(value);
}

/** True if the member sees a section, by its name. The status is always there. */
export function maySee({ may }, section) {
  return section === 'status' || (SECTIONS.includes(section) && isSelected(may.sections, section));
}

/** True if the member may take an action, and sees the section that it belongs to. */
export function mayAct(partner, action) {
  return Object.hasOwn(SECTION_OF_ACTION, action) && isSelected(partner.may.actions, action) && maySee(partner, SECTION_OF_ACTION[action]);
}

/** True if the member may send a request form. */
export function maySend(partner, form) {
  return isSelected(partner.may.forms, form) && maySee(partner, 'requests');
}

/** Throw Refused, not_allowed, for a section that the member does not see. */
export function requireSection(partner, section) {
  requireAllowed(maySee(partner, section));
}

/** Throw Refused, not_allowed, for an action that the member may not take. */
export function requireAction(partner, action) {
  requireAllowed(mayAct(partner, action));
}

/** Throw Refused, not_allowed, for a request form that the member may not send. */
export function requireForm(partner, form) {
  requireAllowed(maySend(partner, form));
}

/** True if the member sees and changes who acts for the partner. */
export function mayManagePeople({ role }) {
  return role === ADMINISTRATOR;
}

/** Throw Refused, not_allowed, for a member who is no administrator of the partner. */
export function requireAdministrator(partner) {
  requireAllowed(mayManagePeople(partner));
}

/**
 * True if the member may give a role: what the role may see and do is within what the member may.
 *
 * Forms, and kinds of documents, may have values that are not known yet: "all but some" is within a list of
 * values for nobody.
 */
export function mayGrant(partner, role) {
  const wanted = withPermissions({ ...partner, role });
  const seesMore = SECTIONS.some((section) => maySee(wanted, section) && !maySee(partner, section));
  const doesMore = Object.keys(SECTION_OF_ACTION).some((action) => mayAct(wanted, action) && !mayAct(partner, action));
  const [{ forms, documents }, own] = [wanted.may, partner.may];
  return (
    !seesMore &&
    !doesMore &&
    (!maySee(wanted, 'requests') || isWithin(forms, own.forms)) &&
    (!maySee(wanted, 'documents') || ['categories', 'classifications'].every((list) => isWithin(documents[list], own.documents[list])))
  );
}

/** True if all values of a selection are in another one. */
function isWithin(selection, allowed) {
  if (selection === 'all' || allowed === 'all') {
    return allowed === 'all';
  }
  if (Array.isArray(selection)) {
    return selection.every((value) => isSelected(allowed, value));
  }
  return !Array.isArray(allowed) && allowed.except.every((value) => selection.except.includes(value));
}

function requireAllowed(isAllowed) {
  if (!isAllowed) {
    throw new Refused('not_allowed');
  }
}

/** The sections that the member does not see. */
export function deniedSections(partner) {
  return SECTIONS.filter((section) => !maySee(partner, section));
}

/** Return the members of an object of values by section that the member sees. */
export function visibleSections(partner, values) {
  return Object.fromEntries(Object.entries(values).filter(([section]) => maySee(partner, section)));
}

/**
 * Return what a page needs to show nothing that the member may not do: `{sections, actions}`.
 * `send_request` is among the actions if the member may send one of the forms, and `manage_people` if
 * it is an administrator.
 */
export function permissionsForPage(partner, forms) {
  const actions = Object.keys(SECTION_OF_ACTION).filter((action) => mayAct(partner, action));
  return {
    sections: SECTIONS.filter((section) => maySee(partner, section)),
    actions: [...actions, ...(forms.some((form) => maySend(partner, form)) ? ['send_request'] : []), ...(mayManagePeople(partner) ? ['manage_people'] : [])],
  };
}

/**
 * Return the conditions on the fields of a document that the member may see: `{field, only}` or
 * `{field, except}`. None without a restriction.
 */
export function documentConditions({ may }) {
  const selections = { category: may.documents.categories, classification: may.documents.classifications };
  return Object.entries(selections)
    .filter(([, selection]) => selection !== 'all')
    .map(([field, selection]) => (Array.isArray(selection) ? { field, only: selection } : { field, except: selection.except }));
}

/** The kinds of rows in `PartnerRequests` that tell of a section which the member does not see. */
export function deniedKinds(partner) {
  return Object.keys(ACTION_OF_KIND).filter((kind) => !maySee(partner, SECTION_OF_ACTION[ACTION_OF_KIND[kind]]));
}

/** The Trading Grid collections whose records are shown in sections that the member does not see. */
export function deniedCollections(partner) {
  return Object.keys(SECTION_OF_RECORD).filter((collection) => !maySee(partner, SECTION_OF_RECORD[collection]));
}

/**
 * Return a row of the status without what tells of sections that the member does not see.
 *
 * Steps and wanted documents are left out by the record that they come from. The numbers of entries
 * that did not fit into a list go with it. A headline that tells of such a section is left out, and
 * so is one of an earlier release, whose code is unknown.
 */
export function visibleStatus(partner, row) {
  const denied = deniedSections(partner).filter((section) => Object.hasOwn(STATUS_FIELDS, section));
  if (!denied.length) {
    return row;
  }
  const gone = new Set(denied.flatMap((section) => STATUS_FIELDS[section]));
  const shown = Object.fromEntries(Object.entries(row).filter(([field]) => !gone.has(field)));
  return withoutHeadline(partner, withoutEntries(partner, withoutSteps(partner, shown)));
}

/** Return a row of the activity, without the issues of its failures if the member sees no issues. */
export function visibleActivity(partner, row) {
  if (maySee(partner, 'issues') || !row.failures) {
    return row;
  }
  return { ...row, failures: row.failures.map(({ reference, ...failure }) => failure) };
}

function withoutSteps(partner, row) {
  const { nextStep, nextSteps = [], moreNextSteps, ...others } = row;
  const { nextStep: sentence, ...sentences } = others.sentences ?? {};
  const steps = nextSteps.filter((step) => isVisibleRecord(partner, step.reference));
  if (deniedSections(partner).every((section) => !['issues', 'onboarding'].includes(section))) {
    return row;
  }
  const [first] = steps;
  return {
    ...others,
    nextSteps: steps,
    ...(first ? { nextStep: first.text } : {}),
    ...(others.sentences ? { sentences: { ...sentences, ...(first?.sentences?.text ? { nextStep: first.sentences.text } : {}) } } : {}),
  };
}

function withoutEntries(partner, row) {
  const { documentRequests, moreDocumentRequests, ...others } = row;
  if (!documentRequests || maySee(partner, 'onboarding')) {
    return row;
  }
  return { ...others, documentRequests: documentRequests.filter((request) => isVisibleRecord(partner, request.reference)) };
}

function withoutHeadline(partner, row) {
  const { headline: sentence, ...sentences } = row.sentences ?? {};
  const code = sentence?.code;
  const isOpen = OPEN_HEADLINES.includes(code) || (Object.hasOwn(SECTION_OF_HEADLINE, code ?? '') && maySee(partner, SECTION_OF_HEADLINE[code]));
  if (isOpen || maySeeAll(partner, Object.values(SECTION_OF_HEADLINE))) {
    return row;
  }
  const { headline, ...others } = row;
  return { ...others, headline: '', ...(row.sentences ? { sentences } : {}) };
}

function maySeeAll(partner, sections) {
  return sections.every((section) => maySee(partner, section));
}

/** True if the member sees the section of a record, `collection/id`. One that has none is shown. */
function isVisibleRecord(partner, reference) {
  const [collection] = String(reference ?? '').split('/');
  return !Object.hasOwn(SECTION_OF_RECORD, collection) || maySee(partner, SECTION_OF_RECORD[collection]);
}
