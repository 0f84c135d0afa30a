"""EventBridge adapter of the port :class:`gridwix.ports.EventBus`."""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from gridwix.clients.aws.boto import translate_aws_errors
from gridwix.clients.aws.chunks import size_limited_chunks
from gridwix.clients.aws.error_codes import SYSTEM, THROTTLED
from gridwix.errors import InvalidEvent, Throttled, Unavailable
from gridwix.models.events import TRADING_GRID_SOURCE, Change
from gridwix.ports import EventBus

if TYPE_CHECKING:
    from mypy_boto3_events import EventBridgeClient
    from mypy_boto3_events.type_defs import PutEventsRequestEntryTypeDef

MAX_ENTRIES = 10
"""Maximum number of entries in one PutEvents."""

MAX_BYTES = 256 * 1024 - 1
"""Maximum total size, in bytes, of the entries in one PutEvents: "less than 256 KB",
https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-putevent-size.html. AWS has raised the
limit since; a bus event is far smaller than either."""

TIME_BYTES = 14
"""Size that EventBridge counts for an entry's Time, by the same page."""


class EventBridgeBus(EventBus):
    """Puts changes of records on one EventBridge bus, up to ``MAX_ENTRIES`` in a call.

    An entry that the bus refuses is retried once, immediately.
    """

    def __init__(self, client: "EventBridgeClient", bus_name: str) -> None:
        self._client = client
        self._bus_name = bus_name

    def put(self, changes: Sequence[Change]) -> None:
        """Put every change on the bus. Entries that the bus refuses are retried once, immediately.

        Raises:
            InvalidEvent: A change is too large for the bus. No change has been put then.
            Throttled, Unavailable: Entries were refused twice; ``vendor_code`` is the error code of
                the first of them.
            UpstreamError: A call failed as a whole. Some changes may be on the bus.
        """
        entries = [self._event_entry(change) for change in changes]
        sizes = [_entry_size(entry) for entry in entries]
        if any(size > MAX_BYTES for size in sizes):
            raise InvalidEvent(
                "event", f"has more than {MAX_BYTES} bytes, which do not fit on the bus"
            )
        for chunk in size_limited_chunks(
            zip(entries, sizes, strict=True), count=MAX_ENTRIES, size=MAX_BYTES
        ):
            refused = self._put_entries(entry for entry, _ in self._put_entries(chunk))
            if refused:
                codes = [code for _, code in refused]
                kind = Throttled if THROTTLED.issuperset(codes) else Unavailable
                raise kind(
                    f"PutEvents: {len(codes)} entries were refused twice, {codes[0]}",
                    system=SYSTEM,
                    vendor_code=codes[0],
                )

    def _event_entry(self, change: Change) -> "PutEventsRequestEntryTypeDef":
        return {
            "EventBusName": self._bus_name,
            "Source": TRADING_GRID_SOURCE,
            "DetailType": change.type,
            "Detail": change.model_dump_json(by_alias=True, exclude_none=True),
            "Time": change.occurred_at,
        }

    def _put_entries(
        self, entries: "Iterable[PutEventsRequestEntryTypeDef]"
    ) -> "Sequence[tuple[PutEventsRequestEntryTypeDef, str]]":
        """Put entries on the bus. Return the refused entries, each with its error code."""
        given = list(entries)
        if not given:
            return ()
        with translate_aws_errors("PutEvents"):
            response = self._client.put_events(Entries=given)
        # PutEvents succeeds as a call even if entries fail: their codes are in the results.
        return [
            (entry, result["ErrorCode"])
            for entry, result in zip(given, response["Entries"], strict=True)
            if "ErrorCode" in result
        ]


def _entry_size(entry: "PutEventsRequestEntryTypeDef") -> int:
    """The size of an entry in bytes, as EventBridge counts it."""
    return (
        TIME_BYTES
        + len(entry["Source"].encode())
        + len(entry["DetailType"].encode())
        + len(entry["Detail"].encode())
    )
