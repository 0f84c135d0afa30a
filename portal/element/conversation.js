/** Timeline of an issue or a request: comments of both sides and changes of the status, oldest first. */

import { h } from './html.js';
import { chip, omittedHint, plainText, time, tone } from './parts.js';
import { sanitizeHtml } from './sanitize.js';
import { openedLink, opener } from './sections/documents.js';

/**
 * `begun` is the text and the time of the first entry, which has the status that the row had then.
 * Of entries at the same time, changes of the status come first.
 */
export function conversation(ui, row, begun) {
  const changes = (row.history ?? []).map((change) => ({ change, at: momentOf(change.changedAt) }));
  const first = changes.findLastIndex(({ at }) => at <= momentOf(begun.at));
  const comments = (row.comments ?? []).map((comment) => ({ comment, at: momentOf(comment.createdAt) }));
  const entries = [...changes.slice(first + 1), ...comments].sort((one, other) => one.at - other.at);
  return h(
    'ol',
    { class: 'timeline', key: 'timeline' },
    h(
      'li',
      { key: 'begun', class: 'mark' },
      h('p', { class: 'meta' }, h('strong', null, begun.text), first < 0 ? null : statusChip(ui, changes[first].change), time(ui, begun.at)),
    ),
    row.earlierComments ? h('li', { key: 'earlier', class: 'mark' }, omittedHint(ui, 'left.comments', row.earlierComments)) : null,
    row.earlierChanges ? h('li', { key: 'earlier-changes', class: 'mark' }, omittedHint(ui, 'left.changes', row.earlierChanges)) : null,
    entries.map(({ change, comment }, place) => (change ? statusEntry(ui, change, place) : commentEntry(ui, comment, place))),
  );
}

function statusEntry(ui, change, place) {
  return h(
    'li',
    { key: `${change.changedAt}/${place}`, class: 'mark' },
    h('p', { class: 'meta' }, h('strong', null, ui.t('issues.status')), statusChip(ui, change), time(ui, change.changedAt)),
  );
}

function statusChip(ui, { status, statusLabel }) {
  return chip(ui.labelOf('case.status', status, statusLabel), tone(status));
}

function commentEntry(ui, comment, place) {
  return h(
    'li',
    { key: `${comment.createdAt}/${place}`, class: comment.author === 'partner' ? 'ours' : 'theirs' },
    h('p', { class: 'meta' }, comment.author ? h('strong', null, ui.t(comment.author === 'partner' ? 'issues.partner' : 'issues.hub')) : null, time(ui, comment.createdAt)),
    comment.html ? h('div', { class: 'rich', dir: 'auto' }, sanitizeHtml(comment.html)) : plainText(comment.text),
    comment.shortened ? h('p', { class: 'hint' }, ui.t('left.text')) : null,
    comment.files?.length ? attachedFiles(ui, comment.files) : null,
    omittedHint(ui, 'left.files', comment.moreFiles),
  );
}

/** The documents that a comment is about. They open as in the library. */
function attachedFiles(ui, files) {
  return h(
    'ul',
    { class: 'attached', key: 'files', 'aria-label': ui.t('issues.attached') },
    files.map((file) =>
      h(
        'li',
        { key: file.id },
        h('p', { class: 'meta' }, h('span', { dir: 'auto' }, file.fileName || file.title), file.sizeBytes ? h('span', null, ui.bytes(file.sizeBytes)) : null),
        opener(ui, file),
        openedLink(ui, file),
      ),
    ),
  );
}

function momentOf(text) {
  return Date.parse(text) || 0;
}
