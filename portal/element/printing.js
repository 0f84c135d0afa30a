/** Opens what is folded while the page is printed: CSS alone cannot do that in every browser. */

/** Prepare for printing. Returns a function that ends it. */
export function preparePrint(root) {
  let opened = [];
  const open = () => {
    opened = [...root.querySelectorAll('details:not([open])')];
    for (const details of opened) details.open = true;
  };
  const close = () => {
    for (const details of opened) details.open = false;
    opened = [];
  };
  window.addEventListener('beforeprint', open);
  window.addEventListener('afterprint', close);
  return () => {
    window.removeEventListener('beforeprint', open);
    window.removeEventListener('afterprint', close);
  };
}
