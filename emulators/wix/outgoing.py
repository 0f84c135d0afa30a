"""The calls that the site itself makes: webhooks, automations, and imports of files. At most 12 are underway at a time."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping
from typing import NamedTuple

import httpx

CONCURRENCY = 12
SOON = 30.0
"""Seconds: calls that are due later are not waited for by whoever waits until the site is quiet."""

type Work = Callable[[], Coroutine[None, None, None]]


class CallResult(NamedTuple):
    """``status`` is None if there was no answer in time."""

    status: int | None
    milliseconds: float


class Outgoing:
    """Makes calls in the background of the event loop that asks for them. ``patience`` multiplies the time that their answers may take."""

    def __init__(self, patience: float = 1.0) -> None:
        self._patience = patience
        self._gate = asyncio.Semaphore(CONCURRENCY)
        self._client: httpx.AsyncClient | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._timers: set[asyncio.TimerHandle] = set()

    def schedule(self, seconds: float, work: Work) -> None:
        """Do ``work`` after that many seconds, in the order in which it is due."""
        if seconds <= 0:
            self._start_task(work)
            return

        def begin() -> None:
            self._timers.discard(timer)
            self._start_task(work)

        timer = asyncio.get_running_loop().call_later(seconds, begin)
        self._timers.add(timer)

    def pending_count(self) -> int:
        """How much is being done, or due within ``SOON`` seconds."""
        soon = asyncio.get_running_loop().time() + SOON
        return len(self._tasks) + sum(timer.when() <= soon for timer in self._timers)

    async def post(self, url: str, content: Callable[[], bytes], headers: Mapping[str, str], seconds: float) -> CallResult:
        """POST once, when other calls leave room; ``content`` is asked for then. The answer counts if it is there within ``seconds`` from there."""
        async with self._gate:
            body = content()
            begun = time.perf_counter()
            status: int | None = None
            try:
                async with asyncio.timeout(seconds * self._patience):
                    status = (await self._http_client().post(url, content=body, headers=dict(headers))).status_code
            except (TimeoutError, httpx.HTTPError, httpx.InvalidURL):
                pass
            return CallResult(status, (time.perf_counter() - begun) * 1000)

    @contextlib.asynccontextmanager
    async def stream(self, method: str, url: str, headers: Mapping[str, str], seconds: float) -> AsyncIterator[httpx.Response]:
        """An answer whose body is yet to be read, after redirects.

        Raises httpx.HTTPError or httpx.InvalidURL, and TimeoutError if it takes more than ``seconds`` in all.
        """
        async with (
            self._gate,
            asyncio.timeout(seconds * self._patience),
            self._http_client().stream(method, url, headers=dict(headers), follow_redirects=True) as answer,
        ):
            yield answer

    async def close(self) -> None:
        """Drop all that is underway or waiting."""
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
            limits = httpx.Limits(max_connections=CONCURRENCY)
            self._client = httpx.AsyncClient(timeout=None, limits=limits, trust_env=False)  # noqa: S113 - post() has the limit
        return self._client
