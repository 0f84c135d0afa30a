"""Exceptions of gridwix, as one tree; each has a ``code`` and tells if a retry may help.

::

    GridwixError
    ├── ConfigurationError          a setting or secret is missing or malformed
    ├── InvalidEvent                a message that breaks the bus contract
    ├── WebhookRejected             a webhook that must not reach the bus
    ├── BudgetExhausted             rate limit: the site's shared call budget is used up
    ├── RowHeld                     another worker holds the claim of the row
    ├── RowPaced                    the row was written a moment ago
    ├── OutOfTime                   not enough time left to start the work
    ├── SourceBehind                stale read: older than the source has announced
    ├── FileRefused                 a file that may not, or cannot, be copied
    ├── UnknownPartner              a transaction's addresses belong to no trading partner
    ├── RecordFault                 a single record that cannot be read or mapped
    └── UpstreamError               Wix, Trading Grid or AWS returned an error
        ├── Unavailable             5xx, timeout, broken connection
        │   └── FileUnreachable     the address of a file gives no bytes now
        ├── Throttled               429, or a quota code inside another status
        ├── Unauthenticated         401 that a fresh token did not cure
        ├── Forbidden               403
        ├── NotFound                404, 410 of a single record
        ├── UpstreamConflict        409, 412, 428
        │   └── TransactionInFlight DynamoDB is busy with another transaction on the item
        ├── CursorExpired           410 of a list or feed cursor
        └── Refused                 any other 4xx: the request itself is wrong

``code`` is the log key, the metric dimension and the anchor in ``docs/runbook.md``. Code branches
on types and codes, never on a message. ``retryable`` is true if a retry of the same call may
succeed without any change of data or configuration.
"""

from typing import ClassVar, overload


class NotJson(ValueError):
    """A value that JSON, or Wix, cannot represent.

    Not a GridwixError: the cause is a bug in the code that made the value, not another system.
    """


class GridwixError(Exception):
    """Base of all errors of gridwix.

    ``wait`` is the delay in seconds before a retry, if the called system gave one, else None. With
    ``exact_wait``, a retry after exactly this delay can succeed, so no backoff is added.
    """

    code: ClassVar[str] = "gridwix"
    retryable: ClassVar[bool] = False
    exact_wait: ClassVar[bool] = False

    def __init__(self, message: str = "", *, wait: float | None = None) -> None:
        super().__init__(message or self.code)
        self.wait = wait


class ConfigurationError(GridwixError):
    """A setting or secret is missing or malformed.

    ``name`` is the name of the setting or secret, and ``fault`` says what is wrong with it. The
    message is ``setting NAME FAULT: REMEDY``, or ``secret NAME ...``.
    """

    code = "configuration"

    @overload
    def __init__(self, fault: str, *, setting: str, remedy: str) -> None: ...

    @overload
    def __init__(self, fault: str, *, secret: str, remedy: str) -> None: ...

    def __init__(self, fault: str, *, setting: str = "", secret: str = "", remedy: str) -> None:
        """Make the message from the name of a setting or secret, its fault and the remedy.

        No argument holds any part of a secret's value.

        Args:
            fault: What is wrong, in words that follow the name: ``has no text``.
            setting: An environment variable, a parameter of the template or a part of ``config/``.
            secret: Name of a secret without the stack's name, or its ARN.
            remedy: What to do, in the imperative.

        Raises TypeError unless exactly one of ``setting`` and ``secret`` is given, or if ``fault``
        or ``remedy`` is empty.
        """
        if bool(setting) == bool(secret) or not fault or not remedy:
            raise TypeError("name one setting or secret, its fault and what to do")
        kind = "secret" if secret else "setting"
        super().__init__(f"{kind} {setting or secret} {fault}: {remedy}")
        self.name = setting or secret
        self.fault = fault


class InvalidEvent(GridwixError):
    """A message that breaks the bus contract: the rules for events in ``docs/events``.

    ``member`` is the invalid attribute.
    """

    code = "invalid_event"

    def __init__(self, member: str, fault: str = "is missing or malformed") -> None:
        """Make the message from the name of the invalid attribute and its fault, not its value."""
        super().__init__(f"{member} {fault}: correct the sender, by the contract in docs/events")
        self.member = member


