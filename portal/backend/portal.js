import { readChanges } from 'backend/changes.js';
import { FORMS } from 'backend/forms.js';
import { pickByLocale, readLocale } from 'backend/inputs.js';
import { textsFor } from 'backend/languages.js';
import { permissionsForPage } from 'backend/permissions.js';
import { formForPage, ownFormKey } from 'backend/questions.js';
import { Refused } from 'backend/refusals.js';
import { REQUEST_FORMS } from 'backend/requests.js';
import { SECTION_NAMES, openableDocuments, pageOf, readSections, rowForPage, stepForPage, stepsOf } from 'backend/rows.js';

/** Documents that are looked for by one page, at most. */
const MOST_FILES = 500;

/** Minutes after which the data counts as stale. */
const STALE_MINUTES = 30;

/**
 * The fields of a step that come from the program; others, such as the status, from the enrollment.
 */
const WORDS = ['title', 'position', 'phase', 'phaseLabel', 'owner', 'ownerLabel', 'kindLabel', 'formKey', 'dueInDays', 'instructions', 'copy', 'image'];

/**
 * Return what a partner's page needs to start, in a language: `{partner, asOf, stale, numbers,
 * hidden, may, texts, sections}` with the named sections. `partner` is one of the member's own, `{id,
 * role, may}`. A hidden section has no rows, and is not read. `may` is `{sections, actions}`.
 *
 * Reads the numbers before the rows, see `readChanges`. The partner has a `name` if its status is
 * among the sections.
 */
export async function portalOf(partner, wanted, wantedNames) {
  const names = readNames(wantedNames);
  const locale = readLocale(wanted);
  const { numbers, known, hidden } = await readChanges(partner);
  const read = await localizedSections(partner, names.filter((name) => !hidden.includes(name)), locale);
  // An element of an earlier release expects each section that it has asked for.
  const unread = names.filter((name) => hidden.includes(name)).map((name) => [name, { rows: [] }]);
  const [sections, written] = [{ ...read.sections, ...Object.fromEntries(unread) }, read.written];
  const freshness = freshnessOf([known, ...written]);
  const name = sections.status && (sections.status.rows[0]?.partnerName ?? partner.id);
  return {
    partner: { id: partner.id, ...(name ? { name } : {}), role: partner.role },
    ...freshness,
    numbers,
    hidden,
    may: permissionsForPage(partner, REQUEST_FORMS),
    texts: textsFor(locale),
    sections: withFreshness(sections, freshness),
  };
}

/**
 * Return the named sections of a partner, in a language: `{sections}`. Their `asOf` is the time when
 * the newest of their rows was written. One that the member may not see has no rows.
 */
export async function sectionsOf(partner, wantedNames, wanted) {
  const { sections, written } = await localizedSections(partner, readNames(wantedNames), readLocale(wanted));
  return { sections: withFreshness(sections, freshnessOf(written)) };
}

/**
 * Return `{numbers, hidden, may, asOf, stale}`: how often each section has changed, the areas without a
 * source, what the member may see and do, and the time up to which Trading Grid was read.
 */
export async function changesOf(partner) {
  const { numbers, known, hidden } = await readChanges(partner);
  return { numbers, hidden, may: permissionsForPage(partner, REQUEST_FORMS), ...freshnessOf([known]) };
}

/**
 * Return the rows of a section after a cursor, in a language: `{rows, next}`, without `next` on the
 * last page.
 */
export async function moreOf(partner, section, cursor, wanted) {
  const found = await pageOf(section, partner, cursor);
  const read = { [section]: found };
  return localizePage(section, found, partner, await contextOf(partner, read), readLocale(wanted));
}

/** The sections in the format of the response, and the times when their rows were written. */
async function localizedSections(partner, names, locale) {
  const found = await readSections(partner, names);
  const context = await contextOf(partner, found);
  const toSection = ([name, page]) => [name, localizePage(name, page, partner, context, locale)];
  const written = Object.values(found).flatMap(({ rows }) => rows.map((row) => row._updatedDate));
  return { sections: Object.fromEntries(Object.entries(found).map(toSection)), written };
}

/**
 * What rows refer to: the steps of enrollments, and the documents of comments.
 *
 * @param {string} partner
 * @param {any} read the pages of sections, by name
 */
