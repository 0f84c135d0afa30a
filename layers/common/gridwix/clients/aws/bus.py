"""The EventBridge bus."""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from gridwix.clients.aws.answers import SYSTEM, THROTTLED
from gridwix.clients.aws.boto import aws_errors
from gridwix.clients.aws.chunks import chunked
from gridwix.errors import InvalidEvent, Throttled, Unavailable
from gridwix.models.events import TRADING_GRID_SOURCE, Change

if TYPE_CHECKING:
    from mypy_boto3_events import EventBridgeClient
    from mypy_boto3_events.type_defs import PutEventsRequestEntryTypeDef

MAX_ENTRIES = 10
"""Most entries in one PutEvents."""

MAX_BYTES = 256 * 1024 - 1
"""Most bytes of entries in one PutEvents: "less than 256 KB", https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-putevent-size.html. The service has
since been given room for more; a bus event is far smaller than either."""

TIME_BYTES = 14
"""What an entry's Time counts for, by the same page."""


class EventBridgeBus:
    """The semantics are those of ``gridwix.ports.EventBus``."""

    def __init__(self, client: "EventBridgeClient", bus_name: str) -> None:
        self._client = client
        self._bus_name = bus_name

    def put(self, changes: Sequence[Change]) -> None:
        """Put every change on the bus. Entries that the bus refuses are put once more at once.

        Raises Unavailable, or Throttled, with the first refused entry's ``vendor_code``, and any other UpstreamError for a call that fails as a whole: some
        changes may then be on the bus. Raises InvalidEvent before anything is put if a change is too large for the bus.
        """
        entries = [self._entry(change) for change in changes]
        sizes = [_size(entry) for entry in entries]
        if any(size > MAX_BYTES for size in sizes):
            raise InvalidEvent(f"a change of more than {MAX_BYTES} bytes does not fit on the bus")
        for chunk in chunked(zip(entries, sizes, strict=True), count=MAX_ENTRIES, size=MAX_BYTES):
            refused = self._put(entry for entry, _ in self._put(chunk))
            if refused:
                codes = [code for _, code in refused]
                kind = Throttled if THROTTLED.issuperset(codes) else Unavailable
                raise kind(f"PutEvents: {len(codes)} entries were refused twice, {codes[0]}", system=SYSTEM, vendor_code=codes[0])

    def _entry(self, change: Change) -> "PutEventsRequestEntryTypeDef":
        return {
            "EventBusName": self._bus_name,
            "Source": TRADING_GRID_SOURCE,
            "DetailType": change.type,
            "Detail": change.model_dump_json(by_alias=True, exclude_none=True),
            "Time": change.occurred_at,
        }

    def _put(self, entries: "Iterable[PutEventsRequestEntryTypeDef]") -> "Sequence[tuple[PutEventsRequestEntryTypeDef, str]]":
        """The entries that the bus refused, each with its error code."""
        given = list(entries)
        if not given:
            return ()
        with aws_errors("PutEvents"):
            answer = self._client.put_events(Entries=given)
        return [(entry, result["ErrorCode"]) for entry, result in zip(given, answer["Entries"], strict=True) if "ErrorCode" in result]


def _size(entry: "PutEventsRequestEntryTypeDef") -> int:
    """The size of an entry as EventBridge counts it."""
    return TIME_BYTES + len(entry["Source"].encode()) + len(entry["DetailType"].encode()) + len(entry["Detail"].encode())
