"""The ``gridwix`` command line: registers the commands, and turns errors into messages and exit
codes.
"""

import signal
import sys
from types import FrameType

import httpx
import typer
from botocore.exceptions import BotoCoreError, ClientError

from emulators.common.server import NotStarted
from gridwix.errors import GridwixError
from ops.commands.build import build
from ops.commands.campaign import campaign
from ops.commands.demo import demo
from ops.commands.desk import desk
from ops.commands.desk_documents import fetch, publish_document
from ops.commands.doctor import doctor
from ops.commands.explain import explain
from ops.commands.form_address import form_address
from ops.commands.gateway import gateway
from ops.commands.invoke import invoke
from ops.commands.members import invite, link, links, unlink
from ops.commands.pause import pause, resume
from ops.commands.reconcile import reconcile
from ops.commands.redrive import redrive
from ops.commands.refused import refused
from ops.commands.replay import replay
from ops.commands.resync import resync
from ops.commands.setup import setup
from ops.commands.smoke import smoke
from ops.commands.source import source
from ops.commands.status import status
from ops.commands.submissions import submissions
from ops.commands.trace import trace
from ops.console import print_error
from ops.errors import OpsError

app = typer.Typer(
    help="Keeps a Wix partner portal and OpenText Trading Grid in step.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
for command in (
    demo,
    setup,
    doctor,
    smoke,
    status,
    trace,
    pause,
    resume,
    explain,
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
app.add_typer(gateway, name="gateway")
app.add_typer(desk, name="desk")
desk.command()(publish_document)
desk.command()(fetch)
app.add_typer(source, name="source")


def main() -> None:
    """Run the command. Errors that a user can correct become one line on standard error.

    Exit codes: 0 success; 1 a fault was found, or the command failed; 2 invalid command line; 130
    after Ctrl-C; 143 after SIGTERM; 129 after SIGHUP.
    """
    end_on_signals()
    try:
        app(standalone_mode=True)
    except (OpsError, GridwixError) as error:
        print_error(str(error))
    except (ClientError, BotoCoreError) as error:
        print_error(f"AWS: {error}")
    except NotStarted as error:
        print_error(str(error))
    except httpx.HTTPError as error:
        print_error(f"{_called_host(error)}: {type(error).__name__} {error}".rstrip())
    else:
        return
    sys.exit(1)


def end_on_signals() -> None:
    """Turn SIGINT, SIGTERM and SIGHUP into exceptions, so that the command stops what it started.

    A shell without job control starts background jobs with SIGINT ignored, and Python keeps that:
    Ctrl-C would have no effect. An ignored SIGHUP stays ignored, because that is the purpose of
    nohup.
    """
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGTERM, _exit_on_signal)
    if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:
        signal.signal(signal.SIGHUP, _exit_on_signal)


def _exit_on_signal(number: int, _: FrameType | None) -> None:
    # A second signal would interrupt the cleanup.
    signal.signal(number, signal.SIG_IGN)
    sys.exit(128 + number)


def _called_host(error: httpx.HTTPError) -> str:
    """Return the host of the failed request. Its path and query are left out: they could hold a
    secret.
    """
    try:
        return error.request.url.netloc.decode()
    except RuntimeError:
        return "HTTP"
