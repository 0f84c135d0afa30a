"""Keys that deduplicate changes on the bus. Pure.

A handover is the stored record that the bus has accepted a change. By a handover, later repeats of
the change are left out: ``docs/adr/0021-a-change-passes-the-bus-once.md``. The webhook function
needs a fast cold start, so this module imports no model.
"""

from gridwix.mapping.cloud_events import KNOWN_TYPES

TTL_SECONDS = 24 * 3600
"""Time to live of a handover, in seconds.

It has to cover the time in which webhook, feed and sweep report the same change: 17 minutes in
normal operation. A day also covers a feed or sweep that was stopped over night.
"""

MAX_EVENTS = 10
"""Maximum number of event ids per handover key. Further events of the same record version are not
deduplicated.
"""

COLLECTION_OF = {
    "partner": "partners",
    "enrollment": "enrollments",
    "step": "enrollments",
    "compliance": "compliance-checks",
    "case": "cases",
    "program": "onboarding-programs",
    "requirement": "onboarding-programs",
    "notice": "service-notices",
    "request": "collaboration-requests",
    "document": "documents",
    "approval": "approvals",
}
"""Collection of the record that an event is about, by the first part of the event's type."""

_RESYNCS = frozenset({"partner.resync_requested", "hub.resync_requested"})
"""Event types of gridwix's own resync requests, as in :mod:`gridwix.models.events`, which imports
pydantic.
"""

_MAX_VERSION = 10**15
"""Maximum version in a handover key, because keys of DynamoDB have a maximum length. A change with
a higher version gets no key.
"""


def handover_key(change_type: str, subject: str, version: int | None) -> str | None:
    """Return the deduplication key of a change: record and version; None if it is not deduplicated.

    A change without a version has no key, because two such changes of one record may differ. A
    change of an unknown type, or of a type that does not belong to the record's collection, has no
    key either: only some of the functions that publish the record receive such a change. If it had
    a key, a later change of the same version would be dropped as a repeat, and the other functions
    would miss it.

    >>> handover_key("step.unlocked", "enrollments/enr_1/steps/edi_testing", 7)
    'enrollments/enr_1@7'
    >>> handover_key("partner.resync_requested", "partners/GC1", None)
    >>> handover_key("notice.published", "cases/case_1", 3)

    Args:
        change_type: the type without the vendor's prefix.
        subject: the CloudEvents subject. Its first two segments name the record.
        version: the version of that record.
    """
    if version is None or version > _MAX_VERSION:
        return None
    collection, _, rest = subject.partition("/")
    if change_type not in _RESYNCS:
        about = COLLECTION_OF.get(change_type.partition(".")[0])
        if change_type not in KNOWN_TYPES or collection != about:
            return None
    return f"{collection}/{rest.partition('/')[0]}@{version}"
