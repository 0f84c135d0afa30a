"""Mapping of a CloudEvent of the community gateway profile to a change on the bus. Pure.

Webhooks and the feed both use :func:`to_change`, so that they put equal changes on the bus. The
webhook function needs a fast cold start, so this module works on plain JSON values and imports no
model; a test validates its output against :class:`gridwix.models.events.Change`.
"""

import re
from datetime import UTC, datetime
from typing import Any

from gridwix.errors import InvalidEvent
from gridwix.mapping.trace_context import is_traceparent

KNOWN_TYPES = frozenset(
    {
        "partner.created",
        "partner.updated",
        "partner.status_changed",
        "enrollment.created",
        "enrollment.status_changed",
        "step.unlocked",
        "step.status_changed",
        "program.published",
        "requirement.changed",
        "compliance.status_changed",
        "case.created",
        "case.updated",
        "case.status_changed",
        "case.assigned",
        "case.commented",
        "notice.published",
        "notice.updated",
        "notice.resolved",
        "document.published",
        "document.version_added",
        "document.status_changed",
        "document.withdrawn",
        "approval.requested",
        "approval.decided",
        "request.received",
        "request.routed",
        "request.status_changed",
        "request.commented",
    }
)
"""Event types that this release of gridwix uses, without the vendor's prefix."""

# A subject becomes part of a URL when the record is read, so no segment may be "." or "..".
_SEGMENT = r"(?!\.{1,2}(?:/|$))[A-Za-z0-9._~:-]{1,100}"
_SUBJECT = re.compile(rf"[A-Za-z0-9_-]{{1,60}}(?:/{_SEGMENT}){{1,5}}")
_NAME = re.compile(r"[A-Za-z0-9._:-]{1,200}")
_PLAIN = re.compile(r"[A-Za-z0-9_.-]{1,100}")

MAX_TYPE = 128
"""Maximum length of a ``DetailType``, in characters
(https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEventsRequestEntry.html).
"""

MAX_CHANGED = 50
"""Maximum number of changed members that a change names. If an event has more, the change names
none.
"""


def change_type(cloud_event_type: str, prefix: str) -> str:
    """Return an event type without the vendor's prefix.

    >>> change_type("net.example.tg.case.created", "net.example.tg.")
    'case.created'
    """
    return cloud_event_type.removeprefix(prefix)


def _sequence_text(event: dict[str, Any]) -> str:
    sequence = event["sequence"]
    # A text by the profile; systems with their own counter write a number.
    if isinstance(sequence, int) and not isinstance(sequence, bool):
        sequence = str(sequence)
    return _matched_text({"sequence": sequence}, "sequence", _PLAIN)


def _checked_version(version: Any) -> int:
    # bool is a subclass of int.
    if not isinstance(version, int) or isinstance(version, bool) or version < 1:
        raise InvalidEvent("data.version", "is no whole number from 1")
    return version


def _changed_members(changed: list[Any]) -> list[str]:
    names = [name for name in changed if isinstance(name, str) and _PLAIN.fullmatch(name)]
    # A list with gaps would mean that the missing members are unchanged. An empty list means that
    # the changed members are unknown.
    return names if len(names) == len(changed) <= MAX_CHANGED else []


def to_change(event: Any, *, prefix: str, via: str) -> dict[str, Any]:
    """Convert a CloudEvent to a change, as the JSON object that goes on the bus.

    It copies only what identifies the change: ids, versions, names of changed members, statuses.

    >>> event = {"specversion": "1.0", "id": "evt_1", "type": "tg.case.created",
    ...          "subject": "cases/1", "time": "2026-11-26T08:00:00Z", "companyid": "GC1",
    ...          "data": {"version": 3}}
    >>> change = to_change(event, prefix="tg.", via="feed")
    >>> change["type"], change["subject"], change["version"], change["occurredAt"]
    ('case.created', 'cases/1', 3, '2026-11-26T08:00:00+00:00')

    Args:
        event: the parsed JSON, unvalidated.
        prefix: the vendor's prefix of event types.
        via: the source of the event: webhook or feed.

    Raises:
        InvalidEvent: if it is not a CloudEvents 1.0 object with the attributes that the profile
            requires. It names the attribute, never its value.
    """
    if not isinstance(event, dict) or event.get("specversion") != "1.0":
        raise InvalidEvent("specversion", 'is not "1.0"')
    data = event.get("data")
    if not isinstance(data, dict):
        raise InvalidEvent("data", "is no object")
    event_type = change_type(_matched_text(event, "type", _NAME), prefix)
    if len(event_type) > MAX_TYPE:
        raise InvalidEvent("type", f"is longer than {MAX_TYPE} characters")
    change: dict[str, Any] = {
        "contract": 1,
        "eventId": _matched_text(event, "id", _NAME),
        "type": event_type,
        "subject": _matched_text(event, "subject", _SUBJECT),
        "occurredAt": _iso_moment(event.get("time")),
        "companyId": _matched_text(event, "companyid", _NAME),
        "via": via,
    }
    if event.get("partnerid") is not None:
        change["partnerId"] = _matched_text(event, "partnerid", _NAME)
    if event.get("sequence") is not None:
        change["sequence"] = _sequence_text(event)
    # Another system's trace context is of use only if it is valid; it never rejects an event.
    if is_traceparent(event.get("traceparent")):
        change["traceparent"] = event["traceparent"]
    version = data.get("version")
    if version is not None:
        change["version"] = _checked_version(version)
    changed = data.get("changed")
    if isinstance(changed, list):
        change["changed"] = _changed_members(changed)
    if status := _status_change(data):
        change["status"] = status
    return change


def _status_change(data: dict[str, Any]) -> dict[str, str]:
    return {
        side: value
        for side in ("before", "after")
        if (value := _plain_status(data.get(side))) is not None
    }


def _matched_text(event: dict[str, Any], attribute: str, shape: re.Pattern[str]) -> str:
    value = event.get(attribute)
    if not isinstance(value, str) or not shape.fullmatch(value):
        raise InvalidEvent(attribute)
    return value


def _iso_moment(value: Any) -> str:
    try:
        moment = datetime.fromisoformat(value)
        # The bus needs UTC. The conversion overflows at the ends of the calendar.
        moment.astimezone(UTC)
    except (TypeError, ValueError, OverflowError):
        raise InvalidEvent("time", "is no time with a time zone") from None
    if moment.tzinfo is None:
        raise InvalidEvent("time", "is no time with a time zone")
    return moment.isoformat()


def _plain_status(entity: Any) -> str | None:
    status = entity.get("status") if isinstance(entity, dict) else None
    return status if isinstance(status, str) and _PLAIN.fullmatch(status) else None
