/** Rows of a section that were not read: says that there are some, and reads them on request. */

import { h } from '../html.js';
import { outcome } from '../parts.js';

/**
 * Pages that one click reads at most. Each costs the site two reads, and a section that has them is
 * read again with all of them.
 */
const MOST_PAGES = 10;

/** The hint that a section has more rows than were read, and the button to read the rest. */
export function rest(ui, name, { isNarrowed = false } = {}) {
  // People are loaded as a whole, and not as a section.
  const { next, extended, rows } = ui.state.data.sections[name] ?? {};
  const id = `more/${name}`;
  const { busy } = ui.state.actions.get(id) ?? {};
  if (!next && !extended) return null;
  if (!next) return h('p', { key: id, class: 'hint', tabindex: '-1', 'data-focus': id }, ui.t('more.all', { count: rows.length }));
  return h(
    'div',
    { key: id, class: 'more' },
    outcome(ui, id, { reading: true }),
    h('p', null, ui.t(isNarrowed ? 'more.searched' : 'more.there', { count: rows.length })),
    h(
      'button',
      { type: 'button', class: 'button', 'data-focus': id, 'aria-disabled': busy ? 'true' : null, on: { click: () => readRest(ui, name) } },
      busy ? ui.t('more.loading') : ui.t('more.rest'),
    ),
  );
}

/** Read the pages of a section that are missing, one after the other, and show them. */
async function readRest(ui, name) {
  const { actions } = ui.state;
  const id = `more/${name}`;
  if (actions.get(id)?.busy) return;
  actions.set(id, { busy: true });
  ui.render();
  let [count, error] = [0, undefined];
  for (let page = 0; page < MOST_PAGES && !error && ui.state.data?.sections[name]?.next; page += 1) {
    const answer = await ui.more(name);
    // Another partner is shown by now.
    if (!answer) return;
    error = answer.error;
    count += answer.rows?.length ?? 0;
  }
  actions.set(id, { code: error?.code, limit: error?.limit });
  ui.announce(error ? ui.error(error, { reading: true }) : ui.t('more.said', { count }));
  ui.focus(error ? `outcome/${id}` : id);
}
