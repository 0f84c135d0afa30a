"""Probes of Trading Grid: one harmless read per capability, with the configured credentials."""

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from gridwix.clients.trading_grid.directory import DirectoryClient
from gridwix.clients.trading_grid.directory_entries import DirectoryPartner
from gridwix.errors import (
    BudgetExhausted,
    Forbidden,
    GridwixError,
    NotFound,
    Unavailable,
    UpstreamError,
)
from gridwix.models.ids import PartnerId
from gridwix.models.listings import Listing
from gridwix.models.trading_grid.notices import ServiceNotice
from ops.connections import Connections
from ops.unclosed_notices import unclosed_notices, unclosed_sentence

USERS_OF_PARTNERS = "users of partners"
"""The capability to read the users of partners in OpenText's directory."""

LOOK_BACK = timedelta(hours=1)
"""Period that the probe of the transaction search asks for."""


@dataclass(frozen=True, slots=True)
class Finding:
    """The result of a probe: whether a capability of a system works, and why it does not.

    ``found`` describes the capability if it works, else the fault. It contains no secret and no
    content of a record. ``cause`` is equal for findings with one common cause; "" if there can be
    none. ``skipped``: the capability was not checked. ``absent``: the capability is off or has no
    source, which is no fault. ``error`` is the error that the probe raised, None if it raised none.
    """

    system: str
    capability: str
    works: bool
    found: str
    cause: str = ""
    skipped: bool = False
    absent: bool = False
    error: GridwixError | None = field(default=None, compare=False, repr=False)

    @property
    def is_fault(self) -> bool:
        return not self.works and not self.skipped and not self.absent


class NotChecked(GridwixError):
    """Raised by a probe that could not check its capability, which is no fault of the capability.

    The message says why. The finding counts as skipped.
    """


class WithoutSource(GridwixError):
    """Raised by a probe of a part of the portal that has no data source, or that is off.

    The finding is listed, but is no fault.
    """


type Probe = tuple[str, str, Callable[[], str]]
"""The system, the capability, and a read that returns a description, or raises GridwixError or
botocore's errors.
"""


class SharedRead[T]:
    """A read that several probes share: it runs once, and each caller gets its result or error.

    Thread-safe.
    """

    def __init__(self, read: Callable[[], T]) -> None:
        self._read = read
        self._lock = threading.Lock()
        self._result: list[T] = []
        self._error: GridwixError | None = None

    def __call__(self) -> T:
        with self._lock:
            if self._error is not None:
                raise self._error
            if not self._result:
                try:
                    self._result.append(self._read())
                except GridwixError as error:
                    self._error = error
                    raise
            return self._result[0]


def run_probe(system: str, capability: str, probe: Callable[[], str]) -> Finding:
    """Run a probe and return its finding. Programming errors are raised.

    An exhausted call budget is no fault: the capability is skipped.
    """
    try:
        return Finding(system, capability, True, probe())
    except BudgetExhausted:
        return Finding(
            system,
            capability,
            False,
            "not checked: the functions are using the site's call budget",
            "budget",
            skipped=True,
        )
    except NotChecked as error:
        return Finding(system, capability, False, str(error), "not checked", skipped=True)
    except WithoutSource as error:
        return Finding(system, capability, False, str(error), absent=True)
    except GridwixError as error:
        return Finding(
            system, capability, False, describe_error(error), cause_of(error), error=error
        )
    except ClientError as error:
        code = error.response.get("Error", {}).get("Code", "")
        return Finding(
            system, capability, False, f"AWS: {error}", f"AWS: {code} for {error.operation_name}"
        )
    except BotoCoreError as error:
        return Finding(system, capability, False, f"AWS: {error}", f"AWS: {error}")


def describe_error(error: GridwixError) -> str:
    """Return the text of an error with its code, under which the runbook explains the error.

    Errors of the command itself have no code.
    """
    return str(error) if error.code == GridwixError.code else f"{error.code}: {error}"


def cause_of(error: GridwixError) -> str:
    """Return the cause of an error, which is equal for errors with the same cause.

    It is the error's code and text, without the operation that failed.
    """
    if isinstance(error, Unavailable) and error.status == 0:
        return f"{error.code}: no answer"
    reason = str(error)
    if isinstance(error, UpstreamError):
        # The operation ends at the first colon. A message about a single record has no colon.
        reason = reason.partition(": ")[2] or reason
    return reason if error.code == GridwixError.code else f"{error.code}: {reason}"


