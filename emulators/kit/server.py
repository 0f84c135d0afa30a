"""Starting and stopping an emulator: from the command line, as a process of its own, or in a thread of a test."""

import argparse
import contextlib
import json
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType

import uvicorn
from starlette.types import ASGIApp

READY = "READY "


class NotStarted(RuntimeError):
    """An emulator that did not come up. The message names its log."""


def listen(host: str, port: int) -> socket.socket:
    """A listening socket. asyncio turns off Nagle's algorithm only where the protocol is named; left on, it would hold small answers back for 40 ms."""
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind((host, port))
    listener.listen(256)
    return listener


def main(description: str, build: Callable[[argparse.Namespace], ASGIApp], extend: Callable[[argparse.ArgumentParser], None] | None = None) -> None:
    """Serve until SIGTERM or Ctrl-C. Prints ``READY {"url": ...}`` once requests are answered."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=0, help="0 takes a free port (default)")
    parser.add_argument("--state", type=Path, default=None, metavar="FILE", help="SQLite file that survives restarts; in memory without it")
    if extend:
        extend(parser)
    arguments = parser.parse_args()
    listener = listen(arguments.host, arguments.port)
    server = uvicorn.Server(uvicorn.Config(build(arguments), log_level="warning", access_log=False, timeout_graceful_shutdown=2))
    url = f"http://{arguments.host}:{listener.getsockname()[1]}"
    print(READY + json.dumps({"url": url}), flush=True)
    server.run(sockets=[listener])


@contextlib.contextmanager
def process(
    module: str,
    arguments: Sequence[str] = (),
    *,
    log: Path | None = None,
    timeout: float = 20,
    environment: Mapping[str, str] = MappingProxyType({}),
) -> Iterator[str]:
    """Run ``python -m module`` for as long as the block lasts and yield its URL. Raises NotStarted if it does not come up.

    ``environment`` is added to ours.
    """
    with contextlib.ExitStack() as stack:
        errors = stack.enter_context(log.open("ab")) if log else None
        command = [sys.executable, "-m", module, *arguments]
        child = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=errors, text=True, env={**os.environ, **environment})
        stack.callback(_stop, child)
        assert child.stdout is not None
        watchdog = threading.Timer(timeout, child.kill)
        watchdog.start()
        line = child.stdout.readline()
        watchdog.cancel()
        if not line.startswith(READY):
            where = f"; its log is {log}" if log else ""
            raise NotStarted(f"{module} did not start: {line!r}, exit code {child.poll()}{where}")
        yield json.loads(line.removeprefix(READY))["url"]


def _stop(child: subprocess.Popen[str]) -> None:
    child.terminate()
    try:
        child.wait(5)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait()
    if child.stdout:
        child.stdout.close()


@contextlib.contextmanager
def thread(app: ASGIApp) -> Iterator[str]:
    """Serve ``app`` from a thread on a free loopback port for as long as the block lasts and yield its URL."""
    listener = listen("127.0.0.1", 0)
    server = uvicorn.Server(uvicorn.Config(app, log_level="warning", access_log=False, timeout_graceful_shutdown=1))
    runner = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    runner.start()
    while not server.started:
        if not runner.is_alive():
            raise RuntimeError("the server thread ended before it was ready")
        time.sleep(0.005)
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        runner.join(5)
        listener.close()
