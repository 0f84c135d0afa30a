/** Shared components: cards, chips, callouts, progress, facts. */

export const parts = `
.card {
  background: var(--surface);
  border: 1px solid var(--line);
  border-radius: var(--radius);
  padding: 18px;
  box-shadow: 0 1px 2px rgb(10 20 40 / 4%);
  min-inline-size: 0;
}
.card-head {
  display: flex;
  flex-wrap: wrap;
  align-items: center;
  gap: 6px 10px;
  margin-block-end: 10px;
}
.card > h4 {
  margin-block-end: 12px;
}
.meta {
  display: flex;
  flex-wrap: wrap;
  align-items: center;
  gap: 4px 12px;
  color: var(--muted);
  font-size: 0.875em;
}
.hint {
  color: var(--muted);
  font-size: 0.875em;
}
.said {
  white-space: pre-line;
}
.code,
code {
  font-family: ui-monospace, "SF Mono", Menlo, Consolas, "Liberation Mono", monospace;
  font-size: 0.9em;
}
.number {
  font-family: ui-monospace, "SF Mono", Menlo, Consolas, "Liberation Mono", monospace;
  font-size: 0.8125em;
  color: var(--muted);
  unicode-bidi: isolate;
}
.reference {
  padding: 2px 8px;
  border-radius: 6px;
  background: color-mix(in srgb, currentColor 10%, transparent);
  font-weight: 600;
  white-space: nowrap;
}
.more {
  display: grid;
  justify-items: start;
  gap: 8px;
  margin-block-start: 14px;
}
.past {
  display: grid;
  gap: 10px;
  margin-block-start: 12px;
}
.past > h4 {
  padding-inline: 4px;
  color: var(--muted);
  font-size: 0.9375em;
}

.chip {
  display: inline-flex;
  align-items: center;
  gap: 5px;
  padding: 2px 10px;
  border-radius: 999px;
  font-size: 12.5px;
  font-weight: 600;
  line-height: 20px;
  color: var(--tone, var(--muted));
  background: color-mix(in srgb, var(--fill, var(--muted)) 13%, var(--surface));
  max-inline-size: 100%;
}
.chip:not(:has(.icon))::before {
  content: "";
  inline-size: 6px;
  block-size: 6px;
  border-radius: 50%;
  background: currentColor;
  flex: none;
}
.chip.neutral::before {
  display: none;
}
.callout .chip {
  background: var(--surface);
}
.chip .icon {
  inline-size: 14px;
  block-size: 14px;
}
.summary-chips,
.chips {
  display: flex;
  flex-wrap: wrap;
  align-items: center;
  gap: 6px 8px;
}
.part {
  display: inline-flex;
  flex-wrap: wrap;
  gap: 4px 8px;
  align-items: center;
}
.due {
  display: inline-flex;
  align-items: center;
  gap: 5px;
  color: var(--tone);
}
.due .icon {
  inline-size: 15px;
  block-size: 15px;
}
.due.warn,
.due.bad {
  font-weight: 600;
}

.callout {
  display: flex;
  gap: 12px;
  padding: 12px 14px;
  border-radius: calc(var(--radius) - 4px);
  border-inline-start: 3px solid var(--fill);
  background: color-mix(in srgb, var(--fill) var(--tint), var(--surface));
}
.callout > .icon {
  color: var(--tone);
  margin-block-start: 2px;
}
.callout-text {
  display: grid;
  gap: 4px;
  min-inline-size: 0;
  flex: 1;
}
.offer {
  margin-block-end: 14px;
  text-align: start;
}
.offer .callout-text {
  gap: 8px;
}
.offer .button {
  justify-self: start;
}
.callout-title {
  font-weight: 650;
  color: var(--tone);
  font-size: 0.875em;
}
.outcome {
  border-radius: calc(var(--radius) - 4px);
  margin-block-end: 14px;
}
.empty {
  display: grid;
  justify-items: center;
  gap: 6px;
  padding: 36px 20px;
  text-align: center;
  color: var(--muted);
  border: 1px dashed var(--line);
  border-radius: var(--radius);
}
.empty .icon {
  inline-size: 32px;
  block-size: 32px;
  color: var(--accent);
  margin-block-end: 4px;
}
.empty-title {
  font-weight: 600;
  color: var(--ink);
}

.progress {
  block-size: 10px;
  border-radius: 5px;
  overflow: hidden;
  background: color-mix(in srgb, var(--ink) 10%, transparent);
}
.progress-fill {
  block-size: 100%;
  border-radius: 5px;
  background: var(--accent);
  transition: inline-size 0.5s ease;
}
.progress-line {
  display: flex;
  justify-content: space-between;
  gap: 12px;
  margin-block-end: 8px;
  font-size: 0.9375em;
}
.facts {
  display: flex;
  flex-wrap: wrap;
  gap: 10px 20px;
  font-size: 0.9375em;
}
/* As wide as its value, so that a date or a short name stays in one line. */
.facts > div {
  min-inline-size: min(132px, 100%);
}
.facts dt {
  color: var(--muted);
  font-size: 0.8667em;
}
.facts dd {
  font-weight: 500;
}
`;