class WebhookRejected(GridwixError):
    """A webhook that must not reach the bus.

    ``reason`` is a short kebab-case word: the ``code`` of the response and the metric's dimension.
    ``status`` is the HTTP status.
    """

    code = "webhook_rejected"

    def __init__(self, reason: str, *, status: int) -> None:
        super().__init__(reason)
        self.reason = reason
        self.status = status


class BudgetExhausted(GridwixError):
    """Rate limit: the site's shared call budget is used up. Nothing was sent."""

    code = "budget_exhausted"
    retryable = True


class RowHeld(GridwixError):
    """Another worker holds the claim (lease) of a portal row; only that worker may write it now."""

    code = "row_held"
    retryable = True


class RowPaced(GridwixError):
    """A portal row was written a moment ago: its next write has to wait (rate limit per row)."""

    code = "row_paced"
    retryable = True
    exact_wait = True


class SourceBehind(GridwixError):
    """Stale read: the source returned an older version of a record than it has announced."""

    code = "source_behind"
    retryable = True


class OutOfTime(GridwixError):
    """The invocation has too little time left to start the work.

    The message returns to the queue without delay.
    """

    code = "out_of_time"
    retryable = True


class UnknownPartner(GridwixError):
    """The EDI addresses of a transaction belong to no trading partner."""

    code = "unknown_partner"


class RecordFault(GridwixError):
    """A single record that cannot be read or mapped.

    Only this record is retried; all other records go through.

    ``record`` is its name: ``cases/CA-1``, or ``cases/?`` if its id cannot be read. ``reason`` is
    safe to log: the invalid fields with their error types, or an exception's class and the line
    that raised it; never a value. ``owner`` is the owner of the record (a partner's id, or the
    process of a transaction), "" if it is unknown.
    """

    code = "record_fault"
    retryable = True

    def __init__(self, record: str, reason: str, *, owner: str = "") -> None:
        super().__init__(f"{record} is malformed: {reason}")
        self.record = record
        self.reason = reason
        self.owner = owner


class FileRefused(GridwixError):
    """A file that may not, or cannot, be copied.

    ``fault`` is the reason, a ``gridwix.models.files.FileFault``.
    """

    code = "file_refused"

    def __init__(self, fault: str) -> None:
        super().__init__(fault)
        self.fault = fault


class UpstreamError(GridwixError):
    """Base of the errors of Wix, Trading Grid and AWS: an unsuccessful response, or no response.

    ``system`` is the called system: ``"wix"``, ``"trading_grid"`` or ``"aws"``. ``status`` is the
    HTTP status (0 without a response). ``vendor_code`` is the vendor's own code, such as
    ``WDE0074`` or ``cursor-expired``. ``request_id`` identifies the request for the vendor's
    support.
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
    """No usable response: 5xx, timeout or broken connection.

    ``ambiguous`` is true if the request may have been carried out all the same (timeout, connection
    lost after sending), so a retry has to be idempotent.
    """

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
        super().__init__(
            message,
            system=system,
            status=status,
            vendor_code=vendor_code,
            request_id=request_id,
            wait=wait,
        )
        self.ambiguous = ambiguous


class FileUnreachable(Unavailable):
    """A file cannot be downloaded now: its host name does not resolve, or its server fails."""

    code = "file_unreachable"


class Throttled(UpstreamError):
    """Rate limit of a vendor: a 429, or a quota code inside a response of another status."""

    code = "upstream_throttled"
    retryable = True


class Unauthenticated(UpstreamError):
    """The credentials are rejected: a 401, also after fetching a new access token."""

    code = "upstream_unauthenticated"


class Forbidden(UpstreamError):
    """The credentials lack the permission: a 403."""

    code = "upstream_forbidden"


class NotFound(UpstreamError):
    """The record does not exist: a 404, or a 410 of a single record."""

    code = "upstream_not_found"


class UpstreamConflict(UpstreamError):
    """The state of the record forbids the call, or optimistic locking failed: a 409, 412 or 428."""

    code = "upstream_conflict"


class TransactionInFlight(UpstreamConflict):
    """DynamoDB is busy with another transaction on the same item.

    Nothing was written. A retry may succeed; botocore does not retry by itself.

    Source: TransactionConflictException in
    https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_UpdateItem.html.
    """

    retryable = True


class CursorExpired(UpstreamError):
    """The cursor of a list or of the event feed is too old to continue from: a 410."""

    code = "cursor_expired"


class Refused(UpstreamError):
    """The request itself is wrong, so a retry does not help: a 4xx without a class of its own."""

    code = "upstream_refused"
