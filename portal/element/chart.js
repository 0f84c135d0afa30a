/** Bar charts, as SVG without a library, script or inline style. */

import { h } from './html.js';

const WIDTH = 10;
const GAP = 1;
const HEIGHT = 100;
/** A bar that stands for something is at least that high. */
const LEAST = 3;

/**
 * Render a bar for each of `bars`, `{value, marked}`: `marked` is the part of `value` that stands
 * out, at the foot of the bar. The highest bar has the full height.
 *
 * `label` is the id of the element that says the same in words. Without it the chart is for the eye
 * only, and the words stand beside it.
 */
export function barChart(bars, { label = null } = {}) {
  const most = Math.max(1, ...bars.map(({ value }) => value));
  const height = (value) => (value > 0 ? Math.max(LEAST, (value / most) * HEIGHT) : 0);
  return h(
    'svg',
    {
      class: 'bars',
      viewBox: `0 0 ${Math.max(1, bars.length) * WIDTH} ${HEIGHT}`,
      preserveAspectRatio: 'none',
      focusable: 'false',
      ...(label ? { role: 'img', 'aria-labelledby': label } : { 'aria-hidden': 'true' }),
    },
    bars.map(({ value, marked = 0 }, place) => {
      const foot = Math.min(height(marked), height(value));
      const rest = height(value - marked) && Math.max(LEAST, height(value) - foot);
      return [
        rest ? bar(`${place}`, 'bar', place, foot, rest) : null,
        foot ? bar(`${place}/marked`, 'bar marked', place, 0, foot) : null,
      ];
    }),
  );
}

function bar(key, className, place, from, height) {
  const top = Math.max(0, HEIGHT - from - height);
  return h('rect', { key, class: className, x: place * WIDTH + GAP, width: WIDTH - 2 * GAP, y: top.toFixed(2), height: height.toFixed(2) });
}
