/**
 * Forms: labeled fields, faults beside them, and the result of a submission. Drafts survive
 * updates, failures and navigation.
 */

import { dropZone } from './drop-zone.js';
import { GROUPS, groupOf, readGroup } from './groups.js';
import { h } from './html.js';
import { readNumber } from './numbers.js';
import { outcome } from './parts.js';

const SHORT = 120;
const TIMES = new Set(['date', 'time', 'datetime']);
const AUTOCOMPLETE = new Map([
  ['name', 'name'],
  ['email', 'email'],
  ['company', 'organization'],
  ['phone', 'tel'],
]);

/**
 * Render a form.
 *
 * `fields`: `{name, label, kind, required, maxLength, choices: [{value, label}], other, highest,
 * hint, target}`, and of files `{types, most, mostBytes}`. `submit(values)` returns the backend's
 * response. An error that names a field's target is shown beside the field.
 */
export function form(ui, { id, title, fields, button, submit, then, about, danger = false }) {
  const action = ui.state.actions.get(id) ?? {};
  const draft = drafts(ui, id);
  const faults = ui.state.faults.get(id) ?? Object.create(null);
  return h(
    'form',
    {
      key: `${id}/${action.count ?? 0}`,
      class: 'form',
      novalidate: true,
      'data-form': id,
      on: {
        input: (event) => remember(draft, event.target),
        change: (event) => remember(draft, event.target),
        submit: (event) => {
          event.preventDefault();
          send(ui, { id, title, fields, submit, then, about }, event.target);
        },
      },
    },
    fields.map((field) => control(ui, id, field, draft, faults[field.name])),
    h(
      'div',
      { class: 'form-end' },
      h(
        'button',
        { type: 'submit', class: danger ? 'button danger' : 'button primary', 'aria-disabled': action.busy ? 'true' : null },
        action.busy ? ui.t('sending') : button,
      ),
    ),
  );
}

/** Render a form with the result of its last submission above it. */
export function formWithOutcome(ui, options) {
  return [outcome(ui, options.id), form(ui, options)];
}

export function hasDraft(ui, id) {
  return Object.values(drafts(ui, id)).some((value) => value !== '' && value !== false);
}

function drafts(ui, id) {
  const key = `${ui.state.partner?.id ?? ''}/${id}`;
  if (!ui.state.drafts.has(key)) ui.state.drafts.set(key, Object.create(null));
  return ui.state.drafts.get(key);
}

function remember(draft, input) {
  if (input.name && input.type !== 'file') draft[input.name] = input.type === 'checkbox' ? input.checked : input.value;
}

function control(ui, id, field, draft, fault) {
  const { name, label, kind, required } = field;
  const domId = `field-${id}-${name}`;
  const described = [field.hint && `${domId}-hint`, fault && `${domId}-fault`].filter(Boolean).join(' ');
  const shared = {
    id: domId,
    name,
    'data-focus': domId,
    'aria-required': required ? 'true' : null,
    'aria-invalid': fault ? 'true' : null,
    'aria-describedby': described || null,
    autocomplete: AUTOCOMPLETE.get(name),
  };
  const hint = field.hint && h('p', { key: 'hint', class: 'hint', id: `${domId}-hint` }, field.hint);
  const failure = fault && h('p', { key: 'fault', class: 'fault', id: `${domId}-fault` }, fault);
  if (kind === 'boolean') {
    const box = h('input', { ...shared, type: 'checkbox', initial: { checked: Boolean(draft[name]) } });
    return h('div', { key: name, class: 'field' }, h('label', { class: 'check', for: domId }, box, h('span', null, label)), hint, failure);
  }
  const optional = required ? null : h('span', { class: 'optional' }, ` ${ui.t('optional')}`);
  if (GROUPS.has(kind)) return groupOf(ui, field, { domId, draft, described, fault, legend: [label, optional], notes: [hint, failure] });
  return h(
    'div',
    { key: name, class: 'field' },
    h('label', { for: domId }, label, optional),
    hint,
    input(ui, id, field, shared, draft[name] ?? field.value ?? ''),
    failure,
  );
}

