/** Header, service notice and layout. */

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
  padding: 12px;
  position: relative;
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
.skip {
  position: absolute;
  z-index: 4;
  inset-block-start: 8px;
  inset-inline-start: 8px;
}
.skip:not(:focus) {
  clip-path: inset(50%);
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
  gap: 8px 10px;
  padding: 0 2px 10px;
}
.monogram {
  display: grid;
  place-items: center;
  inline-size: 36px;
  block-size: 36px;
  flex: none;
  border-radius: 11px;
  background: var(--accent);
  color: var(--on-accent);
  font: 650 0.875em var(--font-heading);
  letter-spacing: 0.02em;
}
.who {
  display: flex;
  flex-wrap: wrap;
  align-items: center;
  gap: 2px 10px;
  /* Next to three tools on a phone. */
  flex: 1 1 130px;
  min-inline-size: 0;
}
.who h2 {
  font-size: 1.0625em;
}
.who-facts {
  display: flex;
  flex-wrap: wrap;
  align-items: center;
  gap: 2px 8px;
  color: var(--muted);
  font-size: 0.875em;
}
.switch {
  display: flex;
  align-items: center;
  gap: 4px 10px;
  flex: 1 0 100%;
  min-inline-size: 180px;
}
.switch label {
  flex: none;
  color: var(--muted);
  font-size: 0.8125em;
}
.switch select {
  min-block-size: 36px;
  padding-block: 4px;
}
.band {
  margin-block-end: 10px;
}
.banner {
  padding: 4px 12px;
  border-radius: calc(var(--radius) - 4px);
  border-inline-start: 3px solid var(--fill);
  background: color-mix(in srgb, var(--fill) var(--tint), var(--surface));
}
.banner-line {
  align-items: center;
  gap: 8px;
  min-block-size: 32px;
}
.banner-line > .icon {
  color: var(--tone);
}
.banner .chip {
  flex: none;
  background: var(--surface);
}
.banner-words {
  display: flex;
  flex: 1;
  flex-wrap: wrap;
  align-items: baseline;
  gap: 0 8px;
  min-inline-size: 0;
}
/* The time goes to a line of its own before it takes the title's place. */
.banner-line strong {
  flex: 1 1 14em;
  min-inline-size: 0;
  font-weight: 600;
  font-size: 0.9375em;
}
.banner:not([open]) .banner-line strong {
  overflow: hidden;
  text-overflow: ellipsis;
  white-space: nowrap;
}
.banner .banner-line::after {
  margin: -4px 4px 0;
}
.banner > p {
  padding-block: 4px 6px;
}
.banner-end {
  display: flex;
  flex-wrap: wrap;
  gap: 4px 18px;
}

.body {
  display: grid;
  gap: 12px;
  grid-template-columns: minmax(0, 1fr);
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

@container portal (inline-size < 520px) {
  /* The time says the same. */
  .banner-line:has(.meta) > .chip {
    display: none;
  }
}
@container portal (inline-size >= 760px) {
  .portal {
    padding: 28px;
  }
  .head {
    gap: 12px 14px;
    padding: 0 4px 22px;
  }
  .monogram {
    inline-size: 48px;
    block-size: 48px;
    border-radius: 14px;
    font-size: 1.0625em;
  }
  .who {
    display: block;
  }
  .who h2 {
    font-size: 1.5em;
  }
  .who-facts {
    margin-block-start: 4px;
  }
  .switch {
    display: grid;
    flex: 0 1 260px;
  }
  .switch select {
    min-block-size: 44px;
  }
  .band {
    margin-block-end: 16px;
  }
  .body {
    grid-template-columns: 216px minmax(0, 1fr);
    gap: 32px;
  }
}
`;
