"""Starts and stops an emulator: from the command line, as a child process, or in a thread."""

import argparse
import asyncio
import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import BinaryIO

import uvicorn
from starlette.types import ASGIApp

READY = "READY "
START_TIMEOUT = 300.0
"""Seconds that an emulator may take to start. On an idle machine it needs less than one."""
LOG_TAIL_LINES = 15

STOP_WITH_PARENT = "EMULATOR_PARENT"
"""Environment variable: if set, the emulator ends when its standard input closes.

So the emulator ends with the process that started it, even if that process is killed.
"""

KEEP_ALIVE = 24 * 3600
"""Seconds for which an idle connection stays open: the client always closes it first.

uvicorn's default of 5 seconds equals the time for which httpx keeps an idle connection. Node.js
keeps it for 4, by a coarse timer that fires late on a busy machine. A request that is sent while
the server closes is lost ("other side closed"), and only some requests may be retried:
https://github.com/nodejs/undici/issues/3141.
"""


class NotStarted(RuntimeError):
    """Raised if an emulator did not start. The message ends with the last lines of its log."""


def open_listener(host: str, port: int) -> socket.socket:
    """Return a listening socket that sends small responses without delay.

    asyncio turns off Nagle's algorithm only for sockets that name their protocol (``IPPROTO_TCP``).
    With the algorithm on, small responses are late by 40 ms.
    """
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind((host, port))
    listener.listen(256)
    return listener


def main(
    description: str,
    build_app: Callable[[argparse.Namespace], ASGIApp],
    extend: Callable[[argparse.ArgumentParser], None] | None = None,
) -> None:
    """Serve an emulator until SIGTERM or Ctrl-C. Prints ``READY {"url": ...}`` once it answers.

    Args:
        description: The help text of the command.
        build_app: Makes the application from the parsed arguments.
        extend: Adds the emulator's own arguments to the parser.
    """
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=0, help="0 takes a free port (default)")
    parser.add_argument(
        "--state",
        type=Path,
        default=None,
        metavar="FILE",
        help="SQLite file that survives restarts; in memory without it",
    )
    if extend:
        extend(parser)
    arguments = parser.parse_args()
    listener = open_listener(arguments.host, arguments.port)
    # A killed parent cannot terminate its child, but its end of the pipe closes.
    if os.environ.get(STOP_WITH_PARENT):
        threading.Thread(target=_stop_with_parent, daemon=True).start()
    server = uvicorn.Server(uvicorn_config(build_app(arguments), graceful_shutdown=2))
    url = f"http://{arguments.host}:{listener.getsockname()[1]}"
    print(READY + json.dumps({"url": url}), flush=True)
    server.run(sockets=[listener])


def uvicorn_config(app: ASGIApp, *, graceful_shutdown: int) -> uvicorn.Config:
    """Return the configuration of uvicorn that every emulator uses.

    ``graceful_shutdown`` is the number of seconds that pending requests get at shutdown.
    """
    return uvicorn.Config(
        app,
        log_level="warning",
        access_log=False,
        timeout_keep_alive=KEEP_ALIVE,
        timeout_graceful_shutdown=graceful_shutdown,
    )


@contextlib.contextmanager
def process(
    module: str,
    arguments: Sequence[str] = (),
    *,
    log: Path | None = None,
    standstill: float = START_TIMEOUT,
    environment: Mapping[str, str] = MappingProxyType({}),
) -> Iterator[str]:
    """Run ``python -m module`` in a child process for the duration of the block. Yield its URL.

    The child ends when the block ends, or before that if this process ends.

    Args:
        module: The module to run.
        arguments: Its command line arguments.
        log: File that gets the child's standard error. None: the child uses this process's
            standard error.
        standstill: Seconds to wait for ``READY``.
        environment: Variables to add to this process's environment.

    Raises:
        NotStarted: The child ended, or did not print ``READY`` in time. The message ends with the
            last lines of the log.
    """
    with contextlib.ExitStack() as stack:
        errors = stack.enter_context(log.open("a+b")) if log else None
        log_offset = errors.seek(0, os.SEEK_END) if errors else 0
        command = [sys.executable, "-m", module, *arguments]
        everything = {**os.environ, **environment, STOP_WITH_PARENT: "1"}
        child = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
            env=everything,
        )
        stack.callback(_stop_process, child)
        assert child.stdout is not None
        # readline() has no timeout. Killing the child ends its output, and so the loop below.
        watchdog = threading.Timer(standstill, child.kill)
        watchdog.start()
        output: list[str] = []
        # The output of a child that dies comes to its end.
        while (line := child.stdout.readline()) and not line.startswith(READY):
            output.append(line.rstrip())
        if not line:
            child.wait()
        watchdog.cancel()
        if not line:
            raise NotStarted(
                "\n".join(
                    [
                        f"{module} did not start: exit code {child.returncode}",
                        *output,
                        *_log_tail(errors, log_offset),
                    ]
                )
            )
        yield json.loads(line.removeprefix(READY))["url"]


def _log_tail(log: BinaryIO | None, log_offset: int) -> list[str]:
    """Return the last lines that were appended to a log after the position ``log_offset``.

    The list is empty if ``log`` is None.
    """
    if log is None:
        return []
    log.seek(log_offset)
    return log.read().decode(errors="replace").splitlines()[-LOG_TAIL_LINES:]


def _stop_with_parent() -> None:
    # Not through sys.stdin, whose lock this thread would still hold when the interpreter ends.
    os.read(0, 1)
    os.kill(os.getpid(), signal.SIGTERM)


def _stop_process(child: subprocess.Popen[str]) -> None:
    child.terminate()
    try:
        child.wait(5)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait()
    for pipe in filter(None, (child.stdin, child.stdout)):
        pipe.close()


class _ThreadServer(uvicorn.Server):
    """A uvicorn server that ends as soon as its last request is answered.

    Plain uvicorn checks ten times a second whether it should end, and waits another tenth of a
    second while it ends. That is too slow for tests, which start and stop a thousand servers.
    """

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stopped = asyncio.Event()

    def stop(self) -> None:
        """End the server. May be called from another thread."""
        self.should_exit = True
        if self._loop is not None:
            with contextlib.suppress(RuntimeError):  # It has ended by itself.
                self._loop.call_soon_threadsafe(self._stopped.set)

    async def main_loop(self) -> None:
        self._loop = asyncio.get_running_loop()
        ticks = asyncio.create_task(super().main_loop())
        await asyncio.wait(
            [ticks, asyncio.create_task(self._stopped.wait())],
            return_when=asyncio.FIRST_COMPLETED,
        )
        ticks.cancel()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        for server in self.servers:
            server.close()
        for listener in sockets or []:
            listener.close()
        # An idle connection is closed, another one after its response.
        for connection in list(self.server_state.connections):
            connection.shutdown()
        answering = list(self.server_state.tasks)
        if answering:
            _, late = await asyncio.wait(answering, timeout=self.config.timeout_graceful_shutdown)
            for task in late:
                task.cancel()
        await self.lifespan.shutdown()


@contextlib.contextmanager
def thread(app: ASGIApp) -> Iterator[str]:
    """Serve ``app`` from a thread for the duration of the block. Yield its URL.

    The server listens on a free port of the loopback interface.
    """
    listener = open_listener("127.0.0.1", 0)
    server = _ThreadServer(uvicorn_config(app, graceful_shutdown=1))
    runner = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    runner.start()
    # uvicorn has no event for this.
    while not server.started:
        if not runner.is_alive():
            raise RuntimeError("the server thread ended before it was ready")
        time.sleep(0.005)
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.stop()
        runner.join(5)
        listener.close()
