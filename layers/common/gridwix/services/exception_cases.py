"""Use case 3: a transaction exception opens a case in Trading Grid, or joins the one that is open for the same reason."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from gridwix.errors import GridwixError, InvalidEvent, SourceBehind, UnknownPartner, UpstreamError
from gridwix.mapping.case_rules import holder, idempotency_key, joined_by, new_case, reference, rule_for
from gridwix.mapping.labels import Labels
from gridwix.mapping.partner_status import SETTLED_CASE_STATUSES
from gridwix.mapping.transactions import by_process, examine
from gridwix.models.configuration import Configuration
from gridwix.models.events import Change
from gridwix.models.ids import PartnerId
from gridwix.models.trading_grid import Case
from gridwix.models.transactions import Direction, TransactionException
from gridwix.services.ports import CaseDesk, PartnerDirectory, TransactionSearch

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
        self._labels = configuration.labels

    def handle(self, changes: Sequence[Change]) -> CaseReport:
        """Bring the cases up to date. Raises UpstreamError if Lens, the directory or the list of cases cannot be read; then nothing was changed."""
        report, labels = CaseReport(), Labels(self._labels)
        events: defaultdict[str, list[str]] = defaultdict(list)
        for change in changes:
            collection, _, process = change.record.partition("/")
            if collection == RECORD:
                events[process].append(change.event_id)
            else:
                report.failures[change.event_id] = InvalidEvent("subject")
        of_partner = self._by_partner(events, report)
        cases: defaultdict[PartnerId, list[Case]] = defaultdict(list)
        for case in self._desk.cases(list(of_partner)) if of_partner else ():
            cases[case.partner_id].append(case)
        for partner_id, exceptions in of_partner.items():
            for exception, direction in exceptions:
                try:
                    self._settle(partner_id, exception, direction, cases[partner_id], labels, report)
                except UpstreamError as error:
                    report.failures.update(dict.fromkeys(events[exception.correlation_id], error))
        report.unknown += labels.unknown
        return report

    def _by_partner(self, events: Mapping[str, Sequence[str]], report: CaseReport) -> Mapping[PartnerId, Sequence[tuple[TransactionException, Direction]]]:
        """What is wrong with each process, and whose it is."""
        groups = by_process(self._search.of(list(events))) if events else {}
        partners: dict[tuple[str, str | None], PartnerId | None] = {}
        found: defaultdict[PartnerId, list[tuple[TransactionException, Direction]]] = defaultdict(list)
        for process, event_ids in events.items():
            if process not in groups:
                report.failures.update(dict.fromkeys(event_ids, SourceBehind()))
                continue
            exception = examine(groups[process], self._rules.ignored_error_codes)
            owner = self._owner(exception, partners)
            if owner is None:
                report.failures.update(dict.fromkeys(event_ids, UnknownPartner()))
                continue
            found[owner[0]].append((exception, owner[1]))
        return found

    def _owner(self, exception: TransactionException, partners: dict[tuple[str, str | None], PartnerId | None]) -> tuple[PartnerId, Direction] | None:
        """The trading partner, which is the sender or the receiver: the other one is the hub."""
        for address, direction in ((exception.sender_address, Direction.INBOUND), (exception.receiver_address, Direction.OUTBOUND)):
            asked = (address or "", exception.standard)
            if address and asked not in partners:
                partners[asked] = self._directory.partner_with(address, exception.standard)
            partner_id = partners.get(asked)
            if partner_id is not None:
                return partner_id, direction
        return None

    def _settle(
        self, partner_id: PartnerId, exception: TransactionException, direction: Direction, cases: list[Case], labels: Labels, report: CaseReport
    ) -> None:
        """``cases`` are all of the partner's, and are kept as they become."""
        wanted = reference(exception, direction)
        held = holder(cases, exception.correlation_id)
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
        rule = rule_for(exception, direction, self._rules.rules)
        case_to_join = joined_by(cases, rule, exception.po_number)
        if case_to_join is not None:
            self._keep(cases, self._desk.put_transaction(case_to_join.id, wanted))
            report.joined += 1
            return
        key = idempotency_key(partner_id, rule, exception, cases)
        self._keep(cases, self._desk.create_case(new_case(partner_id, rule, exception, direction, labels), key))
        report.opened += 1

    def _keep(self, cases: list[Case], case: Case) -> None:
        cases[:] = [*(other for other in cases if other.id != case.id), case]
