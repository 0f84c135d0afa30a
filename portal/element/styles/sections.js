/** The overview and onboarding. */

export const sections = `
.standing {
  display: grid;
  gap: 16px;
}
.headline {
  font-size: 1.1875em;
  font-weight: 600;
  line-height: 1.4;
  font-family: var(--font-heading);
}
.standing-progress {
  display: grid;
}
.standing-progress .hint {
  margin-block-start: 8px;
}
.tiles {
  display: grid;
  grid-template-columns: repeat(auto-fit, minmax(min(150px, 100%), 1fr));
  gap: 12px;
}
.tiles li {
  display: grid;
}
.tile {
  display: grid;
  align-content: start;
  justify-items: start;
  gap: 2px;
  padding: 16px 18px;
  text-align: start;
  border: 1px solid var(--line);
  border-radius: var(--radius);
  background: var(--surface);
  cursor: pointer;
  box-shadow: 0 1px 2px rgb(10 20 40 / 4%);
  transition: border-color 0.15s ease;
}
.tile:hover {
  border-color: var(--accent);
}
.tile-top {
  display: flex;
  align-items: center;
  justify-content: space-between;
  inline-size: 100%;
}
.tile-top .icon {
  order: 2;
  color: var(--accent);
  inline-size: 24px;
  block-size: 24px;
}
.tile-count {
  font: 650 2em/1.15 var(--font-heading);
  letter-spacing: -0.02em;
  font-variant-numeric: tabular-nums;
}
.tile-label {
  font-weight: 600;
}
.tile-detail {
  color: var(--muted);
  font-size: 0.875em;
}
@container portal (inline-size < 520px) {
  .tiles {
    grid-template-columns: minmax(0, 1fr);
    gap: 8px;
  }
  .tile {
    grid-template: "count label icon" "count detail icon" / auto 1fr auto;
    column-gap: 16px;
    padding: 12px 16px;
    align-items: center;
  }
  .tile-top {
    display: contents;
  }
  .tile-top .icon {
    grid-area: icon;
  }
  .tile-count {
    grid-area: count;
    min-inline-size: 1.2ch;
  }
  .tile-label {
    grid-area: label;
    align-self: end;
    line-height: 1.3;
  }
  .tile-detail {
    grid-area: detail;
    align-self: start;
    line-height: 1.3;
  }
}
.todo {
  display: grid;
}
.todo li {
  display: flex;
  gap: 14px;
  padding-block: 12px;
  border-block-start: 1px solid var(--line);
}
.todo li:first-child {
  border: 0;
  padding-block-start: 0;
}
.todo li:last-child {
  padding-block-end: 0;
}
.todo + .details {
  margin-block-start: 12px;
}
.todo-symbol {
  display: grid;
  place-items: center;
  inline-size: 36px;
  block-size: 36px;
  flex: none;
  border-radius: 10px;
  color: var(--accent);
  background: color-mix(in srgb, var(--accent) var(--tint), var(--surface));
}
.todo-text {
  display: grid;
  gap: 2px;
  min-inline-size: 0;
}
.all-done {
  display: flex;
  align-items: center;
  gap: 8px;
  color: var(--good);
  font-weight: 600;
}
.latest {
  display: grid;
  gap: 2px;
}

.steps {
  display: grid;
  margin-block-start: 20px;
}
.step {
  position: relative;
  display: flex;
  gap: 14px;
  padding-block-end: 22px;
}
.step:last-child {
  padding-block-end: 0;
}
.step:not(:last-child)::before {
  content: "";
  position: absolute;
  inset-inline-start: 15px;
  inset-block: 34px 2px;
  inline-size: 2px;
  background: var(--line);
}
.step.over:not(:last-child)::before {
  background: var(--good);
  opacity: 0.5;
}
.step-mark {
  display: grid;
  place-items: center;
  inline-size: 32px;
  block-size: 32px;
  flex: none;
  border-radius: 50%;
  border: 2px solid var(--line);
  color: var(--muted);
  background: var(--surface);
}
.step-mark .icon {
  inline-size: 16px;
  block-size: 16px;
}
.step.yours .step-mark .icon,
.step.running .step-mark .icon {
  fill: currentColor;
}
.step.over .step-mark {
  background: color-mix(in srgb, var(--good) 16%, var(--surface));
  border-color: transparent;
  color: var(--good);
}
.step.yours .step-mark {
  border-color: var(--accent);
  color: var(--accent);
  box-shadow: 0 0 0 4px color-mix(in srgb, var(--accent) 16%, transparent);
}
.step.running .step-mark {
  border-color: var(--accent);
  color: var(--accent);
}
.step-body {
  display: grid;
  gap: 8px;
  flex: 1;
  min-inline-size: 0;
  padding-block-start: 4px;
}
.after-bar {
  margin-block-start: 8px;
}
.picture {
  max-inline-size: 100%;
  block-size: auto;
  border-radius: 10px;
}
.step.locked h5 {
  color: var(--muted);
  font-weight: 500;
}
`;
