import { createHash } from 'crypto';
import { FORMS } from 'backend/forms.js';
import { pickByLocale, readLocale } from 'backend/inputs.js';
import { textsFor } from 'backend/languages.js';
import { formForPage, ownFormKey } from 'backend/questions.js';
import { readFreshness, pageOf, sectionsOf, rowForPage, stepForPage, stepsOf } from 'backend/rows.js';
import { TEXTS } from 'backend/texts.js';

/** Minutes after which the data counts as stale. */
const STALE_MINUTES = 30;

/**
 * The fields of a step that come from the program; others, such as the status, from the enrollment.
 */
const WORDS = ['title', 'position', 'phase', 'phaseLabel', 'owner', 'ownerLabel', 'kindLabel', 'formKey', 'dueInDays', 'instructions', 'copy', 'image'];

/**
 * Return everything on a partner's page, in a language: `{partner, asOf, etag, texts, sections}`.
 * `partner` is one of the member's own, `{id, role}`.
 */
export async function portalOf(partner, wanted) {
  const state = await stateOf(partner);
  const { asOf, stale, sections, steps } = state;
  const locale = readLocale(wanted);
  const toSection = ([name, { rows, ...more }]) => [name, { rows: localizeRows(name, rows, steps, locale), asOf, stale, ...more }];
  return {
    partner: { id: partner.id, name: sections.status.rows[0]?.partnerName ?? partner.id, role: partner.role },
    asOf,
    etag: hashOf(state),
    texts: textsFor(locale),
    sections: Object.fromEntries(Object.entries(sections).map(toSection)),
  };
}

/**
 * Return the rows of a section after a cursor, in a language: `{rows, next}`, without `next` on the
 * last page.
 */
export async function moreOf(partner, section, cursor, wanted) {
  const found = await pageOf(section, partner, cursor);
  const { rows, ...more } = pageForPartner(section, found, partner);
  const catalog = section === 'onboarding' ? (await stepsOf(programsOf(found.rows))).map(stepForPage) : [];
  return { rows: localizeRows(section, rows, catalog, readLocale(wanted)), ...more };
}

function localizeRows(section, rows, steps, locale) {
  const wording = { onboarding: (row) => withSteps(row, steps, locale), messages: (row) => localizeMessage(row, locale) };
  return section in wording ? rows.map(wording[section]) : rows;
}

/** A page of Wix's items in the format of the response; without `next` on the last page. */
function pageForPartner(section, { rows, next }, partner) {
  return { rows: rows.map((row) => rowForPage(section, row, partner.id)), ...(next === null ? {} : { next }) };
}

function programsOf(rows) {
  return [...new Set(rows.map((row) => row.programId).filter(Boolean))];
}

/** Return a hash that changes when anything in `portalOf` changes, in any language. */
export async function contentHashOf(partner) {
  return hashOf(await stateOf(partner));
}

/**
 * The data of both functions.
 *
 * `asOf` is the later of two times: the time up to which Trading Grid was read (the reconciler
 * stores it after each sweep), and the write time of the newest row. Rows that do not change are
 * not written, so their age alone is not enough.
 */
async function stateOf(partner) {
  const [found, known] = await Promise.all([sectionsOf(partner), readFreshness()]);
  const catalog = await stepsOf(programsOf(found.onboarding.rows));
  const written = Object.values(found)
    .flatMap(({ rows }) => rows)
    .map((row) => Number(new Date(row._updatedDate ?? 0)));
  const at = Math.max(Number(known ?? 0), ...written, 0);
  return {
    asOf: at ? new Date(at).toISOString() : null,
    stale: Date.now() - at > STALE_MINUTES * 60_000,
    sections: Object.fromEntries(Object.entries(found).map(([name, page]) => [name, pageForPartner(name, page, partner)])),
    steps: catalog.map(stepForPage),
    forms: FORMS,
    texts: TEXTS,
    role: partner.role,
  };
}

function hashOf(state) {
  return createHash('sha256').update(JSON.stringify(state)).digest('hex').slice(0, 32);
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
