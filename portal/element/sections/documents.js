/**
 * Documents that a partner may read: download, history, and upload of a new version, which the hub
 * reviews.
 */

import { isSafeUrl } from '../sanitize.js';
import { formWithOutcome } from '../forms.js';
import { h } from '../html.js';
import { icon } from '../icons.js';
import { documentCategory } from '../lists/kinds.js';
import { listOf } from '../lists/list.js';
import { callout, chip, details, due, empty, freshness, heading, omittedHint, outcome, progressBar, plainText, time, tone } from '../parts.js';
import { preview } from '../preview.js';
import { mayAct } from '../section-rows.js';
import { newMark } from '../unread.js';
import { uploadVersion } from '../upload.js';

const UNDECIDED = 'in_review';
const EXPIRES_SOON = 30;

/** A document type in words, as far as known. */
export function documentType(ui, type) {
  return ui.known(`documentType.${type}`) ?? String(type).replaceAll('_', ' ');
}

export function documents(ui) {
  const { rows } = ui.state.data.sections.documents;
  const list = listOf(ui, 'documents');
  const groups = Map.groupBy(list.rows, (row) => (list.sort === 'category' ? documentCategory(ui, row) : ui.t(`lists.sort.${list.sort}`)));
  return [
    heading(ui, 'documents'),
    list.head,
    rows.length ? null : empty(ui, 'documents', 'documents'),
    [...groups].map(([name, group]) =>
      h(
        'div',
        { class: 'group', key: name },
        h('h4', null, name),
        h(
          'ul',
          { class: 'documents' },
          group.map((row) => h('li', { key: row.id, class: `card document ${freshness(ui, 'documents', row)}` }, documentCard(ui, row))),
        ),
      ),
    ),
    list.end,
  ];
}

function documentCard(ui, row) {
  return [
    h(
      'div',
      { class: 'document-head', key: 'head' },
      h('span', { class: 'document-symbol' }, icon(row.restricted ? 'lock' : 'documents')),
      h(
        'div',
        { class: 'document-title' },
        h('h5', { dir: 'auto', tabindex: '-1', 'data-focus': `record/${row.id}` }, row.title),
        h(
          'p',
          { class: 'meta' },
          newMark(ui, 'documents', row),
          chip(ui.labelOf('document.status', row.status, row.statusLabel), tone(row.status)),
          row.version ? h('span', null, ui.t('documents.version', { version: row.version })) : null,
          row.fileId && row.sizeBytes ? h('span', null, ui.bytes(row.sizeBytes)) : null,
          row.publishedAt && h('span', null, time(ui, row.publishedAt, 'day')),
        ),
      ),
      row.fileId && !row.restricted ? opener(ui, row) : null,
    ),
    openedLink(ui, row),
    preview(ui, row, () => openDocument(ui, row)),
    row.restricted ? h('p', { key: 'restricted', class: 'hint' }, ui.t('documents.restricted')) : null,
    row.conflict || row.problem ? problem(ui, row) : null,
    row.changeNote && !row.restricted ? plainText(row.changeNote, 'p', { key: 'note', class: 'note' }) : null,
    dates(ui, row),
    row.review ? review(ui, row) : null,
    row.history?.length && !row.restricted ? history(ui, row) : null,
    row.restricted || row.uploadable === false || !mayAct(ui.state, 'upload_version') ? null : newVersion(ui, row),
  ];
}

export function opener(ui, row) {
  const id = `open/${row.id}`;
  const { busy } = ui.state.actions.get(id) ?? {};
  const then = ({ url }) => window.open(url, '_blank', 'noopener,noreferrer');
  return h(
    'button',
    {
      type: 'button',
      class: 'button',
      'aria-disabled': busy ? 'true' : null,
      'aria-label': ui.t('documents.openNamed', { title: row.title }),
      on: { click: () => ui.run(id, () => openDocument(ui, row), { then }) },
    },
    icon('open'),
    busy ? ui.t('documents.opening') : ui.t('documents.open'),
  );
}