async function contextOf(partner, { onboarding, issues, requests }) {
  const [catalog, files] = await Promise.all([catalogOf(onboarding?.rows ?? []), filesOf(partner, [...(issues?.rows ?? []), ...(requests?.rows ?? [])])]);
  return { catalog, files };
}

/** The documents of the rows' comments that the partner can open; no read if there are none. */
function filesOf(partner, rows) {
  const ids = new Set(rows.flatMap(({ comments }) => comments ?? []).flatMap(({ attachments }) => attachments ?? []));
  return openableDocuments(partner, [...ids].slice(0, MOST_FILES));
}

/** The steps of the enrollments' programs; no read if there are none. */
async function catalogOf(enrollments) {
  const programs = [...new Set(enrollments.map((row) => row.programId).filter(Boolean))];
  return (await stepsOf(programs)).map(stepForPage);
}

/** A page of Wix's items in the format of the response; without `next` on the last page. */
function localizePage(section, { rows, next }, partner, { catalog, files }, locale) {
  const localize = {
    onboarding: (row) => withSteps(row, catalog, locale),
    messages: (row) => localizeMessage(row, locale),
    issues: (row) => withFiles(row, files),
    requests: (row) => withFiles(row, files),
  }[section];
  const shown = rows.map((row) => rowForPage(section, row, partner));
  return { rows: localize ? shown.map(localize) : shown, ...(next === null ? {} : { next }) };
}

/** Read the names of sections: at most all of them, each once. Throws Refused. */
function readNames(value) {
  if (!Array.isArray(value) || value.length > SECTION_NAMES.length || !value.every((name) => SECTION_NAMES.includes(name))) {
    throw new Refused('invalid');
  }
  return [...new Set(value)];
}

/**
 * The latest of some times, and whether it is stale. Rows that do not change are not written, so
 * their age alone is not enough: the time up to which Trading Grid was read counts, too.
 */
function freshnessOf(moments) {
  const at = Math.max(0, ...moments.filter(Boolean).map((moment) => Number(new Date(moment))));
  return { asOf: at ? new Date(at).toISOString() : null, stale: Date.now() - at > STALE_MINUTES * 60_000 };
}

function withFreshness(sections, freshness) {
  return Object.fromEntries(Object.entries(sections).map(([name, { rows, ...more }]) => [name, { rows, ...freshness, ...more }]));
}

/**
 * A row whose comments have `files` that the partner can open in place of ids, and the number of
 * others as `moreFiles`. The id of a document that the partner may not see does not leave.
 */
function withFiles({ comments, ...row }, files) {
  if (!comments?.some(({ attachments }) => attachments)) return comments ? { ...row, comments } : row;
  return {
    ...row,
    comments: comments.map(({ attachments, moreAttachments, ...comment }) => {
      const found = (attachments ?? []).map((id) => files.get(id)).filter(Boolean);
      const more = (attachments ?? []).length - found.length + (moreAttachments ?? 0);
      return { ...comment, ...(found.length ? { files: found } : {}), ...(more ? { moreFiles: more } : {}) };
    }),
  };
}

function localizeMessage({ texts, locale: own, ...row }, locale) {
  const { title, body } = pickByLocale(texts, locale, [own, 'en']) ?? {};
  return { ...row, title: title ?? '', body: body ?? '' };
}

/**
 * An enrollment's steps, each with the program's texts in the language, and `form` if the step has
 * questions of its own.
 */
function withSteps(row, catalog, locale) {
  const ofProgram = catalog.filter((step) => step.programId === row.programId);
  const steps = (row.steps ?? []).map((step) => {
    const ofStep = ofProgram.filter((one) => one.stepKey === step.key);
    const languages = Object.fromEntries(ofStep.map((one) => [one.locale, one]));
    const found = pickByLocale(languages, locale) ?? {};
    const words = Object.fromEntries(WORDS.filter((name) => found[name] !== undefined).map((name) => [name, found[name]]));
    const form = row.active ? ownFormKey(ofStep) : null;
    return { ...words, ...step, title: words.title ?? step.title, ...(form === null ? {} : { form: formForPage(FORMS[form], locale) }) };
  });
  return { ...row, programName: ofProgram[0]?.programName, steps };
}
