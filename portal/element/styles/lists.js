/** Controls and pages of lists, search results, and the list of keys. */

export const lists = `
.list-controls {
  display: grid;
  gap: 10px;
}
.list-filters {
  display: grid;
  grid-template-columns: repeat(auto-fit, minmax(min(200px, 100%), 1fr));
  gap: 10px;
}
.list-filters.folded {
  display: none;
}
.list-count {
  display: flex;
  flex-wrap: wrap;
  align-items: center;
  gap: 4px 16px;
  padding-inline: 4px;
}
.list-range {
  font-weight: 600;
  font-variant-numeric: tabular-nums;
}
.pages {
  display: flex;
  flex-wrap: wrap;
  align-items: center;
  justify-content: center;
  gap: 8px 12px;
}
.pages ol {
  display: flex;
  flex-wrap: wrap;
  align-items: center;
  gap: 4px;
}
.pages .button:disabled {
  color: var(--muted);
  opacity: 0.6;
  cursor: default;
}
.page-number {
  min-inline-size: 40px;
  min-block-size: 40px;
  padding: 4px 8px;
  border: 1px solid transparent;
  border-radius: 10px;
  background: none;
  color: var(--accent);
  font-weight: 600;
  cursor: pointer;
}
.page-number:hover {
  border-color: var(--accent);
}
.page-number[aria-current] {
  background: var(--accent);
  color: var(--on-accent);
}
.results {
  display: grid;
  gap: 10px;
  justify-items: start;
}
.results h4 {
  display: flex;
  align-items: center;
  gap: 8px;
  margin: 0;
}
.results h4 .icon {
  color: var(--accent);
}
.results ul {
  display: grid;
  inline-size: 100%;
}
.results li {
  display: grid;
  gap: 2px;
  justify-items: start;
  padding-block: 8px;
  border-block-start: 1px solid var(--line);
}
.results .link {
  text-align: start;
}
.partial {
  display: grid;
  gap: 2px;
}
.partial .more {
  margin: 0;
}
.print {
  justify-self: end;
}
.print .icon {
  margin-inline-end: 6px;
}
.paper-head {
  display: none;
}
dialog.keys {
  inline-size: min(440px, calc(100vw - 32px));
  padding: 20px;
  border: 1px solid var(--line);
  border-radius: var(--radius);
  background: var(--surface);
  color: var(--ink);
}
dialog.keys::backdrop {
  background: rgb(10 20 40 / 45%);
}
dialog.keys[open] {
  display: grid;
  gap: 12px;
  justify-items: start;
}
.keys-title {
  font: 650 1.25em/1.25 var(--font-heading);
}
.keys dl {
  display: grid;
  gap: 6px;
}
.keys dl div {
  display: flex;
  gap: 14px;
}
.keys dt {
  display: flex;
  gap: 6px;
  min-inline-size: 64px;
}
kbd {
  min-inline-size: 26px;
  padding: 1px 7px;
  border: 1px solid var(--edge);
  border-radius: 6px;
  background: var(--ground);
  font: inherit;
  font-size: 0.875em;
  text-align: center;
}
@container portal (inline-size < 760px) {
  .head-word {
    position: absolute;
    inline-size: 1px;
    block-size: 1px;
    overflow: hidden;
    clip-path: inset(50%);
    white-space: nowrap;
  }
}
@container portal (inline-size >= 760px) {
  .list-fold {
    display: none;
  }
  .list-filters.folded {
    display: grid;
  }
}
@media print {
  .list-controls,
  .list-count .link,
  .pages,
  .print {
    display: none !important;
  }
  .portal:has([data-section="onboarding"]) .banner {
    display: none;
  }
  .paper-head {
    display: flex;
    flex-wrap: wrap;
    gap: 2px 16px;
    padding-block-end: 8px;
    margin-block-end: 12px;
    border-block-end: 1px solid var(--line);
  }
  .rich a[href]::after {
    content: " (" attr(href) ")";
  }
  .step {
    break-inside: avoid-page;
  }
  .portal:has([data-section="onboarding"]) .card {
    break-inside: auto;
  }
}
`;
