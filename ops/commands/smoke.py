"""``gridwix smoke``: sends one probe change of a test partner through a deployed stack."""

from typing import Annotated

import typer

from gridwix.clients.aws.bus import EventBridgeBus
from gridwix.clients.aws.journal import DynamoDBJournal
from gridwix.models.ids import PartnerId
from ops.aws import Aws
from ops.budgets import shared_budget
from ops.command_examples import example
from ops.commands.options import DEFAULT_STACK, Json, StackName, with_aws_options
from ops.connections import connect, publisher_settings
from ops.console import format_seconds, print_result, show_spinner
from ops.json_output import print_json_output
from ops.outputs.smoke import SmokeOutput
from ops.smoke import SmokeTest
from ops.stack import Stack

TIMEOUT = 180.0
"""Default timeout in seconds. The first call of a new version of a function is slow: it loads the
layer.
"""


@example("gridwix smoke --partner GC070000000101 --stack prod")
@with_aws_options
def smoke(
    partner: Annotated[str, typer.Option(help="Id of a partner for tests.")],
    stack: StackName = DEFAULT_STACK,
    timeout: Annotated[
        float, typer.Option(min=10, max=900, help="Seconds to wait for the row.")
    ] = TIMEOUT,
    as_json: Json = False,
) -> None:
    """Read and publish one test partner again, and check that the result reaches the portal.

    Writes only rows that differ, and sends no message. Exit code 1 if the row does not arrive in
    time.
    """
    found = Stack.read(stack, Aws())
    settings = publisher_settings(found)
    with (
        connect(found, shared_budget(found.aws, settings), settings=settings) as connections,
        show_spinner(f"Waiting for the row of {partner}"),
    ):
        result = SmokeTest(
            bus=EventBridgeBus(found.aws.events, found.output("BusName")),
            journal=DynamoDBJournal(found.aws.dynamodb, found.output("JournalTableName")),
            trading_grid=connections.community,
            portal=connections.wix,
            company_id=settings.trading_grid_company_id,
        ).run(PartnerId(partner), timeout)
    if as_json:
        print_json_output(
            SmokeOutput(
                event=result.event_id,
                row=result.row,
                verdict=result.verdict,
                seconds=result.seconds,
            )
        )
        return
    print_result(
        (result.row, "bold"),
        f" {result.verdict}, on the portal after {format_seconds(result.seconds)}",
        (f"  {result.event_id}", "dim"),
    )
