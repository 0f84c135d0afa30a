"""``gridwix demo``: runs gridwix on this machine, and shows how a change reaches the portal."""

import contextlib
import shlex
import time
from collections.abc import Iterator
from enum import StrEnum
from itertools import pairwise
from typing import Annotated

import typer

from gridwix.mapping.wix_items import item_id
from ops import logs
from ops.command_examples import example
from ops.console import console, format_seconds, print_note, print_result, show_step
from ops.demo import (
    activity,
    agreement,
    compliance_check,
    drift,
    incident,
    invitations,
    message,
    question,
    rejection,
    requirement,
    tracker,
    view,
)
from ops.demo.event_log import BusEventLog
from ops.gateway.deployment import DeployedGateway
from ops.local_environment import LocalEnvironment, Ports, start_local_environment
from ops.overview import PublicationRun, parse_run
from ops.paths import ROOT, display_path, new_run


class Hub(StrEnum):
    """The system that keeps the records of the hub's trading partners in the demo."""

    GATEWAY = "gateway"
    EMULATOR = "emulator"


PUBLISHERS = (
    "status_publisher",
    "notice_publisher",
    "onboarding_sync",
    "request_publisher",
    "document_sync",
    "activity_publisher",
)
"""Functions with publication runs that the demo prints until Ctrl-C."""

SCENARIOS = (
    (
        "The onboarding tracker is dropped as a workbook, and two of its cells change",
        tracker.run_scenario,
    ),
    ("An incident is announced to partners in the EU, and resolved", incident.run_scenario),
    ("A required form changes, and texts of portal editors stay", requirement.run_scenario),
    ("A ship notice fails validation", rejection.run_scenario),
    ("The documents of a month are counted by day", activity.run_scenario),
    ("A partner asks about an invoice, and adds to the issue", question.run_scenario),
    ("An agreement is renewed, and the partner sends it back signed", agreement.run_scenario),
    ("A compliance review is completed, and the partner gets a message", message.run_scenario),
    ("Forty people are invited, one accepts, and one leaves", invitations.run_scenario),
    ("Rows are edited and deleted in the Wix CMS", drift.run_scenario),
)


@example("gridwix demo --check")
def demo(
    check: Annotated[
        bool,
        typer.Option("--check", help="Check every claim and exit, with 1 if one does not hold."),
    ] = False,
    hub: Annotated[
        Hub,
        typer.Option(
            help="What keeps partners, cases and documents: the gateway of this repository, or"
            " the Trading Grid emulator, whose pages act as the hub."
        ),
    ] = Hub.GATEWAY,
    port_cloud: Annotated[
        int, typer.Option(min=0, max=65535, help="Port of the local cloud; 0 takes a free port.")
    ] = 0,
    port_trading_grid: Annotated[
        int,
        typer.Option(
            min=0, max=65535, help="Port of the Trading Grid emulator; 0 takes a free port."
        ),
    ] = 0,
    port_wix: Annotated[
        int, typer.Option(min=0, max=65535, help="Port of the Wix emulator; 0 takes a free port.")
    ] = 0,
    port_portal: Annotated[
        int, typer.Option(min=0, max=65535, help="Port of the portal's page; 0 takes a free port.")
    ] = 0,
) -> None:
    """Run everything on this machine and follow a change from Trading Grid to the portal.

    Starts a local cloud and emulators of Trading Grid and Wix, deploys the bundle with AWS SAM,
    and runs scenarios: changes in Trading Grid, and what partners see of them.
    """
    begun = time.monotonic()
    run = new_run("demo")
    print_result(("gridwix demo", "bold"), (f"  logs in {display_path(run)}", "dim"))
    with start_local_environment(
        run,
        show_step,
        Ports(port_cloud, port_trading_grid, port_wix, port_portal),
        history=True,
        own_gateway=hub is Hub.GATEWAY,
    ) as local:
        kept = _run_scenarios(local)
        print_result(f"\nDone in {format_seconds(time.monotonic() - begun)}")
        if check:
            raise typer.Exit(0 if kept else 1)
        console.print(
            view.address_panel(
                local.trading_grid.url,
                local.wix.url,
                local.portal_url,
                own_gateway=local.own_gateway is not None,
            )
        )
        print_result(
            "The stack ",
            (local.stack.name, "bold"),
            " answers at ",
            (local.cloud.endpoint, "bold"),
            ". Once in another terminal, in this folder:",
        )
        # On lines of their own that are not wrapped, so that they can be pasted.
        print_result(export_line(local))
        print_result("Then all other commands work with it:")
        print_result(command_line(local, "status"))
        if local.own_gateway is not None:
            print_result(
                "The hub's people work at the gateway with ", ("gridwix desk", "bold"), ":"
            )
            print_result(desk_command_line(local.own_gateway))
        with contextlib.suppress(KeyboardInterrupt):
            for published in _watch_publications(local):
                rows = ", ".join(
                    f"{number} {verdict}" for verdict, number in published.rows.items() if number
                )
                print_result(" ", ("•", "green"), f" {published.function}: {rows}")
        print_note("Stopping everything")


