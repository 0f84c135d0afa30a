"""One Wix site as the place that calls go to: inside the shared budget, with Wix's errors turned into gridwix's."""

import time
from collections.abc import Callable, Sequence
from itertools import chain, repeat
from typing import Any, Protocol

import httpx

from gridwix.clients.http import Answer, Call, Sender
from gridwix.clients.wix.auth import BASE_URL, SYSTEM
from gridwix.clients.wix.codec import decode, encode
from gridwix.clients.wix.faults import is_quota, quota_wait, unusable, wix_error
from gridwix.errors import BudgetExhausted, GridwixError, Throttled


class CallBudget(Protocol):
    """The calls that all of gridwix together may make to the site."""

    def take(self, calls: int = 1) -> float:
        """Take ``calls`` and return 0.0; or take nothing and return the seconds until they could be had."""

    def exhaust(self, seconds: float) -> None:
        """Grant nothing to anybody for that long."""


class WixSite:
    """Sends calls to one site. Each attempt takes one call from the budget first; an access token is not counted."""

    def __init__(
        self,
        http: httpx.Client,
        auth: httpx.Auth,
        budget: CallBudget,
        *,
        base_url: str = BASE_URL,
        clock: Callable[[], float] = time.time,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._sender = Sender(http, auth, system=SYSTEM, clock=clock, sleep=sleep)
        self._budget = budget
        self._base_url = base_url.rstrip("/")
        self._clock = clock

    def call(
        self, operation: str, method: str, path: str, *, params: Sequence[tuple[str, str]] = (), body: object = None, safe: bool = False, following: int = 0
    ) -> dict[str, Any]:
        """The JSON object that Wix answers. ``body`` is JSON in bytes, or a value to be encoded.

        So many calls ``following`` are taken from the budget with this one, all or none: they are sent elsewhere, and this one would be in vain without them.

        Raises BudgetExhausted before anything is sent, and UpstreamError. When Wix says that a quota is used up, the budget is told before Throttled is raised.
        """
        content = body if isinstance(body, bytes | None) else encode(body)
        headers = {} if content is None else {"Content-Type": "application/json"}
        costs = chain((1 + following,), repeat(1))
        answer = self._sender.send(
            Call(operation, method, self._base_url + path, params=params, headers=headers, content=content, safe=safe),
            admit=lambda: self._admit(operation, next(costs)),
        )
        if answer.status != httpx.codes.OK:
            self._fail(operation, answer)
        document = decode(answer.body)
        if not isinstance(document, dict):
            raise unusable(operation, "the answer is not a JSON object")
        return document

    def throttle_if_quota(self, operation: str, codes: set[str]) -> None:
        """Raise Throttled if one of the codes inside a 200 answer says that a quota is used up: that is no fault of the items that it stands at."""
        spent = next((code for code in sorted(codes) if is_quota(code)), None)
        if spent is not None:
            wait = quota_wait(self._clock(), None)
            self._throttled(Throttled(f"{operation}: wix answered {spent} for single items", system=SYSTEM, status=200, vendor_code=spent, wait=wait))

    def _admit(self, operation: str, calls: int) -> None:
        wait = self._budget.take(calls)
        if wait > 0:
            raise BudgetExhausted(f"{operation}: the call budget of the site is used up", wait=wait)

    def _fail(self, operation: str, answer: Answer) -> None:
        error = wix_error(operation, answer, self._clock())
        if isinstance(error, Throttled):
            self._throttled(error)
        raise error

    def _throttled(self, error: Throttled) -> None:
        try:
            self._budget.exhaust(error.wait or 0.0)
        except GridwixError as failure:
            # Others will hear it from Wix itself; this caller must hear of the quota, not of the table.
            raise error from failure
        raise error
