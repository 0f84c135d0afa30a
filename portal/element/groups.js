/**
 * Questions with several controls: multiple choices, and an address. Each is a fieldset with a
 * legend, which a screen reader reads with each control.
 */

import { h } from './html.js';

export const GROUPS = new Set(['choices', 'address']);

/** Parts of an address: name, autocomplete token, and maximum length. */
const PARTS = [
  ['addressLine', 'address-line1', 200],
  ['addressLine2', 'address-line2', 200],
  ['postalCode', 'postal-code', 20],
  ['city', 'address-level2', 100],
  ['subdivision', 'address-level1', 100],
  ['country', 'country', 60],
];

/**
 * Render the controls of such a question. `notes` are its hint and its fault; `described` are their
 * ids.
 */
export function groupOf(ui, field, { domId, draft, described, fault, legend, notes }) {
  const controls = field.kind === 'choices' ? boxes(ui, field, domId, draft, fault) : lines(ui, field, domId, draft, fault);
  return h(
    'fieldset',
    { key: field.name, class: 'field group', 'aria-describedby': described || null },
    h('legend', null, legend),
    notes[0],
    controls,
    notes[1],
  );
}

/** Read the answer in the backend's format; an empty answer has no value. */
export function readGroup(field, form) {
  const textOf = (name) => form.elements.namedItem(name)?.value.trim() ?? '';
  if (field.kind === 'choices') {
    const chosen = field.choices.filter((_, place) => form.elements.namedItem(boxName(field, place)).checked).map(({ value }) => value);
    const own = field.other ? textOf(`${field.name}.other`) : '';
    if (own) chosen.push(`${field.other}: ${own}`);
    return chosen.length ? { value: chosen } : { fault: field.required ? 'choices' : undefined };
  }
  const said = PARTS.map(([part]) => [part, textOf(`${field.name}.${part}`)]).filter(([, text]) => text);
  if (!said.length) return { fault: field.required ? 'required' : undefined };
  const address = Object.fromEntries(said);
  if (address.country) address.country = address.country.toUpperCase();
  return /^([A-Z]{2})?$/.test(address.country ?? '') ? { value: address } : { fault: 'country' };
}

function boxes(ui, field, domId, draft, fault) {
  const each = field.choices.map(({ value, label }, place) => {
    const name = boxName(field, place);
    const id = place ? `${domId}-${place}` : domId;
    const initial = { checked: Boolean(draft[name]) };
    return h(
      'label',
      { key: value, class: 'check', for: id },
      h('input', { id, name, type: 'checkbox', 'data-focus': id, 'aria-invalid': fault ? 'true' : null, initial }),
      h('span', null, label),
    );
  });
  if (!field.other) return each;
  const name = `${field.name}.other`;
  const initial = { value: draft[name] ?? '' };
  const input = h('input', { id: `${domId}-other`, name, type: 'text', maxlength: 200, dir: 'auto', 'data-focus': `${domId}-other`, initial });
  return [...each, h('label', { key: 'other', for: `${domId}-other` }, field.otherLabel ?? field.other), input];
}

function lines(ui, field, domId, draft, fault) {
  return PARTS.map(([part, autocomplete, most], place) => {
    const name = `${field.name}.${part}`;
    const id = place ? `${domId}-${part}` : domId;
    const initial = { value: draft[name] ?? '' };
    const invalid = fault ? 'true' : null;
    return h(
      'div',
      { key: part, class: 'part' },
      h('label', { for: id }, ui.t(`address.${part}`)),
      h('input', { id, name, type: 'text', maxlength: most, autocomplete, dir: 'auto', 'data-focus': id, 'aria-invalid': invalid, initial }),
    );
  });
}

function boxName(field, place) {
  return `${field.name}.${place}`;
}
