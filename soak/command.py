"""Runs the commands of the soak test, with a fixed hash seed and one line of output for Ctrl-C."""

import multiprocessing
import os
import signal
import sys
from collections.abc import Callable
from concurrent.futures.process import BrokenProcessPool
from typing import NoReturn

HASH_SEED = "0"
"""Value of PYTHONHASHSEED: a seed gives the same world only if texts have the same hashes."""


def run_command(module: str, main: Callable[[], int]) -> NoReturn:
    """Run a command of the soak test and end the process with its exit code.

    A process with another hash seed is started again. SIGINT (Ctrl-C) and SIGTERM end it with one
    line and exit code 130 or 143, and end the processes that it has started.

    Args:
        module: The module of the command, as in ``python -m module``.
        main: The command; returns its exit code.
    """
    if os.environ.get("PYTHONHASHSEED") != HASH_SEED:
        environment = {**os.environ, "PYTHONHASHSEED": HASH_SEED}
        os.execve(sys.executable, [sys.executable, "-m", module, *sys.argv[1:]], environment)
    stopped: list[int] = []

    def stop(number: int, _: object) -> None:
        # Python's own streams may be in the middle of a line.
        os.write(2, b"\nstopped before the end: no verdict\n")
        stopped.append(128 + number)
        workers = multiprocessing.active_children()
        if not workers:
            # Nothing is raised: a world's task would take it for the end of an invocation.
            os._exit(128 + number)
        for worker in workers:
            # Whoever waits for it gets an error, and puts away what the pool has.
            worker.terminate()

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, stop)
    try:
        code = main()
    except BrokenProcessPool:
        if not stopped:
            raise
        code = 1
    sys.exit(stopped[0] if stopped else code)
