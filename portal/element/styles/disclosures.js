/** Disclosures, timelines and rich text. */

export const disclosures = `
summary {
  cursor: pointer;
  list-style: none;
  display: flex;
  align-items: flex-start;
  gap: 12px;
  min-block-size: 24px;
}
summary::-webkit-details-marker {
  display: none;
}
summary::after {
  content: "";
  flex: none;
  inline-size: 9px;
  block-size: 9px;
  margin: 5px 4px 0 auto;
  margin-inline: auto 4px;
  border: solid currentColor;
  border-width: 0 2px 2px 0;
  rotate: 45deg;
  transition: rotate 0.15s ease;
  color: var(--muted);
}
details[open] > summary::after {
  rotate: -135deg;
  translate: 0 4px;
}
.details-body {
  display: grid;
  gap: 14px;
  padding-block-start: 14px;
}
/* The line of the next disclosure keeps off a form's button. */
.details:not(.card):has(+ .details) > .details-body {
  padding-block-end: 14px;
}
.summary-line {
  display: grid;
  gap: 6px;
  min-inline-size: 0;
}
.summary-title {
  font-size: 1em;
  font-weight: 600;
  line-height: 1.35;
  letter-spacing: 0;
}
.details.card {
  padding: 0;
}
.details.card > summary {
  padding: 16px 18px;
  border-radius: var(--radius);
}
.details.card > summary:hover {
  background: color-mix(in srgb, var(--ink) 3%, transparent);
}
.details.card > .details-body {
  padding: 2px 18px 18px;
}
.details:not(.card) > summary {
  color: var(--accent);
  font-weight: 600;
  font-size: 0.9375em;
  align-items: center;
  padding-block: 4px;
  justify-content: flex-start;
}
.details:not(.card) > summary::after {
  margin: -4px 2px 0;
  color: currentColor;
}
.act {
  padding-block-start: 10px;
  border-block-start: 1px solid var(--line);
}

.timeline {
  display: grid;
  gap: 16px;
  padding-inline-start: 6px;
}
.timeline > li {
  position: relative;
  padding-inline-start: 24px;
}
.timeline > li::before {
  content: "";
  position: absolute;
  inset-inline-start: 0;
  inset-block-start: 6px;
  inline-size: 11px;
  block-size: 11px;
  border-radius: 50%;
  border: 2px solid var(--accent);
  background: var(--surface);
}
.timeline > li.ours::before {
  background: var(--accent);
}
.timeline > li.mark::before {
  border-color: var(--edge);
}
.timeline > li:not(:last-child)::after {
  content: "";
  position: absolute;
  inset-inline-start: 4.75px;
  inset-block: 21px -20px;
  inline-size: 1.5px;
  background: var(--line);
}
.timeline .meta strong {
  color: var(--ink);
  font-weight: 600;
}

.attached {
  display: grid;
  gap: 4px;
}
.attached li {
  display: flex;
  flex-wrap: wrap;
  align-items: center;
  gap: 8px;
}

.rich {
  display: flow-root;
}
/* Editors write a line as a div: lines follow each other, and paragraphs are apart. */
.rich :is(p, ul, ol, dl, table, pre, blockquote, hr, h5, h6) {
  margin-block: 0 8px;
}
.rich > :last-child,
.rich li > :last-child,
.rich blockquote > :last-child {
  margin-block-end: 0;
}
.rich :is(h5, h6) {
  font-weight: 600;
}
.rich dd {
  margin-inline-start: 22px;
}
.rich hr {
  border: 0;
  border-block-start: 1px solid var(--line);
}
.rich caption {
  text-align: start;
}
.rich ul,
.rich ol {
  padding-inline-start: 22px;
  display: grid;
  gap: 4px;
}
.rich ul {
  list-style: disc;
}
.rich ol {
  list-style: decimal;
}
/* A list that runs against the page lines up with it, and so do its marks. */
.portal:dir(rtl) .rich:dir(ltr) :is(ul, ol),
.portal:dir(ltr) .rich:dir(rtl) :is(ul, ol) {
  padding-inline-start: 0;
  list-style-position: inside;
}
.rich table {
  border-collapse: collapse;
  display: block;
  overflow-x: auto;
}
.rich th,
.rich td {
  border: 1px solid var(--line);
  padding: 4px 10px;
  text-align: start;
}
.rich pre {
  white-space: pre-wrap;
}
.rich blockquote {
  margin-inline: 0;
  padding-inline-start: 12px;
  border-inline-start: 3px solid var(--line);
}
a {
  color: var(--accent);
  text-underline-offset: 3px;
}
`;
