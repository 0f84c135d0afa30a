/** What is new for the member, and its settings. */

export const member = `
.tool-count {
  position: absolute;
  inset-block-start: 1px;
  inset-inline-end: 0;
}
.tool-count,
.new-count {
  min-inline-size: 18px;
  padding: 0 5px;
  border-radius: 9px;
  background: var(--warn-fill);
  color: #241500;
  font: 650 11px/18px var(--font);
  text-align: center;
}
.new-mark {
  flex: none;
  padding: 0 8px;
  border-radius: 999px;
  background: var(--warn-fill);
  color: #241500;
  font: 650 12px/20px var(--font);
}

.head {
  position: relative;
  column-gap: 8px;
}
.who-facts {
  column-gap: 6px;
}
.news {
  position: absolute;
  inset-block-start: 100%;
  inset-inline-end: 0;
  z-index: 2;
  display: flex;
  flex-direction: column;
  align-items: start;
  gap: 12px;
  inline-size: min(400px, 100%);
  max-block-size: 70vh;
  box-shadow: 0 12px 32px rgb(10 20 40 / 22%);
}
.news-title {
  font: 650 1.0625em var(--font-heading);
}
.news-head {
  display: flex;
  flex-wrap: wrap;
  align-items: baseline;
  justify-content: space-between;
  gap: 2px 16px;
  inline-size: 100%;
}
/* The list scrolls, so that its head and the count of the others stay. Outlines have room. */
.news-list {
  display: grid;
  gap: 10px;
  margin: -6px;
  padding: 6px;
  inline-size: calc(100% + 12px);
  min-block-size: 0;
  overflow-y: auto;
}
.news-list li {
  display: flex;
  gap: 10px;
}
.news-list li > .icon {
  margin-block-start: 4px;
  color: var(--muted);
}
.news-list li > div {
  flex: 1;
  min-inline-size: 0;
}
.news .link {
  text-align: start;
}

.settings-card {
  display: grid;
  gap: 14px;
}
.settings-card > h4 {
  margin: 0;
}
.settings-card select {
  max-inline-size: 420px;
}
.settings-end {
  display: flex;
  flex-wrap: wrap;
  align-items: center;
  gap: 8px 12px;
}
.settings-result {
  display: flex;
  align-items: center;
  gap: 6px;
  color: var(--tone);
  font-size: 0.9375em;
  font-weight: 600;
}
.settings-result:empty {
  display: none;
}
.settings-result .icon {
  inline-size: 18px;
  block-size: 18px;
}
.message-group {
  padding-block-start: 12px;
  border-block-start: 1px solid var(--line);
}
.message-group li + li {
  margin-block-start: 2px;
}
.fixed {
  display: flex;
  align-items: flex-start;
  gap: 10px;
  padding-block: 8px;
}
.fixed .icon {
  inline-size: 22px;
  color: var(--muted);
}
.fixed strong {
  margin-inline-end: 6px;
  font-size: 0.9375em;
  font-weight: 400;
}
.settings-intro {
  padding-inline: 4px;
}
.people > ul {
  display: grid;
  gap: 12px;
}
.people .card {
  display: grid;
  gap: 8px;
}
.people .card-head {
  margin: 0;
}
.people .card > .button {
  justify-self: start;
}
.people h5 {
  margin: 0;
  font: 650 1em var(--font);
  overflow-wrap: anywhere;
}
.quiet-fields {
  display: grid;
  gap: 14px;
}
@container portal (inline-size >= 760px) {
  .head {
    column-gap: 14px;
  }
  .who-facts {
    column-gap: 8px;
  }
}
@container portal (inline-size >= 560px) {
  .quiet-fields {
    grid-template-columns: 1fr 1fr 2fr;
  }
}
@media print {
  .new-mark {
    display: none !important;
  }
}
@media (forced-colors: active) {
  .tool-count,
  .new-count,
  .new-mark {
    border: 1px solid CanvasText;
  }
}
`;
