/**
 * On paper: what there is to read, without what there is to press. `printing.js` opens what is
 * folded.
 */

export const print = `
@media print {
  .nav,
  .switch,
  .banner-end,
  .ask,
  .follow-up,
  .act:has(form),
  form,
  button {
    display: none !important;
  }
  .portal {
    background: none;
    padding: 0;
  }
  .body {
    display: block;
  }
  .card,
  .banner {
    box-shadow: none;
    break-inside: avoid-page;
  }
  .content {
    display: block;
  }
  .content > * {
    margin-block-end: 14px;
  }
  summary::after {
    display: none;
  }
}
`;
