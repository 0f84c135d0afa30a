/** Buttons and fields. Each target is at least 24 by 24 pixels; buttons and fields are 44 high. */

export const controls = `
button,
input,
select,
textarea {
  font: inherit;
  color: inherit;
}
.button {
  display: inline-flex;
  align-items: center;
  justify-content: center;
  gap: 8px;
  min-block-size: 44px;
  padding: 8px 18px;
  border-radius: 10px;
  border: 1px solid var(--edge);
  background: var(--surface);
  color: var(--ink);
  font-weight: 600;
  cursor: pointer;
  text-decoration: none;
}
.button:hover {
  background: color-mix(in srgb, var(--ink) 5%, var(--surface));
}
.button.primary {
  background: var(--accent);
  border-color: var(--accent);
  color: var(--on-accent);
}
.button.primary:hover {
  background: color-mix(in srgb, var(--accent) 88%, var(--ink));
}
.button.danger {
  border-color: var(--bad);
  color: var(--bad);
}
.button[aria-disabled] {
  opacity: 0.65;
  cursor: progress;
}
.link {
  display: inline-flex;
  align-items: center;
  min-block-size: 28px;
  padding: 2px 0;
  border: 0;
  background: none;
  color: var(--accent);
  font-weight: 600;
  cursor: pointer;
  text-decoration: underline;
  text-decoration-thickness: 1px;
  text-underline-offset: 3px;
}
.link:hover {
  text-decoration-thickness: 2px;
}

.form {
  display: grid;
  gap: 16px;
}
.form-end {
  display: flex;
  gap: 12px;
}
/* A fault makes its own field higher, and leaves the field beside it as it is. */
.field {
  display: grid;
  align-content: start;
  gap: 5px;
  min-inline-size: 0;
}
.field label {
  font-weight: 600;
  font-size: 0.9375em;
}
.optional {
  color: var(--muted);
  font-weight: 400;
}
.field.group {
  border: 0;
  margin: 0;
  padding: 0;
}
.field.group legend {
  padding: 0;
  margin-block-end: 5px;
  font-weight: 600;
  font-size: 0.9375em;
}
.field.group .check {
  font-weight: 400;
}
.field .part {
  display: grid;
  gap: 3px;
}
.field .part label {
  font-weight: 400;
}
.field input:not([type="checkbox"]),
.field textarea,
select {
  inline-size: 100%;
  min-block-size: 44px;
  padding: 9px 12px;
  border: 1px solid var(--edge);
  border-radius: 10px;
  background: var(--surface);
}
.field input[dir="ltr"] {
  text-align: start;
}
.field textarea {
  min-block-size: 96px;
  resize: vertical;
}
.field input[type="file"] {
  padding: 8px;
}
.field input::file-selector-button {
  margin-inline-end: 12px;
  padding: 5px 12px;
  border: 1px solid var(--edge);
  border-radius: 7px;
  background: var(--ground);
  color: var(--ink);
  font: inherit;
  cursor: pointer;
}
.field [aria-invalid] {
  border-color: var(--bad) !important;
  border-width: 2px !important;
}
.fault {
  color: var(--bad);
  font-size: 0.875em;
  font-weight: 600;
}
.check {
  display: flex;
  align-items: center;
  gap: 10px;
  min-block-size: 44px;
  cursor: pointer;
}
.check input {
  inline-size: 22px;
  block-size: 22px;
  margin: 0;
  accent-color: var(--accent);
  flex: none;
}
select {
  appearance: none;
  padding-inline-end: 38px;
  text-overflow: ellipsis;
  cursor: pointer;
  background-repeat: no-repeat;
  background-size: 6px 6px;
  background-position:
    calc(100% - 21px) 53%,
    calc(100% - 15px) 53%;
  background-image: linear-gradient(45deg, transparent 50%, var(--muted) 50%), linear-gradient(-45deg, transparent 50%, var(--muted) 50%);
}
select:dir(rtl) {
  background-position:
    15px 53%,
    21px 53%;
}
@container portal (inline-size >= 560px) {
  .ask .form {
    grid-template-columns: 1fr 1fr;
  }
  .ask .field:has(textarea),
  .ask .field.group,
  .ask .form-end {
    grid-column: 1 / -1;
  }
}
@media (forced-colors: active) {
  .chip,
  .card,
  .callout {
    border: 1px solid CanvasText;
  }
  .nav-item[aria-current] {
    border: 2px solid Highlight;
  }
  .progress {
    border: 1px solid CanvasText;
  }
  .progress-fill {
    background: Highlight;
    forced-color-adjust: none;
  }
}
`;
