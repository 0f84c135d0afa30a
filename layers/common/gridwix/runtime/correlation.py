"""The correlation id that an invocation's log lines, journal entries and calls to Wix share.

A batch holds many events, and one bulk call writes the rows of all of them. So the id is the trace
id of the event if all messages of a batch belong to one trace, else a new one.
"""

import uuid
from collections.abc import Iterable, Mapping

from gridwix.mapping.trace_context import traceparent
from gridwix.runtime.observability import logger

_ids: dict[str, str] = {}
"""``trace`` and ``span`` of the running invocation. An execution environment runs one at a time."""


def begin_correlation(traces: Iterable[str]) -> str:
    """Begin the correlation of an invocation and return its id, 32 hexadecimal digits.

    All further log lines have the id as ``correlation_id``, and all further HTTP calls as
    ``X-Request-ID``.

    Args:
        traces: The trace id of each event; "" for a message without one.
    """
    known = set(traces)
    trace = known.pop() if len(known) == 1 else ""
    _ids.update(trace=trace or uuid.uuid4().hex, span=uuid.uuid4().hex[:16])
    logger.append_keys(correlation_id=_ids["trace"])
    return _ids["trace"]


def correlation_headers() -> Mapping[str, str]:
    """Return the HTTP headers that join a call to the running invocation: two ids.

    They are ``X-Request-ID`` and ``traceparent`` (W3C trace context). There are none before
    :func:`begin_correlation` was called.
    """
    if not _ids:
        return {}
    return {
        "X-Request-ID": _ids["trace"],
        "traceparent": traceparent(_ids["trace"], _ids["span"]),
    }
