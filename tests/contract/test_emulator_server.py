"""A module ``started`` that a child process can run; the test provides its text."""

import asyncio
import contextlib
import socket
import subprocess
import sys
import threading
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from emulators.common import server
from ops.paths import ROOT
from ops.waiting import STANDSTILL, wait_for
from tests.contract.portal_site import needs_node

UNDICI_AT_MOST = 600.0
"""Maximum seconds for which Node.js keeps an idle connection (``keepAliveMaxTimeout``)."""


def test_connection_when_idle_then_every_client_closes_it_before_the_server_does() -> None:
    expiry = httpx.Limits().keepalive_expiry
    assert expiry is not None

    assert (
        max(expiry, UNDICI_AT_MOST)
        < server.uvicorn_config(Starlette(), graceful_shutdown=1).timeout_keep_alive
    )


def test_thread_when_it_serves_then_a_connection_is_used_again() -> None:
    ports: set[object] = set()

    async def answer(request: Request) -> PlainTextResponse:
        ports.add(request.client)
        return PlainTextResponse("")

    with server.thread(Starlette(routes=[Route("/", answer)])) as url, httpx.Client() as http:
        for _ in range(3):
            http.get(url).raise_for_status()

    assert len(ports) == 1


def test_thread_when_it_stops_then_a_running_request_is_answered_and_an_endless_one_ends() -> None:
    answered: list[str] = []
    begun = threading.Semaphore(0)

    async def answer(request: Request) -> PlainTextResponse:
        begun.release()
        await asyncio.sleep(float(request.query_params["seconds"]))
        return PlainTextResponse("answered")

    def ask(url: str) -> None:
        with contextlib.suppress(httpx.RequestError):
            answered.append(httpx.get(url, timeout=STANDSTILL).text)

    with server.thread(Starlette(routes=[Route("/", answer)])) as url:
        callers = [
            threading.Thread(target=ask, args=(f"{url}?seconds={seconds}",))
            for seconds in (0.2, 3600)
        ]
        for caller in callers:
            caller.start()
            begun.acquire()
    for caller in callers:
        caller.join()

    assert answered.count("answered") == 1


@pytest.fixture
def module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A module ``started`` that a child can run; its text is the test's."""
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    return tmp_path / "started.py"


def test_process_when_it_dies_then_that_is_told_at_once_with_its_last_words(
    module: Path, tmp_path: Path
) -> None:
    module.write_text("import sys\nprint('about to fail')\nsys.exit('no room on the device')\n")
    log = tmp_path / "log"
    log.write_text("of an earlier run\n")

    with pytest.raises(RuntimeError) as raised, server.process("started", log=log):
        pytest.fail("it came up")

    assert str(raised.value).splitlines() == [
        "started did not start: exit code 1",
        "about to fail",
        "no room on the device",
    ]


def test_process_when_it_lives_and_is_never_ready_then_it_is_ended_after_the_standstill(
    module: Path, tmp_path: Path
) -> None:
    module.write_text("import time\ntime.sleep(3600)\n")

    with (
        pytest.raises(RuntimeError, match="started did not start: exit code -9"),
        server.process("started", standstill=0.5),
    ):
        pytest.fail("it came up")


def test_process_when_it_needs_long_then_it_is_waited_for(module: Path) -> None:
    module.write_text(
        "import time\n"
        "time.sleep(0.5)\n"
        """print('READY {"url": "http://127.0.0.1:1"}', flush=True)\n"""
        "time.sleep(3600)\n"
    )

    with server.process("started") as url:
        assert url == "http://127.0.0.1:1"


@needs_node
@pytest.mark.parametrize("module", ["emulators.trading_grid", "emulators.wix", "emulators.portal"])
def test_process_when_its_starter_is_killed_then_it_ends_as_well(module: str) -> None:
    options = (
        ["--wix", "http://127.0.0.1:1", "--site-id", "site"] if module == "emulators.portal" else []
    )
    program = (
        "import time; from emulators.common import server\n"
        f"with server.process({module!r}, {options!r}) as url:\n"
        "    print(url, flush=True); time.sleep(3600)"
    )
    with subprocess.Popen(
        [sys.executable, "-c", program], cwd=ROOT, stdout=subprocess.PIPE, text=True
    ) as starter:
        assert starter.stdout is not None
        address = urlsplit(starter.stdout.readline().strip())
        assert listens(address.port)
        starter.kill()

    wait_for(lambda: not listens(address.port), f"{module} to end")


def listens(port: int | None) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port or 0), timeout=STANDSTILL).close()
    except ConnectionError:
        return False
    return True
