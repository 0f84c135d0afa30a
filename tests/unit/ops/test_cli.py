"""The command as a shell and a script see it: where errors go, with what it ends, and that it can
be stopped.
"""

import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest
from botocore.exceptions import ClientError, NoCredentialsError, NoRegionError
from rich.text import Text

from gridwix.errors import ConfigurationError, Forbidden
from ops import cli
from ops.errors import StackError
from ops.paths import ROOT
from ops.waiting import wait_for
from tests.unit.ops.test_child_process import is_running

ARN = "arn:aws:secretsmanager:us-east-1:0:secret:gridwix/wix"

DENIED = ClientError(
    {"Error": {"Code": "AccessDenied", "Message": f"[deny] {ARN}"}}, "GetSecretValue"
)
UNREACHED = httpx.ConnectError(
    "refused", request=httpx.Request("GET", "http://127.0.0.1:9/token?secret=whsec")
)

WAITS = """
import sys, time
from ops.cli import end_on_signals
end_on_signals()
try:
    print("READY", flush=True)
    time.sleep(60)
finally:
    print("cleaned up", flush=True)
"""

FAMILY = """
import pathlib, sys
from ops.bundle import process_group
from ops.cli import end_on_signals
from ops.child_process import run_child_process
end_on_signals()
here = pathlib.Path(sys.argv[1])
(here / "scratch").mkdir()
path, cloud = {"PATH": "/usr/bin:/bin"}, ["sh", "-c", "sleep 1000 & echo $! > cloud; wait"]
with run_child_process(
    cloud, log=here / "log", environment=path, directory=here, scratch=here / "scratch"
):
    with (here / "log").open("a") as messages:
        command = ["sh", "-c", f"sleep 1000 & echo $! > {here}/pip; echo $$ > {here}/sam; wait"]
        with process_group(command, path, messages, messages) as process:
            process.wait()
"""
"""The processes of a demo while it deploys.

These are a local cloud (``run_child_process``) with a child, and SAM with a child.
"""


def run_main(monkeypatch: pytest.MonkeyPatch, command: Callable[[], None]) -> int:
    """The exit code of the command line with ``command`` in place of all commands."""
    monkeypatch.setattr(cli, "app", lambda **_: command())
    monkeypatch.setattr(cli, "end_on_signals", lambda: None)
    try:
        cli.main()
    except SystemExit as end:
        return int(end.code or 0)
    return 0


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (
            StackError("there is no stack [x] :secret:", "name it with --stack"),
            "there is no stack [x] :secret:: name it with --stack",
        ),
        (
            ConfigurationError("has no text", secret=ARN, remedy="store one"),
            f"secret {ARN} has no text: store one",
        ),
        (DENIED, f"[deny] {ARN}: docs/command.md#permissions lists"),
        (Forbidden("no entry", system="wix"), "no entry: `gridwix doctor` names the permission"),
        (NoCredentialsError(), "Unable to locate credentials. Log in, or give --profile. For"),
        (NoRegionError(), "You must specify a region. Set AWS_DEFAULT_REGION, or give --region"),
        (NoRegionError(), "`gridwix demo`, export the settings that it prints"),
        (UNREACHED, "127.0.0.1:9: ConnectError refused: check the address"),
    ],
)
def test_a_fault_is_one_line_on_standard_error_as_it_is_and_ends_with_1(
    error: Exception, said: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def failing() -> None:
        raise error

    code = run_main(monkeypatch, failing)
    out, err = capsys.readouterr()

    assert (code, out) == (1, "")
    assert said in err
    assert len(err.splitlines()) == 1
    assert "whsec" not in err


def test_a_fault_of_our_own_is_not_hidden(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken() -> None:
        raise KeyError("a bug")

    with pytest.raises(KeyError):
        run_main(monkeypatch, broken)


@pytest.mark.parametrize(
    ("number", "code", "ignored"),
    # An ignored SIGHUP stays ignored: that is nohup.
    [
        (signal.SIGINT, 130, False),
        (signal.SIGINT, 130, True),
        (signal.SIGTERM, 143, False),
        (signal.SIGTERM, 143, True),
        (signal.SIGHUP, 129, False),
    ],
)
def test_a_command_that_a_script_started_in_the_background_ends_cleanly_on_a_signal(
    number: signal.Signals, code: int, ignored: bool
) -> None:
    # What a shell without job control does to a background job.
    shell = (
        f'trap \'\' {number.name.removeprefix("SIG")}; exec "$0" "$@"'
        if ignored
        else 'exec "$0" "$@"'
    )
    process = subprocess.Popen(
        ["/bin/sh", "-c", shell, sys.executable, "-c", WAITS],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "READY\n"

    process.send_signal(number)

    assert process.stdout.read() == "cleaned up\n"
    # Typer turns KeyboardInterrupt into 130; without it Python dies of the signal.
    assert process.wait() in (code, -number)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_nothing_that_was_started_stays_behind_when_a_background_job_is_ended(
    number: signal.Signals, tmp_path: Path
) -> None:
    shell = 'trap "" INT; exec "$0" "$@"'
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    process = subprocess.Popen(
        ["/bin/sh", "-c", shell, sys.executable, "-c", FAMILY, str(tmp_path)],
        cwd=tmp_path,
        env=environment,
        stderr=subprocess.DEVNULL,
    )
    names = [tmp_path / name for name in ("cloud", "pip", "sam")]
    wait_for(
        lambda: all(name.is_file() and name.read_text().strip() for name in names),
        "everything to be started",
    )

    process.send_signal(number)
    process.wait()

    wait_for(
        lambda: not any(is_running(int(name.read_text())) for name in names),
        "the end of everything that was started",
    )


def test_a_command_starts_without_the_engine_of_the_gateways_expressions() -> None:
    code = "import sys, ops.commands.source; print('cel' in sys.modules)"

    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )

    assert done.stdout == "False\n"


def test_no_text_of_the_command_is_written_as_markup() -> None:
    markup = re.compile(
        r"\[/\]|\[/?(?:red|green|bold|dim|yellow|cyan)\]|from rich\.markup|from_markup"
        r"|\.status\(f?\""
    )
    found = [
        str(path)
        for path in Path(ROOT / "ops").rglob("*.py")
        if path.name != "console.py" and markup.search(path.read_text())
    ]

    assert found == []


def test_a_table_of_data_keeps_it_as_it_is(capsys: pytest.CaptureFixture[str]) -> None:
    from ops.console import new_console
    from ops.fault_table import fault_table
    from ops.overview import Fault

    new_console(sys.stdout).print(fault_table([Fault("[b]", ARN), Fault("ok", "[/] :smile:")]))

    shown = capsys.readouterr().out
    assert all(text in shown for text in ("[b]", ARN, "[/] :smile:"))
    assert Text(ARN).plain == ARN
