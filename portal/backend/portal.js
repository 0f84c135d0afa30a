import { createHash } from 'crypto';
import { FORMS } from 'backend/forms.js';
import { inLocale, locale as checkedLocale } from 'backend/inputs.js';
import { textsFor } from 'backend/languages.js';
import { asked, ownForm } from 'backend/questions.js';
import { freshness, sectionsOf, shown, shownStep, stepsOf } from 'backend/rows.js';
import { TEXTS } from 'backend/texts.js';

/** Minutes after which what is shown counts as stale. */
const STALE_MINUTES = 30;

/** What the program says of a step; the enrollment says the rest, such as its status. */
const WORDS = ['title', 'position', 'phase', 'phaseLabel', 'owner', 'ownerLabel', 'kindLabel', 'formKey', 'dueInDays', 'instructions', 'copy', 'image'];

/** Everything that a partner's page shows, in a language: `{partner, asOf, pulse, texts, sections}`. `partner` is one of the member's own, `{id, role}`. */
export async function portalOf(partner, wanted) {
  const state = await stateOf(partner);
  const { asOf, stale, sections, steps } = state;
  const locale = checkedLocale(wanted);
  const rows = {
    ...sections,
    onboarding: sections.onboarding.map((row) => withSteps(row, steps, locale)),
    messages: sections.messages.map((row) => inOneLanguage(row, locale)),
  };
  return {
    partner: { id: partner.id, name: sections.status[0]?.partnerName ?? partner.id, role: partner.role },
    asOf,
    pulse: pulse(state),
    texts: textsFor(locale),
    sections: Object.fromEntries(Object.entries(rows).map(([name, found]) => [name, { rows: found, asOf, stale }])),
  };
}

/** A text that differs when anything of `portalOf` differs, in any language. */
export async function pulseOf(partner) {
  return pulse(await stateOf(partner));
}

/**
 * What both are made from. `asOf` is the later of two times: until when Trading Grid was asked what has changed (the reconciler says so after each
 * sweep), and when the newest of these rows was written. Rows that do not change are not written, so their age alone says nothing.
 */
async function stateOf(partner) {
  const [found, known] = await Promise.all([sectionsOf(partner.id), freshness()]);
  const catalog = await stepsOf([...new Set(found.onboarding.map((row) => row.programId).filter(Boolean))]);
  const written = Object.values(found)
    .flat()
    .map((row) => Number(new Date(row._updatedDate ?? 0)));
  const at = Math.max(Number(known ?? 0), ...written, 0);
  const mine = { ...found, messages: found.messages.filter((row) => isFor(row, partner.role)) };
  return {
    asOf: at ? new Date(at).toISOString() : null,
    stale: Date.now() - at > STALE_MINUTES * 60_000,
    sections: Object.fromEntries(Object.entries(mine).map(([name, rows]) => [name, rows.map((row) => shown(name, row, partner.id))])),
    steps: catalog.map(shownStep),
    forms: FORMS,
    texts: TEXTS,
    role: partner.role,
  };
}

function pulse(state) {
  return createHash('sha256').update(JSON.stringify(state)).digest('hex').slice(0, 32);
}

/** Whether a message is for somebody of this role: its roles are empty, or name it. */
function isFor(row, role) {
  const roles = Array.isArray(row.roles) ? row.roles : [];
  return !roles.length || roles.includes(role);
}

function inOneLanguage({ texts, locale: own, ...row }, locale) {
  const { title, body } = inLocale(texts, locale, [own, 'en']) ?? {};
  return { ...row, title: title ?? '', body: body ?? '' };
}

/** An enrollment's steps, each with what the program says of it in the language, and the `form` with its own questions if it has such a one. */
function withSteps(row, catalog, locale) {
  const ofProgram = catalog.filter((step) => step.programId === row.programId);
  const steps = (row.steps ?? []).map((step) => {
    const ofStep = ofProgram.filter((one) => one.stepKey === step.key);
    const languages = Object.fromEntries(ofStep.map((one) => [one.locale, one]));
    const found = inLocale(languages, locale) ?? {};
    const words = Object.fromEntries(WORDS.filter((name) => found[name] !== undefined).map((name) => [name, found[name]]));
    const form = row.active ? ownForm(ofStep) : null;
    return { ...words, ...step, title: words.title ?? step.title, ...(form === null ? {} : { form: asked(FORMS[form], locale) }) };
  });
  return { ...row, programName: ofProgram[0]?.programName, steps };
}
