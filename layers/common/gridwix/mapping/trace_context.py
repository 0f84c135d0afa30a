"""W3C trace context of changes: one trace id from the webhook to the Wix call. Pure.

An event may carry ``traceparent``, by the CloudEvents extension *distributed tracing*. An event
without one gets a trace id that follows from its own id: the webhook and the feed deliver the same
event, and both lead to the same trace. The webhook function needs a fast cold start, so this module
imports little.

Sources: https://www.w3.org/TR/trace-context/ and
https://github.com/cloudevents/spec/blob/main/cloudevents/extensions/distributed-tracing.md
"""

import hashlib
import re

_TRACEPARENT = re.compile(
    r"(?!ff)[0-9a-f]{2}-(?!0{32})(?P<trace>[0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}"
)


def is_traceparent(value: object) -> bool:
    """Return True if a value is a valid ``traceparent`` header of version 00.

    A header of a later version is valid, too, if it has the same format.

    >>> is_traceparent("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01")
    True
    >>> is_traceparent("00-00000000000000000000000000000000-00f067aa0ba902b7-01")
    False
    """
    return isinstance(value, str) and _TRACEPARENT.fullmatch(value) is not None


def trace_id(event_id: str, traceparent: str | None = None) -> str:
    """Return the trace id of an event, 32 hexadecimal digits.

    It is the one in a valid ``traceparent``, else a hash of the event id.

    >>> trace_id("evt_1", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01")
    '4bf92f3577b34da6a3ce929d0e0e4736'
    >>> trace_id("evt_1") == trace_id("evt_1")
    True

    Args:
        event_id: The event's id.
        traceparent: The event's ``traceparent``; ignored if it is not valid; None if it has none.
    """
    match = _TRACEPARENT.fullmatch(traceparent or "")
    return match["trace"] if match else hashlib.sha256(event_id.encode()).hexdigest()[:32]


def traceparent(trace: str, span: str) -> str:
    """Return the ``traceparent`` header of a call within a trace.

    >>> traceparent("4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7")
    '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01'

    Args:
        trace: The trace id, 32 hexadecimal digits.
        span: The id of the caller's span, 16 hexadecimal digits.
    """
    return f"00-{trace}-{span}-01"