async function openDocument(ui, row) {
  const answer = await ui.ask('openDocument', ui.state.partner.id, row.id);
  if (answer.error) return answer;
  return isSafeUrl(answer.url) ? answer : { error: { code: 'unavailable' } };
}

/** A browser may block the new tab, so the link stays until it expires. */
export function openedLink(ui, row) {
  const { result } = ui.state.actions.get(`open/${row.id}`) ?? {};
  if (!result) return outcome(ui, `open/${row.id}`, { reading: true });
  const anchor = h('a', { href: result.url, target: '_blank', rel: 'noopener noreferrer' }, row.fileName || row.title);
  return outcome(ui, `open/${row.id}`, {
    ok: h('p', null, ui.t('documents.opened'), ' ', anchor, result.expiresAt ? ` ${ui.t('documents.until', { time: ui.dates.recent(result.expiresAt) })}` : ''),
  });
}

function dates(ui, row) {
  const ends = row.expiresOn && ui.dates.daysAway(row.expiresOn) <= EXPIRES_SOON;
  if (!row.effectiveFrom && !row.expiresOn) return null;
  return h(
    'p',
    { key: 'dates', class: 'meta' },
    row.effectiveFrom ? h('span', null, ui.t('documents.effective'), ' ', time(ui, row.effectiveFrom, 'day')) : null,
    ends ? due(ui, row.expiresOn, 'documents.expires') : row.expiresOn ? h('span', null, ui.t('documents.expires'), ' ', time(ui, row.expiresOn, 'day')) : null,
  );
}

/** The reason why a newer version is not shown. */
function problem(ui, row) {
  const { conflict } = row;
  const words = row.problem ? ui.textOf(row, 'problem') : typeof conflict === 'string' ? ui.label(conflict) : '';
  return callout(
    'warn',
    'alert',
    h('p', { class: 'callout-title' }, ui.t(conflict ? 'documents.conflict' : 'documents.problem')),
    plainText(words),
  );
}

function review(ui, { review: { version, fileName, status, statusLabel, comment, at } }) {
  return callout(
    status === UNDECIDED ? 'info' : 'bad',
    status === UNDECIDED ? 'clock' : 'alert',
    h('p', { class: 'callout-title' }, ui.known(`review.${status}`) ?? ui.labelOf('document.review', status, statusLabel ?? status)),
    h('p', { class: 'meta' }, h('span', { dir: 'auto' }, fileName), version ? h('span', null, ui.t('documents.version', { version })) : null, time(ui, at)),
    plainText(comment),
  );
}

function history(ui, row) {
  return details(
    ui.t('documents.history', { count: row.history.length + (row.earlierVersions ?? 0) }),
    h(
      'ol',
      { class: 'timeline' },
      row.history.map((entry) =>
        h(
          'li',
          { key: String(entry.version), class: 'mark' },
          h(
            'p',
            { class: 'meta' },
            h('strong', null, ui.t('documents.version', { version: entry.version })),
            time(ui, entry.publishedAt, 'day'),
            h('span', { dir: 'auto' }, entry.fileName),
          ),
          plainText(entry.changeNote),
        ),
      ),
      row.earlierVersions ? h('li', { key: 'earlier', class: 'mark' }, omittedHint(ui, 'left.versions', row.earlierVersions)) : null,
    ),
    { key: 'history', className: 'act' },
  );
}

function newVersion(ui, row) {
  const id = `upload/${row.id}`;
  const { busy, share } = ui.state.actions.get(id) ?? {};
  return details(
    ui.t('documents.upload'),
    [
      formWithOutcome(ui, {
        id,
        title: row.title,
        button: ui.t('documents.send'),
        fields: [{ name: 'file', label: ui.t('documents.file'), kind: 'file', required: true, hint: ui.t('documents.uploadHint') }],
        submit: ({ file }, progress) => uploadVersion(ui, row, file, progress),
      }),
      busy && typeof share === 'number' ? progressBar(ui, Math.round(share * 100), ui.t('uploading')) : null,
    ],
    { key: 'upload', className: 'act' },
  );
}
