"""Child processes that end with this process, even if it is killed.

The child runs under a small supervisor (this file, run as a script) that holds the reading end of
a pipe. The pipe closes when :func:`run_child_process` ends or when this process is killed. The
supervisor then ends the child's whole process group, SIGTERM first and SIGKILL five seconds later,
and removes its scratch folder.
"""

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

GRACE = 5.0
"""Seconds between SIGTERM and SIGKILL."""


@contextlib.contextmanager
def run_child_process(
    command: Sequence[str | Path],
    *,
    log: Path,
    environment: Mapping[str, str],
    directory: Path,
    scratch: Path,
) -> Iterator[subprocess.Popen[bytes]]:
    """Run a command as a child process for as long as the block lasts.

    Yields the process of the supervisor, a small program that starts the command, and ends it at
    the end of the block. The supervisor ends when the command does, with its exit code (128 plus
    the signal's number if a signal ended it).

    Args:
        command: The program and its arguments.
        log: The child's output is appended to this file.
        environment: The child's whole environment; nothing is inherited.
        directory: The child's working directory.
        scratch: The folder for the child's state, which the supervisor removes at the end.
    """
    supervisor = [sys.executable, "-I", __file__, str(scratch), *map(str, command)]
    with log.open("ab") as output:
        process = subprocess.Popen(
            supervisor,
            stdin=subprocess.PIPE,
            stdout=output,
            stderr=subprocess.STDOUT,
            env=dict(environment),
            cwd=directory,
            start_new_session=True,
        )
    assert process.stdin is not None
    try:
        yield process
    finally:
        with contextlib.suppress(OSError):
            process.stdin.close()
        process.wait()


def _supervise(scratch: str, command: Sequence[str]) -> int:
    child = subprocess.Popen(command, stdin=subprocess.DEVNULL, start_new_session=True)
    signal.signal(signal.SIGTERM, lambda *_: _signal_group(child, signal.SIGTERM))
    threading.Thread(target=_wait_for_release, args=[child], daemon=True).start()
    code = child.wait()
    # The child may have left children of its own.
    _signal_group(child, signal.SIGKILL)
    shutil.rmtree(scratch, ignore_errors=True)
    return code if code >= 0 else 128 - code


def _wait_for_release(child: subprocess.Popen[bytes]) -> None:
    # Not through sys.stdin, whose lock this thread would still hold when the interpreter ends.
    os.read(0, 1)
    _signal_group(child, signal.SIGTERM)
    try:
        child.wait(GRACE)
    except subprocess.TimeoutExpired:
        _signal_group(child, signal.SIGKILL)


def _signal_group(child: subprocess.Popen[bytes], number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(child.pid, number)


if __name__ == "__main__":
    sys.exit(_supervise(sys.argv[1], sys.argv[2:]))
