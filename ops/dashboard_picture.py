"""Draws the template's dashboard as SVG, with the metrics of a local run. Pure.

It is a drawing and no screenshot of CloudWatch. Graphs, titles and metrics come from the template,
the values from the logs of the functions in the run. A metric without a value has no bar.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape

from ops.dashboard import Graph, Metric

UNIT_X, UNIT_Y = 40, 26
"""Pixels of one unit of the dashboard."""

PAD, HEAD, LINE = 10, 26, 13
COLORS = ("#1f77b4", "#ff7f0e", "#2ca02c", "#d62728", "#9467bd", "#8c564b")
CAPTION = 30
LEGEND_LINES = 3
"""Maximum number of lines of metric names below a graph. For the others, only their number is
shown.
"""

CHARACTER = 6.3
"""Mean width of a character of the legend, in pixels."""


@dataclass(frozen=True, slots=True)
class Series:
    """Values of a metric in a local run: one sum for each slice of time, oldest first."""

    values: tuple[float, ...]

    @property
    def total(self) -> float:
        return sum(self.values)


def draw_dashboard(graphs: Sequence[Graph], series: Mapping[Metric, Series], caption: str) -> str:
    """Return the dashboard as SVG.

    Args:
        graphs: The graphs, with their places.
        series: The values of each metric that has some. All have the same number of slices.
        caption: A sentence at the top that says where the values come from.
    """
    width = UNIT_X * max(graph.x + graph.width for graph in graphs)
    height = CAPTION + UNIT_Y * max(graph.y + graph.height for graph in graphs)
    drawn = "\n".join(_draw_graph(graph, series) for graph in graphs)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}"'
        f' width="{width}" height="{height}" font-family="sans-serif" role="img">\n'
        f"<title>{escape(caption)}</title>\n"
        f'<rect width="{width}" height="{height}" fill="#f2f3f3"/>\n'
        f'<text x="{PAD}" y="20" font-size="13" fill="#414d5c">{escape(caption)}</text>\n'
        f"{drawn}\n</svg>\n"
    )


def _draw_graph(graph: Graph, series: Mapping[Metric, Series]) -> str:
    left, top = UNIT_X * graph.x + 4, CAPTION + UNIT_Y * graph.y + 4
    width, height = UNIT_X * graph.width - 8, UNIT_Y * graph.height - 8
    known = {metric: series[metric] for metric in graph.metrics if metric in series}
    bottom = top + height - PAD - LINE * LEGEND_LINES
    return "\n".join(
        [
            f'<rect x="{left}" y="{top}" width="{width}" height="{height}" rx="4" fill="#fff"'
            ' stroke="#d5dbdb"/>',
            f'<text x="{left + PAD}" y="{top + 18}" font-size="13" font-weight="bold"'
            f' fill="#16191f">{escape(graph.title)}</text>',
            *_draw_bars(graph, known, (left + PAD, top + HEAD + 4, width - 2 * PAD, bottom)),
            *_draw_legend(graph, known, left + PAD, bottom + LINE + 4, width - 2 * PAD),
        ]
    )


def _draw_bars(
    graph: Graph, known: Mapping[Metric, Series], box: tuple[int, int, int, int]
) -> list[str]:
    """Return SVG elements that show the values of a graph's metrics as stacked bars.

    There is one bar for each slice of time. ``box`` is the left edge, top, width and bottom.
    """
    left, top, width, bottom = box
    axis = f'<path d="M{left} {bottom}h{width}" stroke="#aab7b8"/>'
    slices = max((len(one.values) for one in known.values()), default=0)
    sums = [sum(one.values[at] for one in known.values()) for at in range(slices)]
    highest = max(sums, default=0.0)
    if not highest:
        middle = left + width // 2
        said = f'<text x="{middle}" y="{(top + bottom) // 2}" font-size="12" fill="#879596"'
        return [axis, f'{said} text-anchor="middle">no value in this run</text>']
    drawn = [
        axis,
        f'<text x="{left + width}" y="{top + 4}" font-size="10" fill="#687078"'
        f' text-anchor="end">{highest:g}</text>',
    ]
    step, room = width / slices, bottom - top - 6
    for at in range(slices):
        base = float(bottom)
        for number, metric in enumerate(graph.metrics):
            value = known[metric].values[at] if metric in known else 0.0
            if value:
                size = room * value / highest
                base -= size
                drawn.append(
                    f'<rect x="{left + at * step:.1f}" y="{base:.1f}"'
                    f' width="{max(step - 1, 1):.1f}" height="{size:.1f}"'
                    f' fill="{COLORS[number % len(COLORS)]}"/>'
                )
    return drawn


def _draw_legend(
    graph: Graph, known: Mapping[Metric, Series], left: int, top: int, width: int
) -> list[str]:
    """Return SVG elements with the names and totals of a graph's metrics.

    If they do not fit, the last text is such as "and 3 more".
    """
    places: list[tuple[float, int]] = []
    x, line = float(left), 0
    texts = [f"{_short_name(one)}{_total(known.get(one))}" for one in graph.metrics]
    for text in texts:
        size = 22 + CHARACTER * len(text)
        if x + size > left + width:
            x, line = float(left), line + 1
        places.append((x, line))
        x += size
    fitting = sum(1 for _, line in places if line < LEGEND_LINES)
    # The last one that fits makes room for the number of the others.
    shown = fitting if fitting == len(texts) else fitting - 1
    drawn = [
        f'<rect x="{x:.0f}" y="{top + LINE * line - 8}" width="9" height="9"'
        f' fill="{COLORS[number % len(COLORS)]}"/>'
        + _legend_text(x + 13, top + LINE * line, texts[number])
        for number, (x, line) in enumerate(places[:shown])
    ]
    if shown < len(texts):
        x, line = places[shown]
        drawn.append(_legend_text(x, top + LINE * line, f"and {len(texts) - shown} more"))
    return drawn


def _legend_text(x: float, y: int, text: str) -> str:
    return f'<text x="{x:.0f}" y="{y}" font-size="10" fill="#414d5c">{escape(text)}</text>'


def _short_name(metric: Metric) -> str:
    """Return the name of a metric's queue, or of the metric if it has no queue, for the legend.

    Metrics of one graph differ in this.
    """
    queues = [value for name, value in metric.dimensions if name == "QueueName"]
    return queues[0].removesuffix("Queue") if queues else metric.name


def _total(known: Series | None) -> str:
    return "" if known is None else f" {known.total:g}"
