"""A process that runs one function, as an execution environment of Lambda does.

``python worker.py CHECKOUT FUNCTION`` reads one event per line and writes one result per line. It
imports nothing of gridwix but the function, so it runs the functions of any commit. The result has
the response, the seconds of CPU, the peak of memory in MB, the lines of the log, and the times of
the calls to Trading Grid and Wix.
"""

import json
import os
import sys
import tempfile
import time
import traceback
import uuid
from pathlib import Path
from typing import Any

import httpx


class Context:
    """The context object that Lambda passes to a handler."""

    def __init__(self, function: str, memory: int) -> None:
        self.function_name = function
        self.memory_limit_in_mb = memory
        self.invoked_function_arn = f"arn:aws:lambda:us-east-1:000000000000:function:{function}"
        self.aws_request_id = str(uuid.uuid4())

    def get_remaining_time_in_millis(self) -> int:
        return 290_000


def watch_calls(found: list[tuple[str, float, float]]) -> None:
    """Record the host, begin and end of each call that httpx makes."""
    original = httpx.HTTPTransport.handle_request

    def handle_request(self: httpx.HTTPTransport, request: httpx.Request) -> httpx.Response:
        begun = time.monotonic()
        try:
            return original(self, request)
        finally:
            found.append((request.url.netloc.decode(), begun, time.monotonic()))

    httpx.HTTPTransport.handle_request = handle_request  # type: ignore[method-assign]


def wait_for_moto() -> None:
    """Raise boto3's read timeout, since a large transaction takes moto many seconds."""
    if session := sys.modules.get("botocore.httpsession"):
        original = session.URLLib3Session.__init__

        def initialize(self: Any, *arguments: Any, **named: Any) -> None:
            original(self, *arguments, **{**named, "timeout": 300})

        session.URLLib3Session.__init__ = initialize


def peak_megabytes() -> float:
    """Peak of this process's memory. getrusage would return the parent's, if that has more."""
    status = Path("/proc/self/status").read_text()
    (line,) = (line for line in status.splitlines() if line.startswith("VmHWM:"))
    return int(line.split()[1]) / 1024


def main() -> None:
    """Read events from standard input until it ends, and invoke the function with each."""
    checkout, function = Path(sys.argv[1]), sys.argv[2]
    sys.path[:0] = [str(checkout / "layers/common"), str(checkout / "functions" / function)]
    answers, errors = os.fdopen(os.dup(1), "w"), os.fdopen(os.dup(2), "w")
    sys.excepthook = lambda *error: traceback.print_exception(*error, file=errors)
    with tempfile.TemporaryFile("w+b") as log:
        for stream in (1, 2):
            os.dup2(log.fileno(), stream)
        calls: list[tuple[str, float, float]] = []
        watch_calls(calls)
        module: Any = __import__("handler")
        wait_for_moto()
        memory = int(os.environ["AWS_LAMBDA_FUNCTION_MEMORY_SIZE"])
        for line in sys.stdin:
            calls.clear()
            log.seek(0)
            log.truncate()
            cpu = time.process_time()
            answer = module.handler(json.loads(line), Context(function, memory))
            cpu = time.process_time() - cpu
            sys.stdout.flush()
            sys.stderr.flush()
            log.seek(0)
            result = {
                "answer": answer,
                "cpu": cpu,
                "log": log.read().decode().splitlines(),
                "calls": calls,
                "megabytes": peak_megabytes(),
            }
            answers.write(json.dumps(result) + "\n")
            answers.flush()


if __name__ == "__main__":
    main()
