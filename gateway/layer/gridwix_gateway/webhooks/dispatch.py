"""Runs the webhook senders of all endpoints that have something to send, one thread each."""

from collections.abc import Callable, Collection, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from gridwix_gateway.documents import Document
from gridwix_gateway.store.table import Item
from gridwix_gateway.webhooks.deliveries import Deliveries
from gridwix_gateway.webhooks.endpoints import MAX_ENDPOINTS, STATES
from gridwix_gateway.webhooks.lease import Lease
from gridwix_gateway.webhooks.queue import ALL, woken_endpoint
from gridwix_gateway.webhooks.sender import Report, SenderParts, has_new_events, send_webhooks

type Result = Report | Exception
"""Report of an endpoint's webhook sender, or the error that ended it."""


def handle_messages(
    parts: SenderParts,
    event: Mapping[str, Any],
    may_go_on: Callable[[], bool],
    observe: Callable[[str, Result], None],
) -> Document:
    """Run the webhook senders for which a batch of SQS messages asks, one per endpoint.

    A message asks for the sender of one endpoint, or of all endpoints that have something to send.

    Args:
        parts: Dependencies of the senders.
        event: Lambda's event with SQS messages.
        may_go_on: Returns False when the time is up. Called before each attempt.
        observe: Receives each endpoint's id and result, for logs and metrics.

    Returns:
        ``batchItemFailures``: the messages of failed senders, which SQS redelivers.
    """
    woken = {message["messageId"]: woken_endpoint(message) for message in event["Records"]}
    names = set(woken.values())
    endpoints = names - {ALL} | (set(due_endpoints(parts)) if ALL in names else set())
    results = run_senders(parts, sorted(endpoints), may_go_on)
    for endpoint, result in results.items():
        observe(endpoint, result)
    failed = {endpoint for endpoint, result in results.items() if isinstance(result, Exception)}
    return {
        "batchItemFailures": [
            {"itemIdentifier": identifier}
            for identifier, endpoint in woken.items()
            if endpoint in failed or (endpoint == ALL and failed)
        ]
    }


def due_endpoints(parts: SenderParts) -> Sequence[str]:
    """Return the ids of the webhook endpoints for which there is something to send now.

    Skips endpoints that are paused, and endpoints with a running sender.
    """
    last_number = parts.feed.last_number()
    states = parts.table.query(STATES, limit=10 * MAX_ENDPOINTS)
    return [str(state["sk"]) for state in states if _is_due(parts, state, last_number)]


def run_senders(
    parts: SenderParts, endpoints: Collection[str], may_go_on: Callable[[], bool]
) -> Mapping[str, Result]:
    """Run the webhook senders of several endpoints in parallel, so that a slow one delays no other.

    Args:
        parts: Dependencies of the senders.
        endpoints: Ids of endpoints.
        may_go_on: Returns False when the time is up. Called before each attempt.

    Returns:
        By endpoint id, the report of the endpoint's sender or the error that ended it.
    """
    if not endpoints:
        return {}

    def run(endpoint: str) -> Result:
        try:
            return send_webhooks(parts, endpoint, may_go_on)
        except Exception as error:
            return error

    with ThreadPoolExecutor(len(endpoints)) as pool:
        return dict(zip(endpoints, pool.map(run, endpoints), strict=True))


def _is_due(parts: SenderParts, state: Item, last_number: int) -> bool:
    now = parts.clock()
    # Whoever holds the lease looks again after its end.
    if int(state["leaseUntil"]) > now * 1000:
        return False
    lease = Lease(parts.table, state, parts.clock)
    if lease.is_paused:
        return False
    if has_new_events(parts.table, lease, last_number):
        return True
    first = next(iter(Deliveries(parts.table).list_due(lease.endpoint, 1)), None)
    return first is not None and first[0] <= now
