"""Renders the output of the demo as tables and panels of the terminal."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from rich.console import Group, RenderableType
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from ops.console import format_seconds
from ops.demo.compliance_check import TransitionResult
from ops.demo.scenario import Claim, ScenarioResult
from ops.demo.trace import Hop

SHOWN = {
    "headline": "Headline",
    "nextStep": "Next step",
    "failedChecks": "Failed checks",
    "openCases": "Open cases",
    "onboardingPercent": "Onboarding, percent",
    "updatedAt": "Updated",
}
"""Row fields that the demo shows, with their headings."""


def hop_table(found: Sequence[Hop]) -> Table:
    """Return a table with one row per step of a scenario: time, place, and what happened there.

    The time is in seconds since the change; "never" if nothing was seen.
    """
    table = Table.grid(padding=(0, 2))
    table.add_column(justify="right", style="dim")
    for _ in range(2):
        table.add_column()
    for hop in found:
        at = Text("never", "red") if hop.at is None else Text(f"+{format_seconds(hop.at)}")
        table.add_row(at, Text(hop.station, "bold"), Text(hop.happened))
    return table


def row_table(partner: str, before: Mapping[str, object], after: Mapping[str, object]) -> Table:
    """Return a table of a partner's row before and after a change, with differences in color."""
    table = Table(title=Text(f"{partner} on the portal"), title_justify="left", title_style="bold")
    table.add_column("")
    table.add_column("Before", ratio=1)
    table.add_column("After", ratio=1)
    for field, name in SHOWN.items():
        old, new = (_text(each.get(field)) for each in (before, after))
        if old or new:
            changed = old != new
            table.add_row(
                name,
                Text(old, "red" if changed else "dim"),
                Text(new, "green" if changed else "dim"),
            )
    return table


def transition_view(number: int, title: str, result: TransitionResult) -> RenderableType:
    """Return a heading and a table for one status change of a compliance check.

    The heading has a number, and the total time from Trading Grid to Wix if Wix was called. The
    table has a row for each system or function that handled the change: the time, its name, and
    what happened there.
    """
    heading = Text.assemble(
        (f"{number}. {title}", "bold"),
        (
            ""
            if result.seconds is None
            else f"   {format_seconds(result.seconds)} from end to end",
            "cyan",
        ),
    )
    return Group(heading, hop_table(result.hops))


def scenario_view(number: int, title: str, result: ScenarioResult) -> RenderableType:
    """Return a numbered heading, and the table of the steps that a demo scenario went through."""
    return Group(Text(f"{number}. {title}", "bold"), hop_table(result.hops))


def claim_table(found: Sequence[Claim]) -> Table:
    """Return a table of checked promises (claims): a check mark for a kept one, else a cross."""
    table = Table.grid(padding=(0, 1))
    for claim in found:
        table.add_row(Text(" ✓", "green") if claim.held else Text(" ✗", "red"), Text(claim.promise))
    return table


def address_panel(trading_grid: str, wix: str, portal: str, *, own_gateway: bool) -> Panel:
    """Return a panel with the URLs of the demo's emulators and portal.

    Args:
        trading_grid: URL of the Trading Grid emulator.
        wix: URL of the Wix emulator.
        portal: URL of the portal.
        own_gateway: True if the community gateway, not the emulator, keeps the hub's records.
    """
    lines = Group(
        "Act as the hub with gridwix desk (below), and watch the portal follow."
        "\nThe pages of Trading Grid show its directory and Lens; the gateway has all the rest:"
        if own_gateway
        else "Change something in Trading Grid and watch the portal follow:",
        Text.assemble("  Trading Grid   ", (f"{trading_grid}/", "cyan underline")),
        Text.assemble("  Wix            ", (f"{wix}/", "cyan underline")),
        Text.assemble(
            "  Portal         ", (f"{portal}/", "cyan underline"), "  log in as a partner's member"
        ),
        Text("Ctrl-C stops everything.", "dim"),
    )
    return Panel(lines, title="Open in a browser", title_align="left", expand=False)


def _text(value: object) -> str:
    if isinstance(value, datetime):
        return f"{value.astimezone(UTC):%d %b %Y, %H:%M:%S} UTC"
    return "" if value is None else str(value)
