"""``gridwix doctor``: probe what of the two systems works."""

import time
from functools import partial

import typer
from rich.markup import escape
from rich.table import Table

from ops.aws import Aws
from ops.commands.options import DEFAULT_STACK, StackName
from ops.connections import connect
from ops.console import console
from ops.portal_address import check_portal_address
from ops.probes import Finding, examine, examine_one
from ops.stack import Stack
from ops.time_zones import describe_time_zones


def doctor(stack: StackName = DEFAULT_STACK) -> None:
    """Probe Trading Grid and Wix with the stack's own settings and secrets, by reads only.

    Ends with 1 if something does not work.
    """
    found = Stack.read(stack, Aws())
    findings = [examine_one("gridwix", "time zones", partial(describe_time_zones, found, time.time()))]
    with connect(found) as connections:
        findings += examine(connections)
    findings.append(examine_one("Wix", "portal's page", partial(check_portal_address, found)))
    console.print(_table(findings))
    if not all(finding.works for finding in findings):
        raise typer.Exit(1)


def _table(findings: list[Finding]) -> Table:
    table = Table("System", "Capability", "", "Found")
    for finding in findings:
        table.add_row(finding.system, finding.capability, "[green]✓[/]" if finding.works else "[red]✗[/]", escape(finding.found))
    return table
