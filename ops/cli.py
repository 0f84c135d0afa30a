"""The ``gridwix`` command."""

import signal
import sys
from types import FrameType

import typer
from botocore.exceptions import BotoCoreError, ClientError
from rich.markup import escape

from gridwix.errors import GridwixError
from ops.commands.build import build
from ops.commands.campaign import campaign
from ops.commands.demo import demo
from ops.commands.doctor import doctor
from ops.commands.form_address import form_address
from ops.commands.invoke import invoke
from ops.commands.members import invite, link, links, unlink
from ops.commands.reconcile import reconcile
from ops.commands.redrive import redrive
from ops.commands.refused import refused
from ops.commands.replay import replay
from ops.commands.resync import resync
from ops.commands.setup import setup
from ops.commands.status import status
from ops.commands.submissions import submissions
from ops.console import console
from ops.errors import OpsError

app = typer.Typer(
    help="Keeps a Wix partner portal and OpenText Trading Grid in step.", no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False
)
for command in (
    demo,
    setup,
    doctor,
    status,
    redrive,
    replay,
    resync,
    reconcile,
    refused,
    submissions,
    form_address,
    invite,
    link,
    unlink,
    links,
    invoke,
    build,
):
    app.command()(command)
app.add_typer(campaign, name="campaign")


def main() -> None:
    """Run the command. What a person can mend is told in a line; ends with 1 then, with 130 after Ctrl-C."""
    signal.signal(signal.SIGTERM, _end)
    try:
        app(standalone_mode=True)
    except (OpsError, GridwixError) as error:
        console.print(f"[red]{escape(str(error))}[/]", soft_wrap=True)
    except (ClientError, BotoCoreError) as error:
        console.print(f"[red]AWS: {escape(str(error))}[/]", soft_wrap=True)
    else:
        return
    sys.exit(1)


def _end(number: int, _: FrameType | None) -> None:
    # Ends as an exception, so that everything that was started is stopped on the way out.
    sys.exit(128 + number)
