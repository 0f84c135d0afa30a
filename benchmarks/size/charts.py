"""Plots as SVG: one small panel for each function, readable on light and dark pages.

The same figures give the same bytes.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape

COLUMNS = 3
WIDTH, HEIGHT = 250, 150
"""Size of a panel in pixels, with its margins."""

LEFT, RIGHT, TOP, BOTTOM = 46, 16, 34, 30
"""Margins of a panel in pixels."""

HEAD = 44
"""Height of the title and the key above the panels, in pixels."""

_STYLE = """
text { font: 11px system-ui, sans-serif; fill: #24292f; }
.title { font-size: 14px; font-weight: 600; }
.name { font-weight: 600; }
.axis { stroke: #8c959f; stroke-width: 1; }
.grid { stroke: #8c959f; stroke-width: 0.5; opacity: 0.4; }
.line { fill: none; stroke-width: 2; }
.s0 { stroke: #0969da; } .p0 { fill: #0969da; }
.s1 { stroke: #bc4c00; } .p1 { fill: #bc4c00; }
@media (prefers-color-scheme: dark) {
text { fill: #e6edf3; }
.s0 { stroke: #58a6ff; } .p0 { fill: #58a6ff; }
.s1 { stroke: #f0883e; } .p1 { fill: #f0883e; }
}
"""


@dataclass(frozen=True, slots=True)
class Panel:
    """A panel with the plot of one function: ``lines`` are the values of each series, at each
    size.
    """

    name: str
    lines: Sequence[Sequence[float]]


def draw_panels(
    title: str, series: Sequence[str], sizes: Sequence[int], panels: Sequence[Panel]
) -> str:
    """Return an SVG image of some panels.

    Args:
        title: Title, with the unit of the vertical axes.
        series: Names of the lines, the same in all panels; at most two.
        sizes: The horizontal axis, which is logarithmic.
        panels: The panels, in reading order.
    """
    rows = -(-len(panels) // COLUMNS)
    width, height = COLUMNS * WIDTH, HEAD + rows * HEIGHT
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}"'
        f' width="{width}" height="{height}" role="img" aria-label="{escape(title)}">',
        f"<style>{_STYLE}</style>",
        f'<text class="title" x="12" y="20">{escape(title)}</text>',
    ]
    for number, name in enumerate(series if len(series) > 1 else ()):
        x = 12 + 150 * number
        parts.append(f'<circle class="p{number}" cx="{x + 4}" cy="34" r="4"/>')
        parts.append(f'<text x="{x + 14}" y="38">{escape(name)}</text>')
    for number, panel in enumerate(panels):
        row, column = divmod(number, COLUMNS)
        parts.append(f'<g transform="translate({column * WIDTH} {HEAD + row * HEIGHT})">')
        parts += _draw_panel(panel, sizes)
        parts.append("</g>")
    return "\n".join([*parts, "</svg>", ""])


def _draw_panel(panel: Panel, sizes: Sequence[int]) -> Sequence[str]:
    top = round_up(max((value for line in panel.lines for value in line), default=1))
    across, down = WIDTH - LEFT - RIGHT, HEIGHT - TOP - BOTTOM
    low, high = math.log10(sizes[0]), math.log10(sizes[-1])

    def place(size: int, value: float) -> tuple[float, float]:
        share = (math.log10(size) - low) / (high - low) if high > low else 0.5
        return round(LEFT + across * share, 1), round(TOP + down * (1 - value / top), 1)

    bottom = TOP + down
    parts = [f'<text class="name" x="{LEFT}" y="{TOP - 14}">{escape(panel.name)}</text>']
    for value in (0.0, top / 2, top):
        _, y = place(sizes[0], value)
        kind = "grid" if value else "axis"
        parts.append(f'<line class="{kind}" x1="{LEFT}" y1="{y}" x2="{LEFT + across}" y2="{y}"/>')
        parts.append(f'<text x="{LEFT - 6}" y="{y + 4}" text-anchor="end">{value:,.4g}</text>')
    for size in sizes:
        x, _ = place(size, 0)
        parts.append(
            f'<text x="{x}" y="{bottom + 16}" text-anchor="middle">{_size_label(size)}</text>'
        )
    for number, line in enumerate(panel.lines):
        points = [place(size, value) for size, value in zip(sizes, line, strict=True)]
        path = " ".join(f"{x},{y}" for x, y in points)
        parts.append(f'<polyline class="line s{number}" points="{path}"/>')
        for (x, y), value in zip(points, line, strict=True):
            parts.append(f'<circle class="p{number}" cx="{x}" cy="{y}" r="3"/>')
            parts.append(f'<text x="{x}" y="{y - 6}" text-anchor="middle">{value:,.4g}</text>')
    return parts


def round_up(value: float) -> float:
    """Return the next round number above a value: 1, 2 or 5 times a power of ten.

    >>> round_up(87), round_up(130), round_up(0)
    (100.0, 200.0, 1.0)
    """
    if value <= 0:
        return 1.0
    power = 10.0 ** math.floor(math.log10(value))
    return next(step * power for step in (1.0, 2.0, 5.0, 10.0) if step * power >= value)


def _size_label(size: int) -> str:
    return f"{size // 1000}k" if size % 1000 == 0 else f"{size}"


def calls_per_thousand(calls: Mapping[str, int], system: str, units: int) -> float:
    """Return the calls to a system for a thousand units.

    >>> calls_per_thousand({"wix": 3}, "wix", 1500)
    2.0
    """
    return round(1000 * calls.get(system, 0) / units, 2)
