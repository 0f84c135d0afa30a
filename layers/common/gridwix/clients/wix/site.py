"""Sends calls to one Wix site, within the shared call budget (rate limit); maps Wix's errors."""

import time
from collections.abc import Callable, Sequence
from itertools import chain, repeat
from typing import Any

import httpx

from gridwix.clients.http import Sender
from gridwix.clients.http_messages import Call, HttpResponse
from gridwix.clients.vendor_errors import WIX_ERRORS, is_quota_code, quota_wait, wix_error
from gridwix.clients.wix.auth import BASE_URL
from gridwix.clients.wix.codec import decode, encode
from gridwix.errors import BudgetExhausted, GridwixError, Throttled
from gridwix.ports import CallBudget


class WixSite:
    """Sends calls to one Wix site. Each attempt first takes one call from the site's call budget.

    Requests for an access token take none.

    Args:
        http: The httpx client that all vendors share.
        auth: Authentication with the site.
        budget: Call budget: the rate limit that all functions share for the site.
        base_url: Base URL of Wix's REST API.
        clock: Returns Unix seconds.
        sleep: Sleeps for a number of seconds between attempts.
    """

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
        self._sender = Sender(http, auth, system=WIX_ERRORS.system, clock=clock, sleep=sleep)
        self._budget = budget
        self._base_url = base_url.rstrip("/")
        self._clock = clock

    def call(
        self,
        operation: str,
        method: str,
        path: str,
        *,
        params: Sequence[tuple[str, str]] = (),
        body: object = None,
        safe: bool = False,
        following: int = 0,
    ) -> dict[str, Any]:
        """Send one call, and return the JSON object in the response.

        If Wix reports that a quota is used up, the call budget is blocked for all workers
        (circuit breaker), and Throttled is raised.

        Args:
            operation: The operation's name in errors.
            method: HTTP method.
            path: Path below the base URL.
            params: Query parameters.
            body: The request body: JSON in bytes, or a value to encode; None for no body.
            safe: Whether the call changes nothing, so that it may be retried.
            following: Number of later calls without which this call is useless. They are taken from
                the budget together with this call, all or none. The caller sends them by itself.

        Raises:
            BudgetExhausted: The budget grants no call, and the call was not sent.
            UpstreamError: The call failed, or the response is not a JSON object.
        """
        content = body if isinstance(body, bytes | None) else encode(body)
        headers = {} if content is None else {"Content-Type": "application/json"}
        # Only the first attempt pays for the calls that follow.
        costs = chain((1 + following,), repeat(1))
        response = self._sender.send(
            Call(
                operation,
                method,
                self._base_url + path,
                params=params,
                headers=headers,
                content=content,
                safe=safe,
            ),
            admit=lambda: self._take_from_budget(operation, next(costs)),
        )
        if response.status != httpx.codes.OK:
            self._raise_error(operation, response)
        document = decode(response.body)
        if not isinstance(document, dict):
            raise WIX_ERRORS.malformed_response(operation, "the answer is not a JSON object")
        return document

    def throttle_if_quota(self, operation: str, codes: set[str]) -> None:
        """Raise Throttled if an error code inside a 200 response means that a quota is used up.

        ``codes`` are the error codes in the results of single items. The items with such a code are
        not at fault. Before the error is raised, the call budget, the rate limit that all workers
        share for the site, is blocked for the ``wait`` of the error (circuit breaker).
        """
        spent = next((code for code in sorted(codes) if is_quota_code(code)), None)
        if spent is not None:
            wait = quota_wait(self._clock(), None)
            self._raise_throttled(
                Throttled(
                    f"{operation}: wix answered {spent} for single items",
                    system=WIX_ERRORS.system,
                    status=200,
                    vendor_code=spent,
                    wait=wait,
                )
            )

    def _take_from_budget(self, operation: str, calls: int) -> None:
        wait = self._budget.take(calls)
        if wait > 0:
            raise BudgetExhausted(f"{operation}: the call budget of the site is used up", wait=wait)

    def _raise_error(self, operation: str, response: HttpResponse) -> None:
        error = wix_error(operation, response, self._clock())
        if isinstance(error, Throttled):
            self._raise_throttled(error)
        raise error

    def _raise_throttled(self, error: Throttled) -> None:
        try:
            self._budget.exhaust(error.wait or 0.0)
        except GridwixError as failure:
            # Other workers will get a 429 of their own. This caller needs the quota error, and not
            # the table's.
            raise error from failure
        raise error
