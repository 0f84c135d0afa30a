/**
 * Custom properties that a site may set (`--gridwix-…`), and the colors derived from them. Each
 * color has a light and a dark value, by the element's `color-scheme`.
 */

export const colors = `
:host {
  display: block;
  container: portal / inline-size;
  color-scheme: inherit;
  --accent: var(--gridwix-accent, light-dark(#1f4fd1, #9cb8ff));
  --on-accent: var(--gridwix-on-accent, light-dark(#ffffff, #0d1630));
  --ink: var(--gridwix-ink, light-dark(#172033, #e9eef7));
  --muted: var(--gridwix-muted, light-dark(#525e73, #a9b5c8));
  --surface: var(--gridwix-surface, light-dark(#ffffff, #171e2b));
  --ground: var(--gridwix-ground, light-dark(#f4f6fa, #0e131c));
  --line: var(--gridwix-line, light-dark(#dfe4ec, #2c3647));
  --edge: var(--gridwix-edge, light-dark(#7a869a, #7f8ca2));
  --good: var(--gridwix-good, light-dark(#0d6540, #79d6a6));
  --warn: var(--gridwix-warn, light-dark(#8a4500, #f5bd75));
  --bad: var(--gridwix-bad, light-dark(#a51d1d, #ff9d97));
  --info: var(--gridwix-info, light-dark(#1d4b94, #93c0ff));
  --radius: var(--gridwix-radius, 14px);
  --font: var(--gridwix-font, system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif);
  --font-heading: var(--gridwix-font-heading, var(--font));
  --size: var(--gridwix-font-size, 16px);
  --good-fill: var(--gridwix-good-fill, light-dark(#1f9d63, #79d6a6));
  --warn-fill: var(--gridwix-warn-fill, light-dark(#f5a623, #f5bd75));
  --bad-fill: var(--gridwix-bad-fill, light-dark(#e5484d, #ff9d97));
  --info-fill: var(--gridwix-info-fill, light-dark(#3e7bfa, #93c0ff));
  --tint: 10%;
}
:host([theme="light"]) {
  color-scheme: light;
}
:host([theme="dark"]) {
  color-scheme: dark;
}
:host([theme="auto"]) {
  color-scheme: light dark;
}
:host([hidden]) {
  display: none;
}
.good {
  --tone: var(--good);
  --fill: var(--good-fill);
}
.warn {
  --tone: var(--warn);
  --fill: var(--warn-fill);
}
.bad {
  --tone: var(--bad);
  --fill: var(--bad-fill);
}
.info {
  --tone: var(--info);
  --fill: var(--info-fill);
}
.neutral {
  --tone: var(--muted);
  --fill: var(--muted);
}
`;