def trading_grid_probes(connections: Connections) -> list[Probe]:
    """Return the probes of Trading Grid. Each reads at most one page of a list that can grow."""
    directory, community, lens = connections.directory, connections.community, connections.lens
    now = datetime.now(UTC)
    since = now - LOOK_BACK
    company = connections.settings.trading_grid_company_id
    listed = SharedRead(lambda: directory.partner_directory(company))
    first_page = SharedRead(lambda: community.partner_ids(None)[0])

    def first_partner() -> list[PartnerId]:
        return list(first_page()[:1])

    return [
        (
            "Trading Grid",
            "partner directory",
            lambda: format_count(len(listed()), "partner"),
        ),
        (
            "Trading Grid",
            USERS_OF_PARTNERS,
            lambda: _describe_users(directory, listed()),
        ),
        (
            "Trading Grid",
            "partners",
            lambda: format_count(len(first_page()), "partner") + " on the first page",
        ),
        (
            "Trading Grid",
            "onboarding programs",
            lambda: _count_records(community.programs(), "program"),
        ),
        (
            "Trading Grid",
            "enrollments",
            lambda: (
                _count_records(community.enrollments(first_partner()), "enrollment")
                + " of one partner"
            ),
        ),
        (
            "Trading Grid",
            "compliance checks",
            lambda: (
                _count_records(community.compliance_checks(first_partner()), "check")
                + " of one partner"
            ),
        ),
        (
            "Trading Grid",
            "cases",
            lambda: (
                _count_records(community.open_cases(first_partner()), "open case")
                + " of one partner"
            ),
        ),
        (
            "Trading Grid",
            "service notices",
            lambda: describe_notices(community.notices(), now),
        ),
        (
            "Trading Grid",
            "collaboration requests",
            lambda: (
                format_count(len(community.sent_ids(None)[0]), "request")
                + " from the portal on the first page"
            ),
        ),
        (
            "Trading Grid",
            "documents",
            lambda: (
                _count_records(community.documents_of(first_partner()), "document")
                + " of one partner"
            ),
        ),
        (
            "Trading Grid",
            "transactions (Lens)",
            lambda: (
                format_count(len(lens.changed_entries(since, now).records), "entry", "entries")
                + " of the last hour"
            ),
        ),
        ("Trading Grid", "event feed", lambda: "has a head" if community.head() else "is empty"),
    ]


def _describe_users(directory: DirectoryClient, partners: Sequence[DirectoryPartner]) -> str:
    """Return a text with the number of one partner's users in OpenText's directory.

    Raises WithoutSource if the users cannot be read. That is no fault: whether a hub may read them
    depends on the tenant, and people can come from a file.
    """
    if not partners:
        return "there is no partner yet"
    try:
        users = directory.company_users(partners[0].company_id)
    except (Forbidden, NotFound):
        raise WithoutSource(
            "the consumer key may not read them, so `gridwix people import --from-directory` has"
            " nobody to import: ask OpenText to entitle it, or import a file"
        ) from None
    return format_count(len(users), "user") + " of one partner"


def _count_records(listing: Listing[Any], noun: str) -> str:
    """Return the number of records in a listing, with a noun.

    Raises RecordFault if the listing has an unreadable record.
    """
    if listing.faults:
        raise listing.faults[0]
    return format_count(len(listing.records), noun)


def describe_notices(listing: Listing[ServiceNotice], now: datetime) -> str:
    """Return a text with the number of service notices, and of those that are open after their end.

    Open notices are no fault of the stack, so they fail no deployment.
    """
    counted = _count_records(listing, "notice")
    unclosed = unclosed_notices(listing.records, now)
    return f"{counted}. {unclosed_sentence(unclosed)}" if unclosed else counted


def format_count(number: int, noun: str, plural: str | None = None) -> str:
    """Return a number with its noun, in singular or plural.

    >>> format_count(1, "index", "indexes"), format_count(3, "partner")
    ('1 index', '3 partners')
    """
    return f"{number} {noun}" if number == 1 else f"{number} {plural or noun + 's'}"
