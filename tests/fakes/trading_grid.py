"""Trading Grid in memory: the current state of each record, its history, and a feed."""

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import batched
from threading import Lock

from gridwix.errors import CursorExpired, RecordFault
from gridwix.models.ids import PartnerId
from gridwix.models.listings import Listing, ListPage
from gridwix.models.trading_grid.cases import Case
from gridwix.models.trading_grid.comments import Comment
from gridwix.models.trading_grid.compliance import ComplianceCheck
from gridwix.models.trading_grid.entities import Entity
from gridwix.models.trading_grid.event_feed import EventPage
from gridwix.models.trading_grid.notices import ServiceNotice
from gridwix.models.trading_grid.onboarding import Enrollment, OnboardingProgram
from gridwix.models.trading_grid.partners import Partner
from gridwix.models.trading_grid.requests import CollaborationRequest
from gridwix.status_publisher.projection import OPEN_CASE_STATUSES, PartnerRecords
from tests.factories import NOW


@dataclass
class FakeTradingGrid:
    """Implements ``CommunityReader``, ``RecordLists``, ``NoticeReader``, ``RequestLists`` and
    ``EventFeed``. ``said`` are the comments by case, ``asked`` those by request; ``asked`` None: a
    gateway without comments on requests.

    ``lag`` says how many versions old the answer about a record is (0: current). ``faults`` are the
    records that cannot be read, by name.
    """

    past: dict[str, list[Entity]] = field(default_factory=dict)
    said: dict[str, list[Comment]] = field(default_factory=dict)
    asked: dict[str, list[Comment]] | None = field(default_factory=dict)
    events: list[dict[str, object]] = field(default_factory=list)
    kept_from: int = 0
    lag: Callable[[str], int] = lambda _: 0
    faults: dict[str, str] = field(default_factory=dict)
    calls: int = 0
    page_size: int = 2
    _lock: Lock = field(default_factory=Lock)

    def put(self, *entities: Entity) -> None:
        for entity in entities:
            self.past.setdefault(entity.record, []).append(entity)

    def forget(self, name: str) -> None:
        del self.past[name]

    def current(self, partner_id: PartnerId) -> PartnerRecords:
        newest = [entities[-1] for entities in self.past.values()]
        return PartnerRecords(
            next(e for e in newest if isinstance(e, Partner) and e.partner_id == partner_id),
            [e for e in newest if isinstance(e, Enrollment) and e.partner_id == partner_id],
            [e for e in newest if isinstance(e, ComplianceCheck) and e.partner_id == partner_id],
            [e for e in newest if isinstance(e, Case) and e.partner_id == partner_id],
        )

    def partners(self, ids: Collection[PartnerId]) -> Listing[Partner]:
        return self._answer(Partner, ids)

    def enrollments(self, partner_ids: Collection[PartnerId]) -> Listing[Enrollment]:
        return self._answer(Enrollment, partner_ids)

    def compliance_checks(self, partner_ids: Collection[PartnerId]) -> Listing[ComplianceCheck]:
        return self._answer(ComplianceCheck, partner_ids)

    def open_cases(self, partner_ids: Collection[PartnerId]) -> Listing[Case]:
        return self._answer(Case, partner_ids).filter(
            lambda case: case.status in OPEN_CASE_STATUSES
        )

    def cases(self, partner_ids: Collection[PartnerId]) -> Listing[Case]:
        return self._answer(Case, partner_ids)

    def comments(self, case_id: str) -> Listing[Comment]:
        self.calls += 1
        return Listing(self.said.get(case_id, []))

    def request_comments(self, request_id: str) -> Listing[Comment] | None:
        self.calls += 1
        return None if self.asked is None else Listing(self.asked.get(request_id, []))

    def notices(self) -> Listing[ServiceNotice]:
        return self._answer(ServiceNotice)

    def every_partner(self) -> Listing[Partner]:
        return self._answer(Partner)

    def partner_pages(self) -> Iterator[Listing[Partner]]:
        listing = self._answer(Partner)
        for some in batched(listing.records, self.page_size, strict=False):
            yield Listing(some)
        yield Listing((), listing.faults)

    def partner_page(self, since: datetime | None, cursor: str | None) -> ListPage[Partner]:
        """All partners, whenever they were updated."""
        del since
        listing = self._answer(Partner)
        start = int(cursor or 0)
        following = start + self.page_size
        rest = following < len(listing.records)
        return ListPage(
            Listing(listing.records[start:following], () if rest else listing.faults),
            str(following) if rest else None,
            NOW,
        )

    def programs(self) -> Listing[OnboardingProgram]:
        return self._answer(OnboardingProgram)

    def record(self, record: str) -> Entity | None:
        self.calls += 1
        if record in self.faults and record in self.past:
            raise self._fault(record)
        return self._seen(record) if record in self.past else None

    def partner_ids(self, page: str | None) -> tuple[Sequence[PartnerId], str | None]:
        self.calls += 1
        ids = sorted(
            PartnerId(entities[-1].id)
            for entities in self.past.values()
            if isinstance(entities[-1], Partner)
        )
        start = int(page or 0)
        following = start + self.page_size
        return ids[start:following], str(following) if following < len(ids) else None

    def owned_ids(
        self, collection: str, page: str | None
    ) -> tuple[Sequence[tuple[PartnerId, str]], str | None]:
        self.calls += 1
        entities = [
            entities[-1]
            for name, entities in self.past.items()
            if name.startswith(f"{collection}/")
        ]
        owned = sorted((e.partner_id, e.id) for e in entities if isinstance(e, Case | Enrollment))
        start = int(page or 0)
        following = start + self.page_size
        return owned[start:following], str(following) if following < len(owned) else None

    def sent_ids(self, page: str | None) -> tuple[Sequence[tuple[str, str]], str | None]:
        self.calls += 1
        newest = [entities[-1] for entities in self.past.values()]
        sent = sorted(
            (e.id, e.source_submission_id)
            for e in newest
            if isinstance(e, CollaborationRequest) and e.source_submission_id
        )
        start = int(page or 0)
        following = start + self.page_size
        return sent[start:following], str(following) if following < len(sent) else None

    def head(self) -> str:
        self.calls += 1
        return str(len(self.events))

    def read_events(self, cursor: str | None, limit: int) -> EventPage:
        self.calls += 1
        start = self.kept_from if cursor is None else int(cursor)
        if start < self.kept_from:
            raise CursorExpired(system="trading_grid", status=410, vendor_code="cursor-expired")
        end = min(start + min(limit, self.page_size), len(self.events))
        return EventPage(
            items=tuple(self.events[start:end]),
            next_cursor=str(end),
            has_more=end < len(self.events),
        )

    def _answer[E: Entity](
        self, model: type[E], partner_ids: Collection[PartnerId] | None = None
    ) -> Listing[E]:
        with self._lock:
            self.calls += 1
        seen = {name: entity for name in self.past if isinstance(entity := self._seen(name), model)}
        found = {
            name: entity
            for name, entity in seen.items()
            if partner_ids is None or owner_of(entity) in partner_ids
        }
        return Listing(
            [entity for name, entity in found.items() if name not in self.faults],
            [
                self._fault(name, owner_of(entity) or "")
                for name, entity in found.items()
                if name in self.faults
            ],
        )

    def _fault(self, name: str, owner: str = "") -> RecordFault:
        return RecordFault(name, self.faults[name], owner=owner)

    def _seen(self, name: str) -> Entity | None:
        entities = self.past[name]
        position = len(entities) - 1 - self.lag(name)
        return entities[position] if position >= 0 else None


def owner_of(entity: Entity) -> str | None:
    """Return the partner of a record; None for a record of the hub."""
    owner: str | None = getattr(entity, "partner_id", None)
    return owner
