/** Timeline of an issue or a request: comments of both sides, oldest first. */

import { h } from './html.js';
import { omittedHint, plainText, time } from './parts.js';

/** `begun` is the text and the time of the first entry. */
export function conversation(ui, row, begun) {
  const entries = [...(row.comments ?? [])].sort((one, other) => (one.createdAt < other.createdAt ? -1 : 1));
  return h(
    'ol',
    { class: 'timeline', key: 'timeline' },
    h('li', { key: 'begun', class: 'mark' }, h('p', { class: 'meta' }, h('strong', null, begun.text), time(ui, begun.at))),
    row.earlierComments ? h('li', { key: 'earlier', class: 'mark' }, omittedHint(ui, 'left.comments', row.earlierComments)) : null,
    entries.map((comment, index) =>
      h(
        'li',
        { key: `${comment.createdAt}/${index}`, class: comment.author === 'partner' ? 'ours' : 'theirs' },
        h('p', { class: 'meta' }, h('strong', null, ui.t(comment.author === 'partner' ? 'issues.partner' : 'issues.hub')), time(ui, comment.createdAt)),
        plainText(comment.text),
        comment.shortened ? h('p', { class: 'hint' }, ui.t('left.text')) : null,
      ),
    ),
  );
}
