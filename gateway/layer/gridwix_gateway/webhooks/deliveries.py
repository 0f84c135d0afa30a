"""Log of webhook deliveries: the state of each event at each endpoint, and due retries."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from gridwix_gateway.documents import Document
from gridwix_gateway.store.table import Item, Key, Table
from gridwix_gateway.webhooks.attempts import Status

KEPT_SECONDS = 14 * 86_400
"""Time for which a delivery is kept in the log after its last attempt."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """The delivery of one event to one endpoint, with its last attempt.

    Args:
        endpoint: Id of the endpoint.
        name: Sort key in the table. A first delivery is named by its event's number, one of a
            replay by the replay's end and number and the event's number. So names sort in the order
            of queueing.
        number: Number of the event.
        event_id: Id of the event.
        event_type: Type of the event.
        status: Its status.
        attempts: Attempts so far.
        response_status: Status of the last response; None without one.
        milliseconds: Duration of the last attempt.
        attempted_at: Time of the last attempt (RFC 3339).
        due: Sort key of the due item, by which a pending delivery is found for its retry.
    """

    endpoint: str
    name: str
    number: int
    event_id: str
    event_type: str
    status: Status = "pending"
    attempts: int = 0
    response_status: int | None = None
    milliseconds: int | None = None
    attempted_at: str = ""
    due: str = ""

    @property
    def document(self) -> Document:
        """The delivery in the profile's form."""
        return {
            "id": f"dlv_{self.name.replace('#', '_')}",
            "eventId": self.event_id,
            "eventType": self.event_type,
            "status": self.status,
            "attempts": self.attempts,
            "responseStatus": self.response_status,
            "milliseconds": self.milliseconds,
            "lastAttemptAt": self.attempted_at or None,
        }


class Deliveries:
    """The log of webhook deliveries in the gateway's table."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def get(self, endpoint: str, name: str) -> Delivery | None:
        """Return a delivery by endpoint and name, or None."""
        item = self._table.get(Key(_partition(endpoint), name))
        return None if item is None else _delivery(endpoint, item)

    def list_newest(self, endpoint: str, limit: int) -> Sequence[Delivery]:
        """Return the newest deliveries of an endpoint, the newest first."""
        items = self._table.query(_partition(endpoint), limit=limit, backwards=True)
        return [_delivery(endpoint, item) for item in items]

    def save(self, delivery: Delivery, now: float, due: float | None) -> None:
        """Write a delivery and, if it is to be retried, an item that makes it due.

        Args:
            delivery: The delivery.
            now: Time of the attempt, in Unix seconds.
            due: Time of its retry, in Unix seconds; None if there is none.
        """
        # In this order a crash between the writes leaves a due item too many, and never a pending
        # delivery that nothing finds. Items that are out of date are deleted when they are due.
        due_name = ""
        if due is not None:
            due_name = f"{int(due * 1000):015}#{delivery.name}"
            forgotten = int(due) + KEPT_SECONDS
            key = {"pk": _due_partition(delivery.endpoint), "sk": due_name}
            self._table.put({**key, "expiresAt": forgotten})
        self._table.put(_item(replace(delivery, due=due_name), now))

    def list_due(self, endpoint: str, limit: int) -> Iterator[tuple[float, str]]:
        """Yield due items (scheduled retries), earliest first: Unix seconds, and sort key."""
        for item in self._table.query(_due_partition(endpoint), limit=limit):
            name = str(item["sk"])
            yield int(name.partition("#")[0]) / 1000, name

    def find_due(self, endpoint: str, due_name: str) -> Delivery | None:
        """Return the pending delivery to retry for a due item; None if the item is outdated."""
        found = self.get(endpoint, due_name.partition("#")[2])
        current = found is not None and found.status == "pending" and found.due == due_name
        return found if current else None

    def forget_due(self, endpoint: str, due_name: str) -> None:
        """Delete a due item: the entry by which a delivery's retry would be found."""
        self._table.delete(Key(_due_partition(endpoint), due_name))


def _partition(endpoint: str) -> str:
    return f"D#{endpoint}"


def _due_partition(endpoint: str) -> str:
    return f"Q#{endpoint}"


def _item(delivery: Delivery, now: float) -> Item:
    numbers = {
        "responseStatus": delivery.response_status,
        "milliseconds": delivery.milliseconds,
    }
    return {
        "pk": _partition(delivery.endpoint),
        "sk": delivery.name,
        "number": delivery.number,
        "eventId": delivery.event_id,
        "eventType": delivery.event_type,
        "status": delivery.status,
        "attempts": delivery.attempts,
        **{name: value for name, value in numbers.items() if value is not None},
        "attemptedAt": delivery.attempted_at,
        "due": delivery.due,
        "expiresAt": int(now) + KEPT_SECONDS,
    }


def _delivery(endpoint: str, item: Item) -> Delivery:
    status: Status = str(item["status"])  # type: ignore[assignment]
    return Delivery(
        endpoint,
        str(item["sk"]),
        int(item["number"]),
        str(item["eventId"]),
        str(item["eventType"]),
        status,
        int(item["attempts"]),
        int(item["responseStatus"]) if "responseStatus" in item else None,
        int(item["milliseconds"]) if "milliseconds" in item else None,
        str(item["attemptedAt"]),
        str(item["due"]),
    )
