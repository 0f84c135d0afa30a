"""Probes of the two systems with the configured credentials: one harmless read for each capability."""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from botocore.exceptions import BotoCoreError, ClientError

from gridwix.errors import BudgetExhausted, GridwixError, Unavailable, UpstreamError
from gridwix.models.ids import PartnerId
from ops.connections import Connections

LOOK_BACK = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Finding:
    """The result of a probe. ``found`` says what was seen if the capability works, else why it does not. It holds no secret and no record's content.

    ``cause`` is equal for findings that one thing has brought about; "" if nothing else can have the same cause. ``skipped``: it could not be looked at, which
    says nothing about whether it works.
    """

    system: str
    capability: str
    works: bool
    found: str
    cause: str = ""
    skipped: bool = False

    @property
    def is_fault(self) -> bool:
        return not self.works and not self.skipped


type Probe = tuple[str, str, Callable[[], str]]
"""The system, the capability, and a read that returns what it saw or raises GridwixError, or botocore's errors."""


class Once[T]:
    """A read that several probes need and one makes: the others wait for its result, or get its error. Any number of threads may call it."""

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
    """The finding of a probe. A site's call budget that is used up is no fault: the capability was not looked at. Faults of our own code pass through."""
    try:
        return Finding(system, capability, True, probe())
    except BudgetExhausted:
        return Finding(system, capability, False, "not looked at: the functions are using the site's call budget", "budget", skipped=True)
    except GridwixError as error:
        return Finding(system, capability, False, describe_error(error), cause_of(error))
    except ClientError as error:
        code = error.response.get("Error", {}).get("Code", "")
        return Finding(system, capability, False, f"AWS: {error}", f"AWS: {code} for {error.operation_name}")
    except BotoCoreError as error:
        return Finding(system, capability, False, f"AWS: {error}", f"AWS: {error}")


def describe_error(error: GridwixError) -> str:
    """An error with its code, which the runbook explains; findings of our own have none."""
    return str(error) if error.code == GridwixError.code else f"{error.code}: {error}"


def cause_of(error: GridwixError) -> str:
    """What an error has in common with others of the same cause: all but the operation that ran into it."""
    if isinstance(error, Unavailable) and error.status == 0:
        return f"{error.code}: no answer"
    reason = str(error)
    if isinstance(error, UpstreamError):
        # The operation stands before the first colon; what a server says of one record has none of its own.
        reason = reason.partition(": ")[2] or reason
    return reason if error.code == GridwixError.code else f"{error.code}: {reason}"


def trading_grid_probes(connections: Connections) -> list[Probe]:
    """The probes of Trading Grid: one page at most of anything that grows."""
    directory, community, lens = connections.directory, connections.community, connections.lens
    now = datetime.now(UTC)
    since = now - LOOK_BACK
    company = connections.settings.trading_grid_company_id
    first_page = Once(lambda: community.partner_ids(None)[0])

    def one() -> list[PartnerId]:
        return list(first_page()[:1])

    return [
        ("Trading Grid", "partner directory", lambda: format_count(len(directory.partner_directory(company)), "partner")),
        ("Trading Grid", "partners", lambda: format_count(len(first_page()), "partner") + " on the first page"),
        ("Trading Grid", "onboarding programs", lambda: format_count(len(community.programs().records), "program")),
        ("Trading Grid", "enrollments", lambda: format_count(len(community.enrollments(one()).records), "enrollment") + " of one partner"),
        ("Trading Grid", "compliance checks", lambda: format_count(len(community.compliance_checks(one()).records), "check") + " of one partner"),
        ("Trading Grid", "cases", lambda: format_count(len(community.open_cases(one()).records), "open case") + " of one partner"),
        ("Trading Grid", "service notices", lambda: format_count(len(community.notices().records), "notice")),
        ("Trading Grid", "collaboration requests", lambda: format_count(len(community.sent_ids(None)[0]), "request") + " from the portal on the first page"),
        ("Trading Grid", "documents", lambda: format_count(len(community.documents_of(one()).records), "document") + " of one partner"),
        (
            "Trading Grid",
            "transactions (Lens)",
            lambda: format_count(len(lens.changed(since, now).records), "entry", "entries") + " of the last hour",
        ),
        ("Trading Grid", "event feed", lambda: "has a head" if community.head() else "is empty"),
    ]


def format_count(number: int, noun: str, plural: str | None = None) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {plural or noun + 's'}"
