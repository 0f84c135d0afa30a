"""Log of webhook deliveries: the state of each event at each endpoint, and scheduled retries."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from gridwix_gateway.documents import Document
from gridwix_gateway.store.table import Item, Key, Table
from gridwix_gateway.webhooks.attempts import Status

KEPT_SECONDS = 14 * 86_400
"""Time for which a delivery is kept in the log after its last attempt."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """The delivery of one event to one webhook endpoint, with the result of its last attempt.

    Args:
        endpoint: Id of the endpoint.
        name: Sort key of the delivery in the table. The name of an ordinary delivery is the number
            of its event. The name of a delivery in a replay is the number of the replay's last
            event, the number of the replay, and the number of its event. So deliveries sort in the
            order in which they were queued.
        number: Number of the event in the event feed.
        event_id: Id of the event.
        event_type: Type of the event.
        status: Status of the delivery.
        attempts: Number of attempts so far.
        response_status: HTTP status of the last attempt's response; None if there was no response.
        milliseconds: Duration of the last attempt.
        attempted_at: Time of the last attempt (RFC 3339).
        due: Sort key of the due item, the table entry that schedules the delivery's next retry; ""
            if no retry is scheduled.
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
        """The delivery as a JSON object, in the form of the gateway's API."""
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
    """Log of webhook deliveries in the gateway's table.

    A pending delivery also has a due item: a table entry that schedules its next retry.
    """

    def __init__(self, table: Table) -> None:
        self._table = table

    def get(self, endpoint: str, name: str) -> Delivery | None:
        """Return the delivery with this name to this endpoint; None if there is none."""
        item = self._table.get(Key(_partition(endpoint), name))
        return None if item is None else _delivery(endpoint, item)

    def list_newest(self, endpoint: str, limit: int) -> Sequence[Delivery]:
        """Return the newest deliveries to an endpoint, ``limit`` at most, the newest first."""
        items = self._table.query(_partition(endpoint), limit=limit, backwards=True)
        return [_delivery(endpoint, item) for item in items]

    def save(self, delivery: Delivery, now: float, due: float | None) -> None:
        """Store a delivery and, if it is to be retried, the due item that schedules its retry.

        Args:
            delivery: The delivery.
            now: Time of the attempt, in Unix seconds.
            due: Time of the retry, in Unix seconds; None if the delivery is not retried.
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
        """Yield the scheduled retries of an endpoint, earliest first, ``limit`` at most.

        Retries that are not due yet are included. Each retry is yielded as its time in Unix seconds
        and the sort key of its due item, the table entry that schedules the retry.
        """
        for item in self._table.query(_due_partition(endpoint), limit=limit):
            name = str(item["sk"])
            yield int(name.partition("#")[0]) / 1000, name

    def find_due(self, endpoint: str, due_name: str) -> Delivery | None:
        """Return the pending delivery that belongs to a due item, an entry that schedules a retry.

        Returns None if the due item is outdated: the delivery is no longer pending, has another due
        item, or is gone. ``due_name`` is the sort key of the due item in the table.
        """
        found = self.get(endpoint, due_name.partition("#")[2])
        current = found is not None and found.status == "pending" and found.due == due_name
        return found if current else None

    def forget_due(self, endpoint: str, due_name: str) -> None:
        """Delete a due item, the table entry that schedules the retry of a delivery."""
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
