"""botocore's own rules for a client of DynamoDB: retries, exceptions and paginators."""

from collections.abc import Mapping
from functools import cache
from random import Random
from types import SimpleNamespace
from typing import Any

from botocore.errorfactory import ClientExceptionsFactory
from botocore.loaders import Loader
from botocore.model import ServiceModel
from botocore.retries import quota, standard

SERVICE = "dynamodb"

MAX_ATTEMPTS = 3
"""Maximum number of attempts of one call, the first included, as in ``gridwix.runtime.aws``."""


class Retries:
    """botocore's own decisions on retries, in its mode ``standard``. ``random``: source of the
    backoff's jitter.
    """

    def __init__(self, random: Random) -> None:
        adapter = standard.RetryEventAdapter()
        detector = standard.ThrottlingErrorDetector(adapter)
        self._checker: Any = standard.RetryQuotaChecker(quota.RetryQuota(), detector)
        # Its stubs name the wrong class for retry_quota.
        handler: Any = standard.RetryHandler
        self._handler = handler(
            retry_policy=standard.RetryPolicy(
                retry_checker=standard.StandardRetryConditions(max_attempts=MAX_ATTEMPTS),
                retry_backoff=standard.ExponentialBackoff(
                    random=random.random, service_name=SERVICE, throttling_detector=detector
                ),
            ),
            retry_event_adapter=adapter,
            retry_quota=self._checker,
            service_name=SERVICE,
        )

    def succeeded(self, context: Mapping[str, Any]) -> None:
        """Tell botocore's retry quota that a call has succeeded, perhaps after retries."""
        self._checker.release_retry_quota(context, _OK)

    def wait(
        self,
        operation: str,
        attempt: int,
        http: Any,
        parsed: dict[str, Any] | None,
        caught: Exception | None,
        context: dict[str, Any],
    ) -> float | None:
        """Seconds to wait before the next attempt; None if there is none."""
        delay: float | None = self._handler.needs_retry(
            response=None if parsed is None else (http, parsed),
            attempts=attempt,
            operation=service_model().operation_model(operation),
            caught_exception=caught,
            request_dict={"context": context},
        )
        return delay


_OK = SimpleNamespace(status_code=200)


@cache
def service_model() -> ServiceModel:
    """Return botocore's description of DynamoDB."""
    return ServiceModel(Loader().load_service_model(SERVICE, "service-2"), SERVICE)


@cache
def pagination() -> Mapping[str, Any]:
    """Return botocore's description of DynamoDB's paginators, by operation."""
    found: Mapping[str, Any] = Loader().load_service_model(SERVICE, "paginators-1")["pagination"]
    return found


@cache
def exceptions() -> Any:
    """Return the exception classes of a DynamoDB client, as botocore makes them."""
    return ClientExceptionsFactory().create_client_exceptions(service_model())
