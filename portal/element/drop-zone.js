/**
 * Files that are dragged onto a file field. They are put into the field, so all that follows is the
 * same as for a file that was chosen, and the field stays the way for keyboards.
 */

import { h } from './html.js';

/** Wrap the input of a file field of a form, so that files can be dropped onto it. */
export function dropZone(ui, id, field, input) {
  const isBusy = () => Boolean(ui.state.actions.get(id)?.busy);
  const over = (event) => {
    if (!hasFiles(event)) return;
    event.preventDefault();
    event.dataTransfer.dropEffect = isBusy() ? 'none' : 'copy';
    event.currentTarget.toggleAttribute('data-over', !isBusy());
  };
  const leave = ({ currentTarget, relatedTarget }) => {
    if (!currentTarget.contains(relatedTarget)) currentTarget.removeAttribute('data-over');
  };
  const drop = (event) => {
    event.currentTarget.removeAttribute('data-over');
    if (!hasFiles(event)) return;
    event.preventDefault();
    if (!isBusy()) take(ui, id, field, event.currentTarget.querySelector('input'), event.dataTransfer);
  };
  return h(
    'div',
    { class: 'drop', on: { dragenter: over, dragover: over, dragleave: leave, drop } },
    input,
    h('p', { class: 'drop-hint', 'aria-hidden': 'true' }, ui.t('drop.hint')),
  );
}

/**
 * Listeners for the whole portal: a file that is dropped beside a field would else replace the page,
 * and with it what the person has typed.
 */
export const missedDrops = {
  dragover: (event) => {
    if (!hasFiles(event) || event.defaultPrevented) return;
    event.preventDefault();
    event.dataTransfer.dropEffect = 'none';
  },
  drop: (event) => {
    if (hasFiles(event)) event.preventDefault();
  },
};

function hasFiles({ dataTransfer }) {
  return Boolean(dataTransfer?.types.includes('Files'));
}

function take(ui, id, field, input, transfer) {
  const faults = Object.assign(Object.create(null), ui.state.faults.get(id));
  const fault = faultOf(ui, field, transfer);
  if (fault) faults[field.name] = fault;
  else {
    delete faults[field.name];
    input.files = transfer.files;
    // Of a choice by the person the browser tells by this event.
    input.dispatchEvent(new Event('change', { bubbles: true }));
    ui.announce(ui.t('drop.taken', { names: ui.list([...transfer.files].map(({ name }) => name)) }));
  }
  ui.state.faults.set(id, faults);
  ui.focus(input.id);
}

/** What cannot be put into a file field at all. Everything else is checked when the form is sent. */
function faultOf(ui, { kind, most = 1 }, { files, items }) {
  if ([...items].some((item) => item.webkitGetAsEntry?.()?.isDirectory)) return ui.t('drop.folder');
  const limit = kind === 'files' ? most : 1;
  if (!files.length) return ui.t('fault.file');
  if (files.length > limit) return limit === 1 ? ui.t('drop.one') : ui.t('fault.files', { most: limit });
  return null;
}
