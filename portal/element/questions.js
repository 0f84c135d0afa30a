/**
 * A form from the backend: its questions as fields of a form on the page, and the answers in the
 * backend's format.
 */

/** Kinds of questions that the page supports. Hidden fields are for the public forms. */
const KINDS = new Set([
  ...['text', 'email', 'url', 'phone', 'integer', 'decimal', 'rating', 'boolean', 'date', 'time', 'datetime', 'choice', 'choices', 'address'],
  ...['gln', 'duns', 'trading_address'],
]);

/** The title of a form in the reader's language. */
export function titleOf(ui, form) {
  return wording(ui, form)(form.title);
}

/**
 * The fields of a form in the reader's language, with attachments as the last one. The form's own
 * translations take precedence over the element's.
 */
export function questions(ui, form) {
  const say = wording(ui, form);
  const { attachments } = form;
  const fields = form.fields
    .filter((field) => KINDS.has(field.kind) && field.is !== 'honeypot' && field.name !== 'website')
    .map((field) => ({
      ...field,
      label: say(field.label),
      hint: field.hint && say(field.hint),
      choices: field.choices?.map((value) => ({ value, label: say(value) })),
      otherLabel: field.other && say(field.other),
    }));
  return attachments ? [...fields, { ...attachments, kind: 'files', label: say(attachments.label), hint: filesHint(ui, attachments) }] : fields;
}

function filesHint(ui, { types, most, mostBytes }) {
  return ui.t('files.hint', { count: most, size: ui.bytes(mostBytes), types: ui.list(types) });
}

/** Convert answers by field name to answers by target. */
export function byTarget(form, values) {
  const targets = new Map(form.fields.map(({ name, target }) => [name, target]));
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [targets.get(name), value]));
}

function wording(ui, { words }) {
  return (shipped) => (words && Object.hasOwn(words, shipped) ? words[shipped] : ui.label(shipped));
}
