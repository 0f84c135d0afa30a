"""Use case 3: opens a case for a transaction exception, or adds the exception to an open case."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache

from gridwix.case_opener.ports import CaseWriter, PartnerDirectory
from gridwix.configuration.everything import Configuration
from gridwix.errors import GridwixError, InvalidEvent, SourceBehind, UnknownPartner
from gridwix.mapping.case_rules import (
    case_idempotency_key,
    case_with_transaction,
    joinable_case,
    matching_rule,
    new_case,
    transaction_ref,
)
from gridwix.mapping.record_faults import confine_to_record
from gridwix.mapping.statuses import SETTLED_CASE_STATUSES
from gridwix.mapping.texts import Texts
from gridwix.mapping.transactions import group_by_process, transaction_exception
from gridwix.models.events import Change
from gridwix.models.ids import PartnerId
from gridwix.models.listings import Listing, first_fault_by_owner
from gridwix.models.reports import Addable
from gridwix.models.trading_grid.cases import Case
from gridwix.models.transactions import Direction, LensEntry, TransactionException
from gridwix.ports import TransactionSearch

RECORD = "transactions"


@dataclass(frozen=True, slots=True)
class CaseReport(Addable):
    """Report of a batch of transaction exceptions.

    ``opened`` is the number of exceptions that opened a case, ``joined`` of those that were added
    to an existing case, ``updated`` of those with an updated entry in a case, and ``unchanged`` of
    those that needed no call. ``failures`` holds, by event id, the error of each event that has to
    be retried. ``unknown`` counts codes that have no configured label.
    """

    opened: int = 0
    joined: int = 0
    updated: int = 0
    unchanged: int = 0
    failures: Mapping[str, GridwixError] = field(default_factory=dict)
    unknown: Counter[str] = field(default_factory=Counter)


@dataclass(frozen=True, slots=True)
class _ExaminedProcesses:
    """Result of reading a batch's transactions from Lens, Trading Grid's transaction search.

    ``exceptions`` has, by trading partner, what is wrong with each transaction that could be read,
    and the transaction's direction. Transactions in order are included: ``kind`` is None there.
    ``report`` holds the events that have to be retried, because their transaction could not be
    read, or belongs to no known partner.
    """

    exceptions: Mapping[PartnerId, Sequence[tuple[TransactionException, Direction]]]
    report: CaseReport


@dataclass(frozen=True, slots=True)
class _Settlement:
    """Result of updating the cases for one transaction exception.

    ``case`` is the case that was opened or updated; None if no case needed a change.
    """

    report: CaseReport
    case: Case | None = None


class CaseOpener:
    """Opens and updates cases so that they agree with the transactions in Lens. Idempotent.

    Lens is Trading Grid's transaction search. The opener itself stores nothing: the partner's cases
    show whether a transaction has a case. So an event that arrives twice, late or out of order does
    no harm, and neither does a crash after a case was written. Two workers that open a case for the
    same reason at the same time use the same idempotency key.
    """

    def __init__(
        self,
        search: TransactionSearch,
        directory: PartnerDirectory,
        cases: CaseWriter,
        configuration: Configuration,
    ) -> None:
        self._search = search
        self._directory = directory
        self._cases = cases
        self._rules = configuration.case_rules
        self._configuration = configuration

    def handle(self, changes: Sequence[Change]) -> CaseReport:
        """Open and update the cases of all transactions that ``changes`` name.

        Returns a report with counts and, in ``failures``, the events to retry. Among these are
        events about a transaction that has an unreadable entry in Lens (Trading Grid's transaction
        search) and no exception in its other entries, and events about a transaction of a partner
        that has an unreadable case, which may be the transaction's case.

        Raises UpstreamError if Lens or the list of cases cannot be read; then no case was changed.
        """
        texts = Texts(self._configuration)
        events: defaultdict[str, list[str]] = defaultdict(list)
        invalid: dict[str, GridwixError] = {}
        for change in changes:
            collection, _, process = change.record.partition("/")
            if collection == RECORD:
                events[process].append(change.event_id)
            else:
                invalid[change.event_id] = InvalidEvent("subject", f"is not of {RECORD}")
        examined = self._examine_processes(events)
        settled = self._settle_exceptions(examined.exceptions, events, texts)
        return (
            CaseReport(failures=invalid)
            + examined.report
            + settled
            + CaseReport(unknown=texts.unknown)
        )

    def _examine_processes(self, events: Mapping[str, Sequence[str]]) -> _ExaminedProcesses:
        """Read transactions from Lens, and group their exceptions by trading partner.

        ``events`` has the ids of the events that name a transaction, by the transaction's
        correlation id.
        """
        listing = self._search.entries_of(list(events)) if events else Listing[LensEntry]()
        groups, faults = group_by_process(listing.records), first_fault_by_owner(listing.faults)
        # The processes of a batch share few addresses, so each is looked up once.
        look_up = cache(self._directory.partner_with)
        found: defaultdict[PartnerId, list[tuple[TransactionException, Direction]]] = defaultdict(
            list
        )
        failures: dict[str, GridwixError] = {}
        for process, event_ids in events.items():
            try:
                if process not in groups:
                    raise faults.get(process) or SourceBehind(
                        f"process {process} is not in Lens yet: it is read again"
                    )
                with confine_to_record(f"{RECORD}/{process}"):
                    exception = transaction_exception(
                        groups[process], self._rules.ignored_error_codes
                    )
                    # The entry that cannot be read may be the one that failed.
                    if exception.kind is None and process in faults:
                        raise faults[process]
                    partner_id, direction = _trading_partner(exception, look_up)
            except GridwixError as error:
                failures |= dict.fromkeys(event_ids, error)
            else:
                found[partner_id].append((exception, direction))
        return _ExaminedProcesses(found, CaseReport(failures=failures))

    def _settle_exceptions(
        self,
        exceptions: Mapping[PartnerId, Sequence[tuple[TransactionException, Direction]]],
        events: Mapping[str, Sequence[str]],
        texts: Texts,
    ) -> CaseReport:
        """Update the cases of all exceptions, one after the other, or open new cases.

        Each exception sees the cases as the previous exception left them.

        Args:
            exceptions: The exceptions by trading partner, each with its direction.
            events: Ids of the events about a transaction, by the transaction's correlation id.
            texts: Configured texts and labels.
        """
        listing = self._cases.cases(list(exceptions)) if exceptions else Listing[Case]()
        faults = first_fault_by_owner(listing.faults)
        cases_of: defaultdict[PartnerId, list[Case]] = defaultdict(list)
        for case in listing.records:
            cases_of[case.partner_id].append(case)
        reports = []
        for partner_id, its_exceptions in exceptions.items():
            cases = cases_of[partner_id]
            for exception, direction in its_exceptions:
                try:
                    if partner_id in faults:
                        raise faults[partner_id]
                    with confine_to_record(f"{RECORD}/{exception.correlation_id}", partner_id):
                        settlement = self._settle_exception(
                            partner_id, exception, direction, cases, texts
                        )
                except GridwixError as error:
                    reports.append(
                        CaseReport(failures=dict.fromkeys(events[exception.correlation_id], error))
                    )
                    continue
                reports.append(settlement.report)
                if settlement.case is not None:
                    cases = _with_case(cases, settlement.case)
        return CaseReport.total(reports)

    def _settle_exception(
        self,
        partner_id: PartnerId,
        exception: TransactionException,
        direction: Direction,
        cases: Sequence[Case],
        texts: Texts,
    ) -> _Settlement:
        """Add a transaction exception to the case that it belongs to, or open a case for it.

        Returns a report that counts what was done, with the case that was opened or changed (None
        if no case needed a change).

        Args:
            partner_id: The trading partner.
            exception: The transaction exception; its ``kind`` is None if the transaction recovered.
            direction: Direction of the transaction, from the hub's point of view.
            cases: All cases of the partner.
            texts: Configured texts and labels.
        """
        wanted = transaction_ref(exception, direction)
        held = case_with_transaction(cases, exception.correlation_id)
        if held is not None:
            case, said = held
            closed = case.status in SETTLED_CASE_STATUSES
            # A closed case stays as it is unless the transaction failed again in another way.
            if said == wanted or (closed and said.exception == wanted.exception):
                return _Settlement(CaseReport(unchanged=1))
            # A closed case takes no entries: another failure goes to another case.
            if not closed:
                return _Settlement(
                    CaseReport(updated=1), self._cases.put_transaction(case.id, wanted)
                )
        if exception.kind is None:
            return _Settlement(CaseReport(unchanged=1))
        rule = matching_rule(exception, direction, self._rules.rules)
        case_to_join = joinable_case(cases, rule, exception.po_number)
        if case_to_join is not None:
            return _Settlement(
                CaseReport(joined=1), self._cases.put_transaction(case_to_join.id, wanted)
            )
        key = case_idempotency_key(partner_id, rule, exception, cases)
        return _Settlement(
            CaseReport(opened=1),
            self._cases.create_case(new_case(partner_id, rule, exception, direction, texts), key),
        )


def _trading_partner(
    exception: TransactionException, look_up: Callable[[str, str | None], PartnerId | None]
) -> tuple[PartnerId, Direction]:
    """Return the trading partner of an exception, and the direction of its transaction.

    The partner is the one with the sender's address (inbound), else the one with the receiver's
    (outbound). ``look_up`` returns the partner of an address and a standard. Raises UnknownPartner
    if neither address is a partner's.
    """
    for address, direction in (
        (exception.sender_address, Direction.INBOUND),
        (exception.receiver_address, Direction.OUTBOUND),
    ):
        partner_id = look_up(address, exception.standard) if address else None
        if partner_id is not None:
            return partner_id, direction
    raise UnknownPartner


def _with_case(cases: Iterable[Case], case: Case) -> list[Case]:
    """Return the cases with ``case`` in place of its older version, or added."""
    return [*(other for other in cases if other.id != case.id), case]
