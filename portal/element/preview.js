/**
 * Pictures among the documents, shown in the page. A picture in `<img>` runs nothing, whatever its
 * bytes are. Other files open in a tab of their own, see docs/portal-element.md.
 */

import { h } from './html.js';
import { outcome } from './parts.js';

/** Pictures that each browser shows. */
const TYPES = new Set(['png', 'jpg', 'jpeg', 'gif', 'webp']);
const MOST_BYTES = 25_000_000;

/** True if a document's file is a picture that the page can show. */
export function isPicture({ fileId, fileName, restricted, sizeBytes }) {
  const type = /\.(\w+)$/.exec(fileName ?? '')?.[1].toLowerCase();
  return Boolean(fileId) && !restricted && TYPES.has(type) && (sizeBytes ?? 0) <= MOST_BYTES;
}

/**
 * Render the preview of a document's picture, or the button for it; null if it is none. `open` asks
 * the backend for the file's URL: `{url}`, or `{error: {code}}`. Another version has no preview yet.
 */
export function preview(ui, row, open) {
  if (!isPicture(row)) return null;
  const id = `preview/${row.id}/${row.fileId}`;
  const { busy, result, broken } = ui.state.actions.get(id) ?? {};
  const { title } = row;
  const close = () => {
    ui.state.actions.delete(id);
    ui.focus(id);
  };
  const fail = () => {
    ui.state.actions.set(id, { broken: true });
    ui.focus(id);
    ui.announce(ui.t('preview.failed'));
  };
  return h(
    'div',
    { class: 'preview', key: 'preview' },
    result
      ? h(
          'figure',
          { key: id, tabindex: '-1', 'data-focus': `outcome/${id}` },
          h('img', { class: 'picture', src: result.url, alt: ui.t('preview.alt', { title }), referrerpolicy: 'no-referrer', decoding: 'async', on: { error: fail } }),
        )
      : outcome(ui, id, { reading: true }),
    broken ? h('p', { key: 'broken', class: 'fault' }, ui.t('preview.failed')) : null,
    h(
      'button',
      {
        key: 'button',
        type: 'button',
        class: 'link',
        'data-focus': id,
        'aria-expanded': result ? 'true' : 'false',
        'aria-disabled': busy ? 'true' : null,
        on: { click: result ? close : () => ui.run(id, open) },
      },
      result ? ui.t('preview.hide') : busy ? ui.t('preview.loading') : ui.t('preview.show'),
      h('span', { key: 'of', class: 'unseen' }, ` ${title}`),
    ),
  );
}
