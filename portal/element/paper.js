/** What a printed page says of itself, since it has no address and no navigation. */

import { h } from './html.js';

export function paperHead(ui) {
  const { partner, section } = ui.state;
  return h(
    'p',
    { key: 'paper', class: 'paper-head' },
    h('strong', null, `${ui.t('portal')}, ${ui.t(`nav.${section}`)}`),
    h('span', null, ui.t('paper.partner', { id: partner.id })),
    h('span', null, ui.t('paper.printed', { time: ui.dates.moment(new Date().toISOString()) })),
  );
}
