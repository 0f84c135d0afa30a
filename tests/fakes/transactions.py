"""The Lens search, the known exceptions and the case desk in memory."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from gridwix.errors import Refused, Unavailable, UpstreamConflict
from gridwix.models.ids import PartnerId
from gridwix.models.listings import Listing
from gridwix.models.trading_grid.cases import Case, NewCase, TransactionRef
from gridwix.models.transactions import LensEntry
from tests.factories import NOW, case


@dataclass
class FakeLens:
    """Implements ``TransactionSearch``. An entry is found once it is ``shown``."""

    now: Callable[[], datetime] = lambda: NOW
    entries: dict[str, LensEntry] = field(default_factory=dict)
    shown: dict[str, datetime] = field(default_factory=dict)
    calls: int = 0

    def put(self, entry: LensEntry, *, shown: datetime | None = None) -> None:
        self.entries[entry.transaction_id] = entry
        self.shown[entry.transaction_id] = shown or self.shown.get(entry.transaction_id, self.now())

    def changed_entries(self, since: datetime, until: datetime) -> Listing[LensEntry]:
        self.calls += 1
        found = [
            entry
            for entry in self._visible()
            if entry.status_date is not None and since <= entry.status_date <= until
        ]
        return Listing(
            found
            + [
                entry
                for entry in self._visible()
                if entry.fa_status_date is not None and since <= entry.fa_status_date <= until
            ]
        )

    def entries_of(self, processes: Collection[str]) -> Listing[LensEntry]:
        self.calls += 1
        return Listing([entry for entry in self._visible() if entry.process in processes])

    def _visible(self) -> list[LensEntry]:
        return [entry for name, entry in self.entries.items() if self.shown[name] <= self.now()]


@dataclass
class FakeKnownExceptions:
    """Implements ``KnownExceptions``. ``fails`` recordings fail after half of the work."""

    kinds: dict[str, str] = field(default_factory=dict)
    fails: int = 0

    def read_states(self, processes: Collection[str]) -> Mapping[str, str]:
        return {process: self.kinds[process] for process in processes if process in self.kinds}

    def record(self, exceptions: Mapping[str, str], *, at: float) -> None:
        if self.fails:
            self.fails -= 1
            self.kinds |= dict(list(exceptions.items())[: len(exceptions) // 2])
            raise Unavailable(system="aws")
        self.kinds |= exceptions


@dataclass
class FakeDirectory:
    """Implements ``PartnerDirectory``."""

    partners: dict[str, str] = field(default_factory=dict)
    standards: dict[str, str] = field(default_factory=dict)
    """Return the standards of some addresses; the others accept any."""
    calls: int = 0

    def partner_with(self, trading_address: str, standard: str | None = None) -> PartnerId | None:
        self.calls += 1
        found = self.partners.get(trading_address)
        other = standard is not None and self.standards.get(trading_address, standard) != standard
        return None if found is None or other else PartnerId(found)


@dataclass
class FakeCaseDesk:
    """Implements ``CaseWriter``, with its idempotency keys.

    A list is ``lag`` writes behind; ``lose`` loses the answers of that many writes.
    """

    stored: dict[str, Case] = field(default_factory=dict)
    keys: dict[str, tuple[NewCase, str]] = field(default_factory=dict)
    past: list[dict[str, Case]] = field(default_factory=list)
    lag: int = 0
    lose: int = 0
    writes: int = 0

    def cases(self, partner_ids: Collection[PartnerId]) -> Listing[Case]:
        seen = self.past[-self.lag] if 0 < self.lag <= len(self.past) else self.stored
        return Listing([known for known in seen.values() if known.partner_id in partner_ids])

    def create_case(self, new: NewCase, key: str) -> Case:
        if key in self.keys:
            before, identifier = self.keys[key]
            if before != new:
                raise Refused(
                    system="trading_grid", status=422, vendor_code="idempotency-key-reused"
                )
            return self._answer(self.stored[identifier])
        identifier = f"case_{len(self.stored) + 1}"
        self.keys[key] = (new, identifier)
        fields = new.model_dump(by_alias=True, exclude_none=True)
        return self._write(
            case(identifier, **{**fields, "number": f"TG-{len(self.stored) + 1}", "status": "new"})
        )

    def put_transaction(self, case_id: str, reference: TransactionRef) -> Case:
        known = self.stored[case_id]
        if known.status in ("closed", "cancelled"):
            raise UpstreamConflict(
                system="trading_grid", status=409, vendor_code="invalid-transition"
            )
        others = tuple(
            ref for ref in known.transaction_refs if ref.correlation_id != reference.correlation_id
        )
        return self._write(
            known.model_copy(
                update={"version": known.version + 1, "transaction_refs": (*others, reference)}
            )
        )

    def close(self, case_id: str) -> None:
        self._write(self.stored[case_id].model_copy(update={"status": "closed"}))

    def _write(self, changed: Case) -> Case:
        self.writes += 1
        self.past.append(dict(self.stored))
        self.stored[changed.id] = changed
        return self._answer(changed)

    def _answer(self, answer: Case) -> Case:
        if self.lose:
            self.lose -= 1
            raise Unavailable(system="trading_grid", ambiguous=True)
        return answer
