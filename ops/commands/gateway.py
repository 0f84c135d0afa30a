"""``gridwix gateway check``: tests whether a gateway fulfills the community gateway profile.

The profile is the API contract that gridwix defines for what Trading Grid has no API for.
"""

import os
from typing import Annotated

import httpx
import typer
from rich.table import Table
from rich.text import Text

from ops.command_examples import example
from ops.commands.options import Json
from ops.console import Spinner, console, print_note, print_result, show_spinner
from ops.errors import OpsError
from ops.gateway.check.access import CONSUMER_KEY, CONSUMER_SECRET, TOKEN, checked_url, read_token
from ops.gateway.check.gateway import Limits
from ops.gateway.check.receiver import Receiver
from ops.gateway.check.report import CapabilityReport, Fault, Finding, Report, Verdict
from ops.gateway.check.rules import Rule
from ops.gateway.check.runner import check_gateway
from ops.gateway.check.session import Options
from ops.json_output import print_json_output
from ops.outputs.gateway_check import gateway_check_output

DEFAULTS = Limits()

gateway = typer.Typer(
    help="Check a gateway against the community gateway profile.", no_args_is_help=True
)


@gateway.callback()
def main() -> None:
    """Check a gateway against the community gateway profile."""


@gateway.command()
@example("gridwix gateway check https://gateway.example/community/v1")
def check(
    url: Annotated[
        str, typer.Argument(help="The base URL, such as https://gateway.example/community/v1.")
    ],
    token_url: Annotated[
        str | None,
        typer.Option(
            help=f"URL of the token call, with {CONSUMER_KEY} and {CONSUMER_SECRET} in the"
            f" environment. Without it, the token is in {TOKEN}."
        ),
    ] = None,
    write: Annotated[
        bool, typer.Option("--write", help="Also create and change records. Needs --partner.")
    ] = False,
    partner: Annotated[
        str | None, typer.Option(help="The test partner that may be written to.")
    ] = None,
    enrollment: Annotated[
        str | None,
        typer.Option(help="An enrollment of the partner whose steps may advance for good."),
    ] = None,
    webhook_listen: Annotated[
        str | None,
        typer.Option(metavar="HOST:PORT", help="Receive webhooks at this address."),
    ] = None,
    webhook_url: Annotated[
        str | None, typer.Option(help="That address as the gateway sees it.")
    ] = None,
    deleted: Annotated[
        str | None,
        typer.Option(metavar="COLLECTION/ID", help="A record that was deleted within 30 days."),
    ] = None,
    expired_cursor: Annotated[
        str | None, typer.Option(help="A cursor of the feed that is older than its events.")
    ] = None,
    only: Annotated[
        list[str] | None, typer.Option(help="A capability or rule; may be repeated.")
    ] = None,
    timeout: Annotated[
        float, typer.Option(min=1, help="Seconds that the whole run may take.")
    ] = DEFAULTS.run_seconds,
    patience: Annotated[
        float,
        typer.Option(min=0, help="Seconds until a change must be in the feed and in lists."),
    ] = DEFAULTS.patience,
    webhook_patience: Annotated[
        float, typer.Option(min=0, help="Seconds until a webhook, or its retry, must arrive.")
    ] = DEFAULTS.webhook_patience,
    allow_http: Annotated[
        bool, typer.Option("--allow-http", help="Send the token without TLS.")
    ] = False,
    verbose: Annotated[
        bool, typer.Option("--verbose", help="Name each rule that was not checked.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Run the conformance kit of the community gateway profile. Only reads, unless --write is
    given.

    Prints per capability which rules hold and which do not, and the request and response that show
    it. Exit code 1 if a rule does not hold.
    """
    if write and partner is None:
        raise typer.BadParameter("--write needs the --partner that may be written to")
    if (webhook_listen or enrollment or partner) and not write:
        raise typer.BadParameter("--partner, --enrollment and --webhook-listen need --write")
    if webhook_url and not webhook_listen:
        raise typer.BadParameter("--webhook-url needs --webhook-listen")
    limits = Limits(run_seconds=timeout, patience=patience, webhook_patience=webhook_patience)
    address = checked_url(url, allow_http=allow_http)
    token_address = None if token_url is None else checked_url(token_url, allow_http=allow_http)
    options = Options(write, partner, enrollment, deleted, expired_cursor, limits)
    receiver = None if webhook_listen is None else _open_receiver(webhook_listen, webhook_url)
    try:
        with show_spinner(f"Checking {httpx.URL(address).host}") as spinner:
            report = check_gateway(
                address,
                read_token(os.environ, token_address, limits),
                options,
                receiver=receiver,
                only=only or (),
                report_rule=lambda *progress: _show_rule(spinner, *progress),
            )
    finally:
        if receiver is not None:
            receiver.close()
    if as_json:
        print_json_output(gateway_check_output(report))
    else:
        _print_report(report, verbose=verbose)
    if not report.holds:
        raise typer.Exit(1)


def _open_receiver(listen: str, public_url: str | None) -> Receiver:
    host, _, port = listen.rpartition(":")
    if not host or not (port.isascii() and port.isdigit() and int(port) < 65_536):
        raise typer.BadParameter("--webhook-listen is HOST:PORT, such as 127.0.0.1:8090")
    try:
        return Receiver(host.strip("[]"), int(port), public_url)
    except OSError as error:
        raise OpsError(
            f"cannot listen at {listen} ({error.strerror or error})",
            "give another address with --webhook-listen",
        ) from None


def _show_rule(spinner: Spinner, rule: Rule, done: int, total: int) -> None:
    spinner.update(f"Checking {rule.name}", done=done, total=total)


def _print_report(report: Report, *, verbose: bool) -> None:
    for part in report.capabilities:
        console.print(_rule_table(part) if verbose else _short_table(part))
    for finding in report.findings:
        for fault in finding.faults:
            _print_fault(finding, fault)
    for text in report.left:
        print_note(("left open: ", "yellow"), text)
    broken, skipped = report.count(Verdict.BROKEN), report.count(Verdict.SKIPPED)
    checked = f"{report.count(Verdict.HOLDS)} rules hold"
    if broken:
        checked += f", {broken} {'does' if broken == 1 else 'do'} not"
    print_result(
        (f"{checked}; {skipped} not checked", "green" if report.holds else "red"),
    )


def _rule_table(part: CapabilityReport) -> Table:
    """Return a table with one row for each rule for one part (capability) of the gateway's API.

    A row has the verdict, the rule's name, and the reason if the rule was not checked.
    """
    table = _new_table(part)
    for finding in part.findings:
        said = _said(finding)
        if finding.reason:
            said.append(f"\nnot checked: {finding.reason}", "dim")
        table.add_row(_mark(finding.verdict), finding.rule.name, said)
    return table


def _short_table(part: CapabilityReport) -> Table:
    """Return a short table of the rules for one part (capability) of the gateway's API.

    It has one row for each rule that was checked on the gateway, with the verdict. Rules that were
    not checked follow, in one row for each reason.
    """
    table = _new_table(part)
    for finding in part.findings:
        if finding.verdict is not Verdict.SKIPPED:
            table.add_row(_mark(finding.verdict), finding.rule.name, _said(finding))
    for group in part.unchecked_groups():
        count = len(group.rules)
        what = group.rules[0].name if count == 1 else f"{count} rules"
        extent = "not checked in part" if group.is_partial else "not checked"
        table.add_row(_mark(Verdict.SKIPPED), what, Text(f"{extent}: {group.reason}", "dim"))
    return table


def _new_table(part: CapabilityReport) -> Table:
    return Table(title=part.capability.title, title_justify="left", show_header=False)


def _mark(verdict: Verdict) -> Text:
    return Text(
        *{
            Verdict.HOLDS: ("✓", "green"),
            Verdict.BROKEN: ("✗", "red"),
            Verdict.SKIPPED: ("?", "yellow"),
        }[verdict]
    )


def _said(finding: Finding) -> Text:
    text = Text(finding.rule.text)
    for fault in finding.faults:
        text.append(f"\n{fault.text}", "red")
    return text


def _print_fault(finding: Finding, fault: Fault) -> None:
    print_result((f"\n✗ {finding.rule.name}", "red"), f": {fault.text}")
    for exchange in fault.exchanges:
        for line in exchange.shown().splitlines():
            print_result((f"    {line}", "dim"))
        print_result("")
