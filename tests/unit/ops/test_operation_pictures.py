"""Pictures of the docs: made by the script, of what there is today, and loading nothing."""

import re
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ops.consumers import Consumer, EventSource
from ops.dashboard import Graph, Metric, metric_values, read_dashboard
from ops.dashboard_picture import LEGEND_LINES, Series, draw_dashboard
from ops.logs import LogLine
from ops.operation_pictures import DASHBOARD, SCREEN
from ops.paths import ROOT
from ops.pictures import IMAGES, NAMES
from ops.queues import Depth
from ops.role_probe import read_template
from ops.screen_picture import draw_screen
from ops.watch.snapshot import Snapshot

SVG = "{http://www.w3.org/2000/svg}"
GRAPHS = read_dashboard()
DOCUMENTS = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]


def texts(svg: str) -> list[str]:
    """The texts of a picture. Raises ParseError if it is no XML."""
    root = ElementTree.fromstring(svg)
    return ["".join(one.itertext()).replace("\xa0", " ") for one in root.iter(f"{SVG}text")]


def metric(name: str) -> Metric:
    return Metric("gridwix", name, frozenset({("service", "status_publisher")}))


def graph(*names: str) -> Graph:
    return Graph("Rows & more", 0, 0, 12, 6, 60, tuple(map(metric, names)))


def bars(svg: str) -> list[float]:
    """Heights of the bars of the only graph."""
    root = ElementTree.fromstring(svg)
    frames_and_legend = {"#fff", "#f2f3f3"}
    return [
        float(one.attrib["height"])
        for one in root.iter(f"{SVG}rect")
        if one.attrib["fill"] not in frames_and_legend and one.attrib["height"] != "9"
    ]


CHARTS = frozenset({"size-calls.svg", "size-memory.svg"})
"""Pictures that `make bench ARGS="size --write"` draws."""


def test_pictures_of_the_docs_are_those_of_the_script() -> None:
    assert {path.name for path in IMAGES.iterdir()} == NAMES | CHARTS


def linked_pictures(document: Path) -> set[Path]:
    found = re.findall(r'(?:src|srcset)="([^"]+)"|!\[[^\]]*\]\(([^)]+)\)', document.read_text())
    names = {name for pair in found for name in pair if name}
    return {(document.parent / name).resolve() for name in names if "://" not in name}


def test_docs_link_pictures_that_there_are_and_each_of_them() -> None:
    linked = {picture for document in DOCUMENTS for picture in linked_pictures(document)}

    assert {path for path in linked if not path.is_file()} == set()
    assert {path.name for path in linked if path.parent == IMAGES} == NAMES | CHARTS


def test_picture_of_the_dashboard_has_the_graphs_and_metrics_of_the_template() -> None:
    drawn = texts((IMAGES / DASHBOARD).read_text())
    names = {one.name for graph in GRAPHS for one in graph.metrics if one.namespace == "gridwix"}

    assert {graph.title for graph in GRAPHS} <= set(drawn)
    # A name can be followed by its total.
    assert {
        name for name in names if not any(re.match(rf"{name}\b", one) for one in drawn)
    } == set()


def test_picture_of_the_screen_has_a_row_for_each_queue() -> None:
    shown = " ".join(texts((IMAGES / SCREEN).read_text()))
    outputs = read_template()["Outputs"]
    queues = [name.removesuffix("DeadLetterQueueUrl") for name in outputs if "DeadLetter" in name]
    names = [re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower() for name in queues]

    assert len(names) > 10
    assert {name for name in names if name not in shown} == set()
    assert "paused for" in shown


@pytest.mark.parametrize("name", [DASHBOARD, SCREEN])
def test_picture_loads_nothing_from_another_host(name: str) -> None:
    drawn = (IMAGES / name).read_text()

    assert "@font-face" not in drawn
    assert re.findall(r"(?:href|src|url\()[=\"'(]*https?:", drawn) == []


def test_dashboard_of_the_template_is_read_with_its_places() -> None:
    feed = next(one for one in GRAPHS if one.title == "Event feed")

    assert (feed.x, feed.y, feed.width, feed.height, feed.period) == (12, 0, 12, 6, 60)
    assert feed.metrics[0] == Metric(
        "gridwix", "EventsPublished", frozenset({("service", "trading_grid_feed")})
    )


def test_value_is_drawn_as_high_as_its_share_of_the_highest() -> None:
    series = {metric("A"): Series((4.0, 2.0, 0.0)), metric("B"): Series((4.0, 0.0, 2.0))}

    drawn = draw_dashboard([graph("A", "B")], series, "a run")

    highest, *_ = sorted(bars(drawn))[::-1]
    assert bars(drawn) == pytest.approx([highest, highest, highest / 2, highest / 2], abs=0.2)
    assert {"A 6", "B 6", "8"} <= set(texts(drawn))


def test_graph_without_a_value_says_so_and_draws_no_bar() -> None:
    drawn = draw_dashboard([graph("A")], {}, "a run")

    assert "no value in this run" in texts(drawn)
    assert bars(drawn) == []


@given(st.integers(1, 40), st.integers(1, 30))
def test_names_that_do_not_fit_are_counted(number: int, length: int) -> None:
    names = [f"{'x' * length}{position}" for position in range(number)]

    drawn = texts(draw_dashboard([graph(*names)], {}, "a run"))

    named = [name for name in names if name in drawn]
    more = [int(text.split()[1]) for text in drawn if re.fullmatch(r"and \d+ more", text)]
    assert len(named) + sum(more) == number
    assert named == names[: len(named)]


def test_text_of_a_dashboard_is_escaped() -> None:
    assert {"Rows & more", "a <run>"} <= set(texts(draw_dashboard([graph("A")], {}, "a <run>")))


def test_metrics_of_a_log_line_are_summed() -> None:
    directive = {
        "Namespace": "gridwix",
        "Dimensions": [["service"]],
        "Metrics": [{"Name": "A", "Unit": "Count"}],
    }
    fields = {
        "_aws": {"CloudWatchMetrics": [directive]},
        "service": "status_publisher",
        "A": [1.0, 2.0],
    }

    assert list(metric_values(LogLine(0.0, fields))) == [(metric("A"), 3.0)]
    assert list(metric_values(LogLine(0.0, {"message": "rows_published"}))) == []


def test_screen_is_drawn_as_it_is_shown() -> None:
    consumer = Consumer(
        "status_publisher", Depth(7, 1, 2), Depth(0, 0, 0), sources=(EventSource("u", "Enabled"),)
    )
    shown = Snapshot("gridwix-local", 1_795_000_000.0, consumers=(consumer,))

    drawn = " ".join(texts(draw_screen(shown)))

    assert "$ gridwix status --watch --stack gridwix-local" in drawn
    assert "status_publisher" in drawn
    assert draw_screen(shown) == draw_screen(replace(shown))
    assert not any(line.endswith(" ") for line in draw_screen(shown).splitlines())


def test_legend_names_each_metric_of_gridwix() -> None:
    drawn = texts(draw_dashboard(GRAPHS, {}, "a run"))

    names = {one.name for graph in GRAPHS for one in graph.metrics if one.namespace == "gridwix"}
    assert names <= set(drawn)
    # The ages of thirteen queues are too many for three lines.
    assert len([text for text in drawn if re.fullmatch(r"and \d+ more", text)]) == 1
    assert LEGEND_LINES == 3
