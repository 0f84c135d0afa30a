"""Use case 3: a transaction exception opens a case in Trading Grid, or joins the one that is open for the same reason."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from gridwix.case_opener.ports import CaseDesk, PartnerDirectory
from gridwix.configuration.everything import Configuration
from gridwix.errors import GridwixError, InvalidEvent, SourceBehind, UnknownPartner
from gridwix.mapping.case_rules import case_idempotency_key, case_with_transaction, joinable_case, matching_rule, new_case, transaction_ref
from gridwix.mapping.record_faults import confine_to_record
from gridwix.mapping.statuses import SETTLED_CASE_STATUSES
from gridwix.mapping.texts import Texts
from gridwix.mapping.transactions import group_by_process, transaction_exception
from gridwix.models.events import Change
from gridwix.models.ids import PartnerId
from gridwix.models.listings import Listing, first_fault_by_owner
from gridwix.models.trading_grid.cases import Case
from gridwix.models.transactions import Direction, LensEntry, TransactionException
from gridwix.ports import TransactionSearch

RECORD = "transactions"


@dataclass(slots=True)
class CaseReport:
    """What became of a batch: how many cases were ``opened``, how many exceptions joined one (``joined``) or had their entry in one brought up to date
    (``updated``), how many needed nothing (``unchanged``). ``failures`` says by event id why a change is not done; ``unknown`` counts document types that
    have no label."""

    opened: int = 0
    joined: int = 0
    updated: int = 0
    unchanged: int = 0
    failures: dict[str, GridwixError] = field(default_factory=dict)
    unknown: Counter[str] = field(default_factory=Counter)


class CaseOpener:
    """Has the cases in Trading Grid say what its Lens search says of each transaction that a batch names.

    Nothing is remembered here: whether a transaction has its case is seen from the partner's cases. So an event that comes twice, late or out of order changes
    nothing, and neither does a crash after the call. Two workers that open a case for the same reason at the same time do so under the same idempotency key.
    """

    def __init__(self, search: TransactionSearch, directory: PartnerDirectory, desk: CaseDesk, configuration: Configuration) -> None:
        self._search = search
        self._directory = directory
        self._desk = desk
        self._rules = configuration.case_rules
        self._configuration = configuration

    def handle(self, changes: Sequence[Change]) -> CaseReport:
        """Bring the cases up to date. Raises UpstreamError if Lens or the list of cases cannot be read; then nothing was changed.

        That a process is over is not believed while one of its entries cannot be read. An exception of a partner with a case that cannot be read waits: it may
        belong to that case.
        """
        report, texts = CaseReport(), Texts(self._configuration)
        events: defaultdict[str, list[str]] = defaultdict(list)
        for change in changes:
            collection, _, process = change.record.partition("/")
            if collection == RECORD:
                events[process].append(change.event_id)
            else:
                report.failures[change.event_id] = InvalidEvent("subject")
        of_partner = self._by_partner(events, report)
        cases: defaultdict[PartnerId, list[Case]] = defaultdict(list)
        listing = self._desk.cases(list(of_partner)) if of_partner else Listing[Case]()
        faults = first_fault_by_owner(listing.faults)
        for case in listing.records:
            cases[case.partner_id].append(case)
        for partner_id, exceptions in of_partner.items():
            for exception, direction in exceptions:
                try:
                    if partner_id in faults:
                        raise faults[partner_id]
                    with confine_to_record(f"{RECORD}/{exception.correlation_id}", partner_id):
                        self._settle(partner_id, exception, direction, cases[partner_id], texts, report)
                except GridwixError as error:
                    report.failures.update(dict.fromkeys(events[exception.correlation_id], error))
        report.unknown += texts.unknown
        return report

    def _by_partner(self, events: Mapping[str, Sequence[str]], report: CaseReport) -> Mapping[PartnerId, Sequence[tuple[TransactionException, Direction]]]:
        """What is wrong with each process, and whose it is."""
        listing = self._search.of(list(events)) if events else Listing[LensEntry]()
        groups, faults = group_by_process(listing.records), first_fault_by_owner(listing.faults)
        partners: dict[tuple[str, str | None], PartnerId | None] = {}
        found: defaultdict[PartnerId, list[tuple[TransactionException, Direction]]] = defaultdict(list)
        for process, event_ids in events.items():
            try:
                if process not in groups:
                    raise faults.get(process) or SourceBehind()
                with confine_to_record(f"{RECORD}/{process}"):
                    exception = transaction_exception(groups[process], self._rules.ignored_error_codes)
                    if exception.kind is None and process in faults:
                        raise faults[process]
                    partner_id, direction = self._owner(exception, partners)
            except GridwixError as error:
                report.failures.update(dict.fromkeys(event_ids, error))
            else:
                found[partner_id].append((exception, direction))
        return found

    def _owner(self, exception: TransactionException, partners: dict[tuple[str, str | None], PartnerId | None]) -> tuple[PartnerId, Direction]:
        """The trading partner, which is the sender or the receiver: the other one is the hub. Raises UnknownPartner."""
        for address, direction in ((exception.sender_address, Direction.INBOUND), (exception.receiver_address, Direction.OUTBOUND)):
            asked = (address or "", exception.standard)
            if address and asked not in partners:
                partners[asked] = self._directory.partner_with(address, exception.standard)
            partner_id = partners.get(asked)
            if partner_id is not None:
                return partner_id, direction
        raise UnknownPartner

    def _settle(
        self, partner_id: PartnerId, exception: TransactionException, direction: Direction, cases: list[Case], texts: Texts, report: CaseReport
    ) -> None:
        """``cases`` are all of the partner's, and are kept as they become."""
        wanted = transaction_ref(exception, direction)
        held = case_with_transaction(cases, exception.correlation_id)
        if held is not None:
            case, said = held
            settled = case.status in SETTLED_CASE_STATUSES
            if said == wanted or (settled and said.exception == wanted.exception):
                report.unchanged += 1
                return
            if not settled:
                self._keep(cases, self._desk.put_transaction(case.id, wanted))
                report.updated += 1
                return
        if exception.kind is None:
            report.unchanged += 1
            return
        rule = matching_rule(exception, direction, self._rules.rules)
        case_to_join = joinable_case(cases, rule, exception.po_number)
        if case_to_join is not None:
            self._keep(cases, self._desk.put_transaction(case_to_join.id, wanted))
            report.joined += 1
            return
        key = case_idempotency_key(partner_id, rule, exception, cases)
        self._keep(cases, self._desk.create_case(new_case(partner_id, rule, exception, direction, texts), key))
        report.opened += 1

    def _keep(self, cases: list[Case], case: Case) -> None:
        cases[:] = [*(other for other in cases if other.id != case.id), case]
