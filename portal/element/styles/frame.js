/** Header, navigation and layout. */

export const frame = `
*,
*::before,
*::after {
  box-sizing: border-box;
}
.portal {
  background: var(--ground);
  color: var(--ink);
  font: 400 var(--size)/1.55 var(--font);
  border-radius: calc(var(--radius) + 4px);
  padding: 16px;
  min-block-size: 320px;
  overflow-wrap: anywhere;
  -webkit-text-size-adjust: 100%;
}
/* Texts that run in the other direction line up with the page. */
.portal:dir(ltr) {
  text-align: left;
}
.portal:dir(rtl) {
  text-align: right;
}
.foreign :is(h2, h3, h4, h5, p, span, button, label, dt, dd, strong, time, summary) {
  unicode-bidi: plaintext;
}
h2,
h3,
h4,
h5,
h6,
p,
ul,
ol,
dl,
dd {
  margin: 0;
  padding: 0;
}
ul,
ol {
  list-style: none;
}
h2,
h3,
h4,
h5 {
  font-family: var(--font-heading);
  line-height: 1.25;
  font-weight: 650;
  letter-spacing: -0.01em;
  text-wrap: balance;
}
h2 {
  font-size: 1.375em;
}
h3 {
  font-size: 1.5em;
}
h4 {
  font-size: 1.0625em;
}
h5 {
  font-size: 1em;
  font-weight: 600;
  letter-spacing: 0;
}
:focus-visible {
  outline: 3px solid var(--accent);
  outline-offset: 2px;
  border-radius: 6px;
}
[tabindex="-1"]:focus:not(:focus-visible) {
  outline: none;
}
.unseen {
  position: absolute;
  inline-size: 1px;
  block-size: 1px;
  overflow: hidden;
  clip-path: inset(50%);
  white-space: nowrap;
}
.icon {
  inline-size: 1.25em;
  block-size: 1.25em;
  flex: none;
}

.head {
  display: flex;
  flex-wrap: wrap;
  align-items: center;
  gap: 12px 14px;
  padding: 4px 4px 18px;
}
.monogram {
  display: grid;
  place-items: center;
  inline-size: 48px;
  block-size: 48px;
  flex: none;
  border-radius: 14px;
  background: var(--accent);
  color: var(--on-accent);
  font: 650 1.0625em var(--font-heading);
  letter-spacing: 0.02em;
}
.who {
  flex: 1 1 200px;
  min-inline-size: 0;
}
.who-facts {
  display: flex;
  flex-wrap: wrap;
  align-items: center;
  gap: 8px;
  margin-block-start: 4px;
  color: var(--muted);
  font-size: 0.875em;
}
.switch {
  display: grid;
  gap: 4px;
  flex: 0 1 260px;
  min-inline-size: 180px;
}
.switch label {
  color: var(--muted);
  font-size: 0.8125em;
}
.band {
  margin-block-end: 16px;
}
.banner-line {
  display: flex;
  flex-wrap: wrap;
  align-items: center;
  gap: 6px 10px;
}
.banner-end {
  display: flex;
  flex-wrap: wrap;
  gap: 4px 18px;
}

.body {
  display: grid;
  gap: 20px;
}
.nav ul {
  display: grid;
  grid-template-columns: repeat(4, minmax(0, 1fr));
  gap: 6px;
}
.nav-item {
  position: relative;
  display: grid;
  justify-items: center;
  gap: 4px;
  inline-size: 100%;
  min-block-size: 60px;
  padding: 9px 2px 7px;
  border: 1px solid transparent;
  border-radius: 12px;
  background: transparent;
  color: var(--muted);
  font: 500 0.75em/1.2 var(--font);
  cursor: pointer;
  overflow-wrap: normal;
  hyphens: auto;
}
.nav-item .icon {
  inline-size: 22px;
  block-size: 22px;
}
.nav-item:hover {
  background: color-mix(in srgb, var(--ink) 6%, transparent);
  color: var(--ink);
}
.nav-item[aria-current] {
  background: var(--surface);
  border-color: var(--line);
  color: var(--accent);
  font-weight: 650;
  box-shadow: 0 1px 2px rgb(10 20 40 / 6%);
}
.count {
  position: absolute;
  inset-block-start: 4px;
  inset-inline-start: calc(50% + 7px);
  min-inline-size: 18px;
  padding: 0 5px;
  border-radius: 9px;
  background: var(--accent);
  color: var(--on-accent);
  font: 650 11px/18px var(--font);
  text-align: center;
}
.content {
  display: grid;
  gap: 14px;
  align-content: start;
  min-inline-size: 0;
}
.section-head {
  display: flex;
  flex-wrap: wrap;
  align-items: baseline;
  justify-content: space-between;
  gap: 4px 16px;
  padding-inline: 4px;
}
.as-of {
  display: flex;
  flex-wrap: wrap;
  align-items: center;
  gap: 8px;
  color: var(--muted);
  font-size: 0.8125em;
}

@container portal (inline-size < 345px) {
  .nav-item {
    font-size: 11px;
  }
  .nav ul {
    gap: 2px;
  }
}
@container portal (inline-size >= 760px) {
  .portal {
    padding: 28px;
  }
  .head {
    padding: 0 4px 22px;
  }
  h2 {
    font-size: 1.5em;
  }
  .body {
    grid-template-columns: 216px minmax(0, 1fr);
    gap: 32px;
  }
  .nav {
    align-self: start;
    position: sticky;
    inset-block-start: 16px;
  }
  .nav ul {
    grid-template-columns: minmax(0, 1fr);
    gap: 2px;
  }
  .nav-item {
    display: flex;
    align-items: center;
    justify-items: start;
    gap: 12px;
    min-block-size: 44px;
    padding: 8px 12px;
    font-size: 0.9375em;
    text-align: start;
  }
  .nav-word {
    flex: 1;
  }
  .count {
    position: static;
    min-inline-size: 22px;
    border-radius: 11px;
    font-size: 12px;
    line-height: 22px;
  }
  .nav-item[aria-current]::before {
    content: "";
    position: absolute;
    inset-block: 10px;
    inset-inline-start: -1px;
    inline-size: 3px;
    border-radius: 2px;
    background: var(--accent);
  }
}
`;
