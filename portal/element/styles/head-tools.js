/** Style sheet of the header's tools: search, what is new, and the member's settings. */

export const headTools = `
.head-tools,
.own-tools {
  display: flex;
  align-items: center;
  gap: 4px;
}
.head-tool {
  position: relative;
  display: inline-flex;
  align-items: center;
  justify-content: center;
  gap: 8px;
  min-inline-size: 40px;
  min-block-size: 44px;
  padding: 6px 8px;
  border: 1px solid var(--line);
  border-radius: 10px;
  background: var(--surface);
  color: var(--ink);
  font-weight: 600;
  cursor: pointer;
}
.head-tool:hover,
.head-tool[aria-current],
.head-tool[aria-expanded="true"] {
  border-color: var(--accent);
  color: var(--accent);
}
@container portal (inline-size >= 760px) {
  .head-tools,
  .own-tools {
    gap: 8px;
  }
  .head-tool {
    min-inline-size: 44px;
    padding-inline: 10px;
  }
}
@media print {
  .head-tools {
    display: none !important;
  }
}
`;
