/** Opens what is folded while the page is printed: CSS alone cannot do that in every browser. */

/**
 * Prepare for printing. `show(printing)` renders the page for paper, or for the screen again. Returns
 * a function that ends it.
 */
export function preparePrint(root, show) {
  let opened = [];
  const open = () => {
    show(true);
    opened = [...root.querySelectorAll('details:not([open])')];
    for (const details of opened) details.open = true;
  };
  const close = () => {
    for (const details of opened) details.open = false;
    opened = [];
    show(false);
  };
  window.addEventListener('beforeprint', open);
  window.addEventListener('afterprint', close);
  return () => {
    window.removeEventListener('beforeprint', open);
    window.removeEventListener('afterprint', close);
  };
}
