"""Keys of handovers: a change is handed over once the bus has accepted it. Pure.

Why, and what may be left out because of it: ``docs/adr/0021-a-change-passes-the-bus-once.md``. The
webhook function needs a fast cold start, so this module imports no model.
"""

from gridwix.mapping.cloud_events import KNOWN_TYPES

TTL_SECONDS = 24 * 3600
"""Seconds for which a handover is remembered.

It has to outlast the way of a change over webhook, feed and sweep: 17 minutes, if all goes well. A
day also covers a feed or a sweep that stood still over night.
"""

MAX_EVENTS = 10
"""Maximum number of event ids per key. Further events of the record's version always pass."""

_RESYNC_SUFFIX = ".resync_requested"
_MAX_VERSION = 10**15
"""Higher versions get no key: a key of DynamoDB has a maximum length."""


def handover_key(change_type: str, subject: str, version: int | None) -> str | None:
    """Key under which a change is remembered; None if it always passes.

    None is the answer for a change without a version, which may be another change of the same
    record next time, and for one of an unknown type, which reaches no consumer.

    >>> handover_key("step.unlocked", "enrollments/enr_1/steps/edi_testing", 7)
    'enrollments/enr_1@7'
    >>> handover_key("partner.resync_requested", "partners/GC1", None)

    Args:
        change_type: the type without the vendor's prefix.
        subject: the CloudEvents subject. Its first two segments name the record.
        version: the version of that record.
    """
    if version is None or version > _MAX_VERSION:
        return None
    if change_type not in KNOWN_TYPES and not change_type.endswith(_RESYNC_SUFFIX):
        return None
    return f"{'/'.join(subject.split('/', 2)[:2])}@{version}"