function input(ui, id, field, shared, value) {
  const initial = { value };
  switch (field.kind) {
    case 'choice':
      return h(
        'select',
        { ...shared, initial },
        h('option', { value: '' }, ui.t('choose')),
        field.choices.map((choice) => h('option', { key: choice.value, value: choice.value }, choice.label)),
      );
    case 'rating':
      return h(
        'select',
        { ...shared, initial },
        h('option', { value: '' }, ui.t('choose')),
        Array.from({ length: field.highest }, (_, place) => String(place + 1)).map((value) =>
          h('option', { key: value, value }, ui.t('rating', { value, highest: String(field.highest) })),
        ),
      );
    case 'file':
      return dropZone(ui, id, field, h('input', { ...shared, type: 'file' }));
    case 'files':
      return dropZone(ui, id, field, h('input', { ...shared, type: 'file', multiple: field.most > 1, accept: field.types.map((type) => `.${type}`).join() }));
    case 'date':
      return h('input', { ...shared, type: 'date', initial });
    case 'time':
      return h('input', { ...shared, type: 'time', initial });
    case 'datetime':
      return h('input', { ...shared, type: 'datetime-local', initial });
    case 'phone':
      return h('input', { ...shared, type: 'tel', dir: 'ltr', initial });
    case 'url':
      return h('input', { ...shared, type: 'text', inputmode: 'url', dir: 'ltr', initial });
    case 'gln':
    case 'duns':
    case 'trading_address':
      return h('input', { ...shared, type: 'text', maxlength: field.maxLength, dir: 'ltr', autocapitalize: 'characters', spellcheck: 'false', initial });
    case 'integer':
      return h('input', { ...shared, inputmode: 'numeric', dir: 'ltr', initial });
    case 'decimal':
      return h('input', { ...shared, inputmode: 'decimal', dir: 'ltr', initial });
    case 'email':
      return h('input', { ...shared, type: 'email', dir: 'ltr', initial });
    default:
      return (field.maxLength ?? SHORT + 1) > 200
        ? h('textarea', { ...shared, rows: '4', maxlength: field.maxLength, dir: 'auto', initial })
        : h('input', { ...shared, type: 'text', maxlength: field.maxLength, dir: 'auto', initial });
  }
}

function send(ui, { id, title, fields, submit, then, about }, element) {
  if (ui.state.actions.get(id)?.busy) return;
  const values = Object.create(null);
  const faults = Object.create(null);
  for (const field of fields) {
    const { value, fault, of } = GROUPS.has(field.kind) ? readGroup(field, element) : read(ui, field, element.elements.namedItem(field.name));
    if (fault) faults[field.name] = ui.t(`fault.${fault}`, of);
    else if (value !== undefined) values[field.name] = value;
  }
  ui.state.faults.set(id, faults);
  const first = fields.find(({ name }) => name in faults);
  if (first) return void ui.focus(`field-${id}-${first.name}`);
  const fieldOf = (question) => fields.find(({ name, kind, target }) => target === question && (GROUPS.has(kind) || element.elements.namedItem(name)))?.name;
  ui.run(id, (progress) => submit({ ...values }, progress), { title, then, fieldOf, about });
}

/** Read a field's answer in the backend's format; an empty answer has no value. */
function read(ui, field, element) {
  const { kind, required } = field;
  if (kind === 'boolean') return { value: element.checked };
  if (kind === 'file') return element.files.length ? { value: element.files[0] } : { fault: required ? 'file' : undefined };
  if (kind === 'files') return readFiles(ui, field, [...element.files]);
  const text = element.value.trim();
  if (element.validity.badInput) return { fault: TIMES.has(kind) ? kind : 'number' };
  if (!text) return required ? { fault: 'required' } : {};
  if (kind === 'email' && !/^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(text)) return { fault: 'email' };
  if (kind === 'integer') {
    const { value, fault, of } = readNumber(text, ui.locale);
    return /^[+-]?\d+$/.test(value ?? '') || fault === 'numberTwice' ? { value, fault, of } : { fault: 'integer' };
  }
  if (kind === 'decimal') return readNumber(text, ui.locale);
  // A browser may add seconds.
  return { value: TIMES.has(kind) ? text.replace(/(:\d{2}):\d{2}(\.\d+)?$/, '$1') : text };
}

/** Read attached files; `{fault}` for the first that is not accepted. */
function readFiles(ui, { required, types, most, mostBytes }, files) {
  if (!files.length) return required ? { fault: 'file' } : {};
  if (files.length > most) return { fault: 'files', of: { most } };
  for (const { name, size } of files) {
    // As the backend reads it: a file named `.pdf` has no type.
    const type = name.lastIndexOf('.') > 0 ? name.slice(name.lastIndexOf('.') + 1).toLowerCase() : '';
    if (!types.includes(type)) return { fault: 'fileType', of: { name, types: ui.list(types) } };
    if (!size) return { fault: 'fileEmpty', of: { name } };
    if (size > mostBytes) return { fault: 'fileSize', of: { name, size: ui.bytes(mostBytes) } };
  }
  return { value: files };
}

/**
 * Parse a number to a text with a decimal point; null if it is not a number, or ambiguous: 4.155
 * where a comma marks decimals.
 */
export function decimal(text, locale) {
  return readNumber(text, locale).value ?? null;
}
