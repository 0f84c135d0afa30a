"""Everything that can go wrong, in one tree.

::

    GridwixError
    ├── ConfigurationError          a setting or secret is missing or malformed
    ├── InvalidEvent                a message that breaks the bus contract
    ├── WebhookRejected             a webhook that must not reach the bus
    ├── BudgetExhausted             the site's shared call budget says: later
    ├── RowHeld                     another worker is writing the same row right now
    ├── OutOfTime                   there is no time left to begin with it
    ├── SourceBehind                the source answered with less than it has already announced
    ├── FileRefused                 a file that may not, or cannot, be taken over
    ├── UnknownPartner              a transaction's addresses belong to no trading partner
    ├── RecordFault                 a single record that cannot be read or mapped
    └── UpstreamError               Wix, Trading Grid or AWS said no
        ├── Unavailable             5xx, time-out, broken connection
        ├── Throttled               429, or a quota code inside another status
        ├── Unauthenticated         401 that a fresh token did not cure
        ├── Forbidden               403
        ├── NotFound                404, 410 of a single record
        ├── Conflict                409, 412, 428
        ├── CursorExpired           410 of a list or feed cursor
        └── Refused                 any other 4xx: the request itself is wrong

``code`` is the log key, the metric dimension and the anchor in ``docs/runbook.md``; code branches on types and codes, never on a message.
``retryable`` says whether the same call may succeed later without anybody changing anything.
"""

from typing import ClassVar


class NotJson(ValueError):
    """A value that JSON, or Wix, cannot hold. It stands outside the tree: it says nothing of any system, and whoever wrote the value has to mend it."""


class GridwixError(Exception):
    """Base of the tree. ``wait`` is the number of seconds after which a retry makes sense, when the other side said so."""

    code: ClassVar[str] = "gridwix"
    retryable: ClassVar[bool] = False

    def __init__(self, message: str = "", *, wait: float | None = None) -> None:
        super().__init__(message or self.code)
        self.wait = wait


class ConfigurationError(GridwixError):
    code = "configuration"


class InvalidEvent(GridwixError):
    code = "invalid_event"


class WebhookRejected(GridwixError):
    """A webhook that must not reach the bus. ``reason`` is a short kebab-case word: the problem's ``code`` and the metric's dimension."""

    code = "webhook_rejected"

    def __init__(self, reason: str, *, status: int) -> None:
        super().__init__(reason)
        self.reason = reason
        self.status = status


class BudgetExhausted(GridwixError):
    code = "budget_exhausted"
    retryable = True


class RowHeld(GridwixError):
    code = "row_held"
    retryable = True


class SourceBehind(GridwixError):
    code = "source_behind"
    retryable = True


class OutOfTime(GridwixError):
    """There is not enough time left to begin with something: it comes again at once."""

    code = "out_of_time"
    retryable = True


class UnknownPartner(GridwixError):
    code = "unknown_partner"


class RecordFault(GridwixError):
    """A single record that cannot be read or mapped. It is retried by itself, and its neighbours go through.

    ``record`` names it: ``cases/CA-1``, or ``cases/?`` if its id cannot be read. ``reason`` is fit for logs: the fields that are wrong and how, or an
    exception's class and the line that raised it; never a value. ``owner`` is what the record belongs to (a partner's id, a transaction's process), "" if that
    cannot be told.
    """

    code = "record_fault"
    retryable = True

    def __init__(self, record: str, reason: str, *, owner: str = "") -> None:
        super().__init__(f"{record} is malformed: {reason}")
        self.record = record
        self.reason = reason
        self.owner = owner


class FileRefused(GridwixError):
    """A file that may not, or cannot, be taken over. ``fault`` is one of ``gridwix.models.files.FileFault``."""

    code = "file_refused"

    def __init__(self, fault: str) -> None:
        super().__init__(fault)
        self.fault = fault


class UpstreamError(GridwixError):
    """An answer that is not a success.

    ``system`` is ``"wix"``, ``"trading_grid"`` or ``"aws"``; ``status`` the HTTP status (0 when there was none); ``vendor_code`` the other side's own
    code, such as ``WDE0074`` or ``cursor-expired``; ``request_id`` what its support asks for.
    """

    code = "upstream"

    def __init__(
        self,
        message: str = "",
        *,
        system: str,
        status: int = 0,
        vendor_code: str = "",
        request_id: str = "",
        wait: float | None = None,
    ) -> None:
        super().__init__(message or f"{system} answered {status} {vendor_code}".strip(), wait=wait)
        self.system = system
        self.status = status
        self.vendor_code = vendor_code
        self.request_id = request_id


class Unavailable(UpstreamError):
    """No usable answer. ``ambiguous`` is true when the request may have been carried out all the same (time-out, connection lost after sending)."""

    code = "upstream_unavailable"
    retryable = True

    def __init__(
        self,
        message: str = "",
        *,
        system: str,
        status: int = 0,
        vendor_code: str = "",
        request_id: str = "",
        wait: float | None = None,
        ambiguous: bool = False,
    ) -> None:
        super().__init__(message, system=system, status=status, vendor_code=vendor_code, request_id=request_id, wait=wait)
        self.ambiguous = ambiguous


class Throttled(UpstreamError):
    code = "upstream_throttled"
    retryable = True


class Unauthenticated(UpstreamError):
    code = "upstream_unauthenticated"


class Forbidden(UpstreamError):
    code = "upstream_forbidden"


class NotFound(UpstreamError):
    code = "upstream_not_found"


class Conflict(UpstreamError):
    code = "upstream_conflict"


class CursorExpired(UpstreamError):
    code = "cursor_expired"


class Refused(UpstreamError):
    code = "upstream_refused"
