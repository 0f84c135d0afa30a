/** Charts and tables of numbers. */

export const activity = `
.volume,
.trend,
.volume figure {
  display: grid;
  gap: 10px;
}
.volume figure {
  margin: 0;
  gap: 4px;
}
.volume figcaption {
  margin-block-end: 8px;
}
.card.volume > h4,
.card.trend > h4 {
  margin: 0;
}
.bars {
  display: block;
  inline-size: 100%;
  block-size: 120px;
  border-block-end: 1px solid var(--edge);
}
.bars:dir(rtl) {
  transform: scaleX(-1);
}
.trend .bars {
  block-size: 56px;
}
.bar {
  fill: var(--accent);
}
.bar.marked {
  fill: var(--bad);
}
.bars-most,
.bars-days {
  display: flex;
  justify-content: space-between;
  color: var(--muted);
  font-size: 0.8125em;
  font-variant-numeric: tabular-nums;
}
.legend {
  display: flex;
  flex-wrap: wrap;
  gap: 4px 18px;
  margin-block-start: 6px;
  font-size: 0.875em;
}
.legend li {
  display: flex;
  align-items: center;
  gap: 8px;
}
.swatch {
  inline-size: 12px;
  block-size: 12px;
  border-radius: 3px;
  background: var(--accent);
}
.swatch.marked {
  background: var(--bad);
}
.wide {
  overflow-x: auto;
  margin-block-start: 10px;
}
.numbers {
  border-collapse: collapse;
  inline-size: 100%;
  font-size: 0.9375em;
  font-variant-numeric: tabular-nums;
  overflow-wrap: normal;
}
.numbers td,
.numbers thead th {
  white-space: nowrap;
}
.numbers caption {
  padding-block-end: 8px;
  color: var(--muted);
  font-size: 0.9333em;
  text-align: start;
}
.numbers th,
.numbers td {
  padding: 7px 10px;
  border-block-end: 1px solid var(--line);
  text-align: end;
}
.numbers th:first-child {
  padding-inline-start: 0;
  text-align: start;
}
.numbers thead th {
  color: var(--muted);
  font-size: 0.8667em;
  vertical-align: bottom;
}
.numbers tbody th {
  font-weight: 500;
}
.numbers tbody th.rows-of {
  padding-block-start: 16px;
  font-weight: 650;
}
.numbers tfoot th,
.numbers tfoot td {
  border: 0;
  font-weight: 650;
}
.numbers td.bad {
  color: var(--bad);
  font-weight: 650;
}
.volume .field {
  max-inline-size: 420px;
}
.todo + .hint {
  margin-block-start: 12px;
}
@container portal (inline-size < 520px) {
  .wide .numbers th:first-child:not(.rows-of) {
    position: sticky;
    inset-inline-start: 0;
    min-inline-size: 110px;
    background: var(--surface);
  }
}
@media (forced-colors: active) {
  .bar {
    fill: CanvasText;
  }
  .bar.marked {
    fill: Highlight;
  }
  .swatch {
    background: CanvasText;
    forced-color-adjust: none;
  }
  .swatch.marked {
    background: Highlight;
  }
}
`;
