/** Previews of pictures, and fields onto which files can be dragged. */

export const files = `
.preview {
  display: grid;
  justify-items: start;
  gap: 8px;
}
.preview figure {
  margin: 0;
  max-inline-size: 100%;
}
.preview .picture {
  display: block;
  max-block-size: 480px;
  border: 1px solid var(--line);
  background: var(--ground);
}
.drop {
  display: grid;
  gap: 4px;
  border-radius: 10px;
}
.drop[data-over] {
  outline: 2px dashed var(--accent);
  outline-offset: 3px;
  background: color-mix(in srgb, var(--accent) var(--tint), var(--surface));
}
.drop-hint {
  display: none;
  color: var(--muted);
  font-size: 0.875em;
}
@media (any-pointer: fine) {
  .drop-hint {
    display: block;
  }
}
`;