def export_line(local: LocalEnvironment) -> str:
    """Return an ``export`` command that points a shell's commands to the demo's local cloud."""
    cloud = local.cloud.environment()
    names = ("AWS_ENDPOINT_URL", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_DEFAULT_REGION")
    return shlex.join(["export", *(f"{name}={cloud[name]}" for name in names)])


def command_line(local: LocalEnvironment, command: str) -> str:
    """Return a shell command line that runs a gridwix command against the running demo.

    The shell needs the environment variables that the line of ``export_line`` sets.

    Args:
        local: The running environment.
        command: The gridwix command, such as ``status``.
    """
    path = display_path(ROOT / ".venv/bin/gridwix")
    return shlex.join([path, command, "--stack", local.stack.name])


def desk_command_line(gateway: DeployedGateway) -> str:
    """Return a shell command line that lists the hub's open work in the running demo.

    It is ``gridwix desk list`` with the gateway's address and credentials.
    """
    return shlex.join(
        [
            f"GRIDWIX_DESK_CONSUMER_KEY={gateway.desk_credentials['consumerKey']}",
            f"GRIDWIX_DESK_CONSUMER_SECRET={gateway.desk_credentials['consumerSecret']}",
            display_path(ROOT / ".venv/bin/gridwix"),
            "desk",
            "list",
            "--gateway",
            gateway.url,
        ]
    )


def _run_scenarios(local: LocalEnvironment) -> bool:
    with show_step("Preparing the compliance check: status failed"):
        event_log = BusEventLog(local.stack)
        compliance_check.prepare_check(local)
    results = []
    for number, (before, to) in enumerate(pairwise(compliance_check.STATUSES), start=1):
        transition = compliance_check.run_transition(local, event_log, to)
        results.append(transition)
        console.print(
            "",
            view.transition_view(
                number, f"The compliance check goes from {before} to {to}", transition
            ),
            sep="\n",
        )
    name = str(results[-1].after.get("partnerName", item_id(compliance_check.PARTNER)))
    console.print("", view.row_table(name, results[0].before, results[-1].after), "", sep="\n")
    claims = compliance_check.check_claims(local, results)
    for number, (title, run_scenario) in enumerate(SCENARIOS, start=len(results) + 1):
        result = run_scenario(local)
        console.print(view.scenario_view(number, title, result))
        # On lines of their own that are not wrapped, so that links can be pasted.
        for note in result.notes:
            print_result(note)
        console.print()
        claims += result.claims
    console.print(view.claim_table(claims))
    return all(claim.held for claim in claims)


def _watch_publications(local: LocalEnvironment) -> Iterator[PublicationRun]:
    """Yield each run of a publisher function that wrote or refused a row, until Ctrl-C.

    The runs are read from the logs of the functions, once a second.
    """
    stack, since = local.stack, time.time()
    while True:
        time.sleep(1)
        found = [
            line
            for publisher in PUBLISHERS
            for line in logs.read_lines(stack.aws.logs, stack.log_group(publisher), since)
        ]
        for line in sorted(found, key=lambda line: line.at):
            since = max(since, line.at + 0.001)
            run = parse_run(line)
            if run is not None and any(
                number for verdict, number in run.rows.items() if verdict != "unchanged"
            ):
                yield run
