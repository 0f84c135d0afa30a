"""``gridwix demo``: everything on this machine, and a change that can be followed from hop to hop."""

import contextlib
import shlex
import time
from collections.abc import Iterator
from itertools import pairwise
from typing import Annotated

import typer

from gridwix.mapping.wix_items import item_id
from ops import logs
from ops.console import console, note, seconds, show, step
from ops.demo import agreement, compliance_check, drift, incident, message, question, rejection, requirement, view
from ops.demo.event_log import BusEventLog
from ops.local_environment import Ports, World, world
from ops.overview import PublicationRun, as_run
from ops.paths import ROOT, new_run, shown

PUBLISHERS = ("status_publisher", "notice_publisher", "onboarding_sync", "request_publisher", "document_sync")

TALES = (
    ("An incident is announced to partners in the EU, and resolved", incident.perform),
    ("A required form changes, beside what people wrote on the portal", requirement.perform),
    ("A ship notice fails validation", rejection.perform),
    ("A partner asks about an invoice, and adds to the issue", question.perform),
    ("An agreement is renewed, and the partner sends it back signed", agreement.perform),
    ("A compliance review is completed, and the partner is told", message.perform),
    ("Rows are edited and lost in Wix's CMS", drift.perform),
)


def demo(
    check: Annotated[bool, typer.Option("--check", help="Assert what is shown and end, with 1 if something is not as promised.")] = False,
    port_cloud: Annotated[int, typer.Option(min=0, max=65535, help="Port of the local cloud; 0 takes a free one.")] = 0,
    port_trading_grid: Annotated[int, typer.Option(min=0, max=65535, help="Port of Trading Grid; 0 takes a free one.")] = 0,
    port_wix: Annotated[int, typer.Option(min=0, max=65535, help="Port of Wix; 0 takes a free one.")] = 0,
    port_portal: Annotated[int, typer.Option(min=0, max=65535, help="Port of the portal's page; 0 takes a free one.")] = 0,
) -> None:
    """Run everything on this machine and follow a change from Trading Grid to the portal.

    Starts a local cloud and stand-ins for Trading Grid and Wix, deploys the bundle with AWS SAM,
    and plays what changes in Trading Grid and how partners see it.
    """
    begun = time.monotonic()
    run = new_run("demo")
    show(("gridwix demo", "bold"), (f"  logs in {shown(run)}", "dim"))
    with world(run, step, Ports(port_cloud, port_trading_grid, port_wix, port_portal)) as everything:
        kept = _play(everything)
        show(f"\nDone in {seconds(time.monotonic() - begun)}")
        if check:
            raise typer.Exit(0 if kept else 1)
        console.print(view.addresses(everything.trading_grid.url, everything.wix.url, everything.portal_url))
        show("The stack ", (everything.stack.name, "bold"), " answers at ", (everything.cloud.endpoint, "bold"), ". Any other command works against it:")
        # By itself on a line that is not wrapped, to be pasted.
        show(command_line(everything, "status"))
        with contextlib.suppress(KeyboardInterrupt):
            for published in _publications(everything):
                rows = ", ".join(f"{number} {verdict}" for verdict, number in published.rows.items() if number)
                show(" ", ("•", "green"), f" {published.function}: {rows}")
        note("Stopping everything")


def command_line(everything: World, command: str) -> str:
    """A line for a shell in the checkout that runs a command of gridwix against the running demo."""
    cloud = everything.cloud.environment()
    names = ("AWS_ENDPOINT_URL", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_DEFAULT_REGION")
    words = [*(f"{name}={cloud[name]}" for name in names), shown(ROOT / ".venv/bin/gridwix"), command, "--stack", everything.stack.name]
    return shlex.join(words)


def _play(everything: World) -> bool:
    with step("Setting the stage: the check has failed"):
        tap = BusEventLog(everything.stack)
        compliance_check.set_the_stage(everything)
    scenes = []
    for number, (before, to) in enumerate(pairwise(compliance_check.STORY), start=1):
        played = compliance_check.perform(everything, tap, to)
        scenes.append(played)
        console.print("", view.scene(number, f"The compliance check goes from {before} to {to}", played), sep="\n")
    name = str(scenes[-1].after.get("partnerName", item_id(compliance_check.PARTNER)))
    console.print("", view.row(name, scenes[0].before, scenes[-1].after), "", sep="\n")
    claims = compliance_check.promises(everything, tap, scenes)
    for number, (title, perform) in enumerate(TALES, start=len(scenes) + 1):
        told = perform(everything)
        console.print(view.tale(number, title, told), "", sep="\n")
        claims += told.claims
    console.print(view.claims(claims))
    return all(claim.held for claim in claims)


def _publications(everything: World) -> Iterator[PublicationRun]:
    """The publisher's runs that wrote or refused something, as they happen, until Ctrl-C."""
    stack, since = everything.stack, time.time()
    while True:
        time.sleep(1)
        found = [line for publisher in PUBLISHERS for line in logs.lines(stack.aws.logs, stack.log_group(publisher), since)]
        for line in sorted(found, key=lambda line: line.at):
            since = max(since, line.at + 0.001)
            run = as_run(line)
            if run is not None and any(number for verdict, number in run.rows.items() if verdict != "unchanged"):
                yield run
