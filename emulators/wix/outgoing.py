"""Calls that the site itself makes: webhooks, automations, imports. At most 12 at a time."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping
from typing import NamedTuple

import httpx

CONCURRENCY = 12
SOON = 30.0
"""Seconds ahead for which ``pending_count`` counts scheduled calls."""

type Work = Callable[[], Coroutine[None, None, None]]


class CallResult(NamedTuple):
    """Result of a call that the site made. ``status`` is None if no response came in time."""

    status: int | None
    milliseconds: float


class Outgoing:
    """Sends requests from the site to other servers, in the background of the current event loop.

    The requests are webhooks, calls of automations, and downloads of files to import. ``patience``
    multiplies the timeout of a request.
    """

    def __init__(self, patience: float = 1.0) -> None:
        self._patience = patience
        self._gate = asyncio.Semaphore(CONCURRENCY)
        self._client: httpx.AsyncClient | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._timers: set[asyncio.TimerHandle] = set()

    def schedule(self, seconds: float, work: Work) -> None:
        """Run ``work`` in the background after that many seconds."""
        if seconds <= 0:
            self._start_task(work)
            return

        def begin() -> None:
            self._timers.discard(timer)
            self._start_task(work)

        timer = asyncio.get_running_loop().call_later(seconds, begin)
        self._timers.add(timer)

    def pending_count(self) -> int:
        """Return the number of calls that run or wait, or begin within ``SOON`` seconds.

        A call waits while ``CONCURRENCY`` other calls run.
        """
        soon = asyncio.get_running_loop().time() + SOON
        return len(self._tasks) + sum(timer.when() <= soon for timer in self._timers)

    async def post(
        self, url: str, content: Callable[[], bytes], headers: Mapping[str, str], seconds: float
    ) -> CallResult:
        """Send a POST request once, as soon as the limit of parallel calls allows.

        ``content`` is called for the body just before the request. The timeout of ``seconds``
        starts with the request.
        """
        async with self._gate:
            body = content()
            begun = time.perf_counter()
            status: int | None = None
            try:
                async with asyncio.timeout(seconds * self._patience):
                    status = (
                        await self._http_client().post(url, content=body, headers=dict(headers))
                    ).status_code
            except (TimeoutError, httpx.HTTPError, httpx.InvalidURL):
                pass
            return CallResult(status, (time.perf_counter() - begun) * 1000)

    @contextlib.asynccontextmanager
    async def stream(
        self, method: str, url: str, headers: Mapping[str, str], seconds: float
    ) -> AsyncIterator[httpx.Response]:
        """Request a URL, follow redirects, and yield the response before its body is read.

        Raises httpx.HTTPError or httpx.InvalidURL, and TimeoutError after ``seconds`` in all.
        """
        async with (
            self._gate,
            asyncio.timeout(seconds * self._patience),
            self._http_client().stream(
                method, url, headers=dict(headers), follow_redirects=True
            ) as answer,
        ):
            yield answer

    async def close(self) -> None:
        """Cancel all calls that are in progress or scheduled."""
        for timer in self._timers:
            timer.cancel()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._client is not None:
            await self._client.aclose()

    def _start_task(self, work: Work) -> None:
        task = asyncio.get_running_loop().create_task(work())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _http_client(self) -> httpx.AsyncClient:
        if self._client is None:
            # trust_env is off: a proxy of the environment must not see the calls of a test.
            limits = httpx.Limits(max_connections=CONCURRENCY)
            self._client = httpx.AsyncClient(timeout=None, limits=limits, trust_env=False)  # noqa: S113 - post() has the limit
        return self._client
