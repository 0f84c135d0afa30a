"""The tables and plots of the measured calls and memory, and the check that memory does not grow
with partners.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from benchmarks.size.charts import Panel, calls_per_thousand, draw_panels

CALLS_PER_MINUTE = 180
"""The call budget of the figures: the default of ``WixCallsPerMinute``."""

FLAT = 1.15
"""Maximum ratio of peak memory at ten times the partners that counts as flat: noise of the
allocator.
"""

MILLION = 1_000_000


@dataclass(frozen=True, slots=True)
class Measured:
    """Figures of one function at one number of partners.

    ``units`` of ``of`` were handled in ``seconds``: rows for the reconciler, partners for the
    others. ``loaded`` and ``peak`` are MB: after the imports, and at most.
    """

    function: str
    partners: int
    units: int
    of: int
    seconds: float
    calls: Mapping[str, int]
    facts: Mapping[str, int]
    loaded: float
    peak: float

    @classmethod
    def parse(cls, function: str, partners: int, found: Mapping[str, Any]) -> "Measured":
        """Return the figures of a function from the JSON that its worker printed."""
        return cls(function=function, partners=partners, **found)


type Figures = Mapping[str, Sequence[Measured]]
"""The measurements of each function, by size."""


def memory_ratio(measured: Sequence[Measured]) -> float:
    """Return the peak memory at the largest size, divided by that at the second largest."""
    return round(measured[-1].peak / measured[-2].peak, 2) if len(measured) > 1 else 1.0


def grown(figures: Figures) -> Sequence[str]:
    """Return the functions that need more memory the more partners there are."""
    return [name for name, measured in figures.items() if memory_ratio(measured) > FLAT]


def memory_table(figures: Figures) -> str:
    """Return the table of peak memory in MB, by size, with the ratio of the two largest."""
    sizes = [one.partners for one in next(iter(figures.values()))]
    head = [*(f"{size:,}" for size in sizes), "ratio"]
    lines = [f"| function | {' | '.join(head)} |", f"|---|{'---:|' * len(head)}"]
    for name, measured in figures.items():
        cells = [*(f"{one.peak:.0f}" for one in measured), f"{memory_ratio(measured):.2f}"]
        lines.append(f"| {_code(name)} | {' | '.join(cells)} |")
    return "\n".join(lines)


def calls_table(figures: Figures) -> str:
    """Return the table of calls for 1,000 units at the largest size, and of the time that 1,000,000
    take by the call budget.
    """
    lines = [
        "| function | unit | Trading Grid | Wix | DynamoDB | minutes for 1,000,000 |",
        "|---|---|---:|---:|---:|---:|",
    ]
    for name, measured in figures.items():
        last = measured[-1]
        grid, wix, rows = (
            calls_per_thousand(last.calls, system, last.units)
            for system in ("grid", "wix", "dynamodb")
        )
        unit = "rows" if name.startswith("reconciler") else "partners"
        minutes = f"{budget_minutes(last, MILLION):,.0f}" if wix else ""
        lines.append(f"| {_code(name)} | {unit} | {grid:,g} | {wix:,g} | {rows:,g} | {minutes} |")
    return "\n".join(lines)


def _code(name: str) -> str:
    return " ".join(f"`{word}`" for word in name.split())


def budget_minutes(measured: Measured, units: int) -> float:
    """Return the minutes for which the default call budget grants the Wix calls of so many units.

    >>> one = Measured("f", 1000, 1000, 1000, 1.0, {"wix": 2}, {}, 60.0, 70.0)
    >>> round(budget_minutes(one, 1_000_000), 1)
    11.1
    """
    return measured.calls.get("wix", 0) * units / measured.units / CALLS_PER_MINUTE


def memory_plot(figures: Figures) -> str:
    """Return the plot of peak memory, by size."""
    sizes = [one.partners for one in next(iter(figures.values()))]
    return draw_panels(
        "Peak memory in MB, by number of partners",
        ["peak"],
        sizes,
        [
            Panel(name, [[round(one.peak) for one in measured]])
            for name, measured in figures.items()
        ],
    )


def calls_plot(figures: Figures) -> str:
    """Return the plot of calls for 1,000 units, by size."""
    sizes = [one.partners for one in next(iter(figures.values()))]
    return draw_panels(
        "Calls for 1,000 partners (reconciler: for 1,000 rows), by number of partners",
        ["Trading Grid", "Wix"],
        sizes,
        [
            Panel(
                name,
                [
                    [calls_per_thousand(one.calls, system, one.units) for one in measured]
                    for system in ("grid", "wix")
                ],
            )
            for name, measured in figures.items()
        ],
    )
