"""The live screen on a running stack: in a terminal, in a pipe, and its end by Ctrl-C."""

import os
import pty
import signal
import subprocess
from collections.abc import Callable

from ops.local_environment import STACK_NAME, LocalEnvironment
from ops.paths import ROOT
from tests.integration.test_commands import command_environment, streams

SHOW_CURSOR = "\x1b[?25h"
SCREEN = "rows a minute"
"""Words of each snapshot."""


def interrupt_after(
    local: LocalEnvironment, stdout: int, read: Callable[[], bytes], snapshots: int
) -> tuple[int, str]:
    """Watch the stack until a number of snapshots was shown, then press Ctrl-C.

    Returns exit code and output.
    """
    words = [".venv/bin/gridwix", "status", "--watch", "--interval", "2", "--stack", STACK_NAME]
    environment = {**command_environment(local), "TERM": "xterm-256color", "COLUMNS": "160"}
    process = subprocess.Popen(
        words, cwd=ROOT, env=environment, stdout=stdout, stderr=subprocess.DEVNULL
    )
    os.close(stdout)
    shown = b""
    while shown.count(SCREEN.encode()) < snapshots:
        part = read()
        assert part, shown.decode()
        shown += part
    process.send_signal(signal.SIGINT)
    while part := read():
        shown += part
    return process.wait(), shown.decode()


def reader(descriptor: int) -> Callable[[], bytes]:
    def read() -> bytes:
        try:
            return os.read(descriptor, 65_536)
        except OSError:
            # Linux: the program has closed its side of the terminal.
            return b""

    return read


def test_watch_in_a_terminal_ends_with_ctrl_c_and_leaves_the_last_snapshot(
    local_cloud: LocalEnvironment,
) -> None:
    ours, theirs = pty.openpty()

    code, shown = interrupt_after(local_cloud, theirs, reader(ours), 2)

    assert code == 0
    assert "Traceback" not in shown
    assert "\x1b[2K" in shown
    assert shown.rstrip().endswith(SHOW_CURSOR)
    os.close(ours)


def test_watch_in_a_pipe_prints_snapshots_as_text_until_ctrl_c(
    local_cloud: LocalEnvironment,
) -> None:
    ours, theirs = os.pipe()

    code, shown = interrupt_after(local_cloud, theirs, reader(ours), 2)

    assert code == 0
    assert "\x1b" not in shown
    assert "status_publisher" in shown
    assert "calls left at once" in shown
    os.close(ours)


def test_watch_of_a_number_of_snapshots_ends_by_itself(local_cloud: LocalEnvironment) -> None:
    local_cloud.wait_until_idle()

    code, out, err = streams(local_cloud, "status", "--watch", "--snapshots", "1")

    assert code == 0, out + err
    assert out.count(SCREEN) == 1
    assert "Nothing is wrong with functions and queues" in out
    assert "could not be read" not in out
