/**
 * Navigation: a row that scrolls sideways where the element is narrow, else a column. Items are at
 * least 44 pixels high.
 */

export const navigation = `
.nav {
  min-inline-size: 0;
}
.nav ul {
  display: flex;
  gap: 4px;
  overflow-x: auto;
  overscroll-behavior-x: contain;
  scrollbar-width: none;
  /* Room for the outline of what has the focus. */
  padding: 4px;
  margin: -4px;
  scroll-padding-inline: 8px;
}
.nav li {
  flex: none;
}
.nav-item {
  position: relative;
  display: flex;
  align-items: center;
  gap: 7px;
  inline-size: 100%;
  min-block-size: 44px;
  padding: 6px 12px;
  border: 1px solid transparent;
  border-radius: 12px;
  background: transparent;
  color: var(--muted);
  font: 500 0.875em/1.2 var(--font);
  white-space: nowrap;
  cursor: pointer;
}
.nav-item .icon {
  inline-size: 20px;
  block-size: 20px;
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
  min-inline-size: 20px;
  padding: 0 5px;
  border-radius: 10px;
  background: var(--accent);
  color: var(--on-accent);
  font: 650 11px/20px var(--font);
  text-align: center;
}
.unread {
  flex: none;
  inline-size: 9px;
  block-size: 9px;
  border-radius: 50%;
  background: var(--warn-fill);
}
@container portal (inline-size >= 760px) {
  .nav {
    align-self: start;
    position: sticky;
    inset-block-start: 16px;
  }
  .nav ul {
    display: grid;
    grid-template-columns: minmax(0, 1fr);
    gap: 2px;
    overflow: visible;
    padding: 0;
    margin: 0;
  }
  .nav-item {
    gap: 12px;
    padding: 8px 12px;
    font-size: 0.9375em;
    text-align: start;
    white-space: normal;
  }
  .nav-item .icon {
    inline-size: 22px;
    block-size: 22px;
  }
  .nav-word {
    flex: 1;
  }
  .count {
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
