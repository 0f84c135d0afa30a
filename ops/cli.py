"""The ``gridwix`` command line: registers the commands and runs the one that was called.

An error that a user can correct becomes a message and an exit code.
"""

import signal
import sys
from types import FrameType
from typing import TYPE_CHECKING, Annotated, ClassVar

import typer

from gridwix.errors import GridwixError
from ops.console import print_error, print_result
from ops.errors import OpsError
from ops.lazy_commands import CommandPlace, LazyGroup
from ops.next_steps import aws_message, error_message

if TYPE_CHECKING:
    import httpx

COMMANDS = {
    "demo": "ops.commands.demo:demo",
    "setup": "ops.commands.setup:setup",
    "doctor": "ops.commands.doctor:doctor",
    "smoke": "ops.commands.smoke:smoke",
    "test-alarm": "ops.commands.alarm_trial:trial_alarm",
    "status": "ops.commands.status:status",
    "trace": "ops.commands.trace:trace",
    "pause": "ops.commands.pause:pause",
    "resume": "ops.commands.pause:resume",
    "explain": "ops.commands.explain:explain",
    "redrive": "ops.commands.redrive:redrive",
    "replay": "ops.commands.replay:replay",
    "resync": "ops.commands.resync:resync",
    "reconcile": "ops.commands.reconcile:reconcile",
    "backfill": "ops.commands.backfill:backfill",
    "apply": "ops.commands.apply:apply",
    "refused": "ops.commands.refused:refused",
    "submissions": "ops.commands.submissions:submissions",
    "form-address": "ops.commands.form_address:form_address",
    "invite": "ops.commands.members:invite",
    "link": "ops.commands.members:link",
    "unlink": "ops.commands.members:unlink",
    "links": "ops.commands.members:links",
    "people": "ops.commands.people:people",
    "erase": "ops.commands.erase:erase",
    "secret": "ops.commands.secret:secret",
    "invoke": "ops.commands.invoke:invoke",
    "build": "ops.commands.build:build",
    "campaign": "ops.commands.campaign:campaign",
    "config": "ops.commands.config:config",
    "gateway": "ops.commands.gateway:gateway",
    "desk": "ops.commands.desk_documents:desk",
    "source": "ops.commands.source:source",
}
"""Place of each command: the function, or the ``Typer`` of its subcommands. A module is imported
when its command is called.
"""

LOCALLY = "For `gridwix demo`, export the settings that it prints."
"""Hint for a command that is run without the local settings in a second terminal."""


class _Commands(LazyGroup):
    places: ClassVar = {name: CommandPlace(place) for name, place in COMMANDS.items()}


app = typer.Typer(
    cls=_Commands,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)


def _print_version(asked: bool) -> None:
    if asked:
        from gridwix.clients.http import VERSION

        print_result(f"gridwix {VERSION}")
        raise typer.Exit


@app.callback()
def gridwix(
    version: Annotated[
        bool,
        typer.Option(
            "--version",
            callback=_print_version,
            is_eager=True,
            help="Print the release of the command and exit.",
        ),
    ] = False,
) -> None:
    """Keep a Wix partner portal and OpenText Trading Grid in step."""
    del version


def main() -> None:
    """Run the command line; print an error that a user can correct as a message on standard error.

    The message says what is wrong and what to do. Any other exception is raised.

    Exit codes: 0 success; 1 a fault was found, or the command failed; 2 invalid command line; 3
    there is something to change (``--plan``, ``--dry-run``); 130 after Ctrl-C; 143 after SIGTERM;
    129 after SIGHUP.
    """
    end_on_signals()
    try:
        app(standalone_mode=True)
    except Exception as error:
        message = _describe_error(error)
        if message is None:
            raise
        print_error(message)
        sys.exit(1)


def _describe_error(error: Exception) -> str | None:
    """Return the message for an error that a user can correct; None for any other error.

    The message says what is wrong and what to do. The libraries that raise errors are imported
    here, since most commands need few of them.
    """
    if isinstance(error, OpsError):
        return str(error)
    if isinstance(error, GridwixError):
        return error_message(error)
    from botocore.exceptions import BotoCoreError, ClientError, NoCredentialsError, NoRegionError

    if isinstance(error, NoRegionError):
        return f"AWS: {error} Set AWS_DEFAULT_REGION, or give --region or --profile. {LOCALLY}"
    if isinstance(error, NoCredentialsError):
        return f"AWS: {error}. Log in, or give --profile. {LOCALLY}"
    if isinstance(error, (ClientError, BotoCoreError)):
        return aws_message(error)
    import httpx

    if isinstance(error, httpx.HTTPError):
        said = f"{_called_host(error)}: {type(error).__name__} {error}".rstrip()
        return f"{said}: check the address and the network, and run the command again"
    from emulators.common.server import NotStarted

    if isinstance(error, NotStarted):
        return f"{error}\nRun the command again; if this stays, read the lines above"
    return None


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


def _called_host(error: "httpx.HTTPError") -> str:
    """Return the host of the failed request, without path and query, which could hold a secret.

    Returns ``HTTP`` if the error has no request.
    """
    try:
        return error.request.url.netloc.decode()
    except RuntimeError:
        return "HTTP"
