"""The world in which people leave: a site, its members, partners, OpenText's directory, and a
reconciler whose writes can be interrupted.
"""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any, Literal

from pydantic import BaseModel

from gridwix.clients.trading_grid.directory_users import DirectoryUser
from gridwix.configuration.people import Leaving
from gridwix.errors import GridwixError, Unavailable
from gridwix.models.events import Change
from gridwix.models.ids import CollectionId, CompanyId, PartnerId, WixItemId
from gridwix.models.listings import Listing
from gridwix.models.people_runs import PeoplePage, PeopleReport, PersonDeleted
from gridwix.models.portal.collection_ids import PARTNER_INVITATIONS, PARTNER_LINKS
from gridwix.models.reconciliation import RUN_MESSAGE, RunRequest
from gridwix.models.wix import BulkOutcome, DataItem, Page, Refusal
from gridwix.people.leaving import SiteMember
from gridwix.reconciler.member_removal import MemberRemoval, RemovalReport
from gridwix.reconciler.people_ending import AccessEnder
from gridwix.reconciler.people_range import PeopleReader
from gridwix.reconciler.people_records import PeopleRecords
from gridwix.reconciler.people_service import PeopleReconciler
from gridwix.reconciler.people_sources import PeopleSources
from gridwix.reconciler.people_wiring import PeopleServices
from ops.members import link_id
from tests.fakes.people import HUB, NOW, Interrupted
from tests.fakes.reconciliation import FakeDocuments

HOUR = 3600.0

MOST_FAILURES = 100
"""Deliveries of one run that may fail."""


@dataclass
class LeavingRows:
    """Implements ``PeopleRows``: the site's rows in memory. ``calls`` counts reads and writes."""

    interrupted: Interrupted
    rows: dict[tuple[CollectionId, WixItemId], DataItem] = field(default_factory=dict)
    calls: int = 0

    def query_items(
        self,
        collection: CollectionId,
        *,
        filter: Mapping[str, Any] | None = None,  # noqa: A002 - Wix's own word
        sort: Sequence[tuple[str, Literal["ASC", "DESC"]]] = (),
        limit: int,
        offset: int | None = None,
    ) -> Page:
        self.calls += 1
        found = [
            item
            for (name, _), item in self.rows.items()
            if name == collection
            and all(_matches(item.data.get(key), value) for key, value in (filter or {}).items())
        ]
        for key, _ in reversed(sort):
            found.sort(key=lambda item: item.id if key == "_id" else item.data[key])
        start = offset or 0
        return Page(tuple(found[start : start + limit]), None)

    def get_item(self, collection: CollectionId, item_id: WixItemId) -> DataItem | None:
        self.calls += 1
        return self.rows.get((collection, item_id))

    def items_where(self, collection: CollectionId, field: str, value: str) -> Sequence[DataItem]:
        return self.query_items(collection, filter={field: value}, limit=1000).items

    def bulk_set(
        self, collection: CollectionId, changes: Mapping[WixItemId, Mapping[str, Any]]
    ) -> BulkOutcome:
        def write() -> BulkOutcome:
            known = {one for one in changes if (collection, one) in self.rows}
            for one in known:
                data = {**self.rows[collection, one].data, **changes[one]}
                self.rows[collection, one] = DataItem(
                    one, {name: value for name, value in data.items() if value is not None}
                )
            missing = [Refusal(collection, one, "WDE0073", "") for one in changes.keys() - known]
            return BulkOutcome(frozenset(known), tuple(missing))

        self.calls += 1
        return self.interrupted.write(write)

    def bulk_insert(self, collection: CollectionId, items: Sequence[DataItem]) -> BulkOutcome:
        def write() -> BulkOutcome:
            new = {item.id: item for item in items if (collection, item.id) not in self.rows}
            self.rows |= {(collection, one): item for one, item in new.items()}
            known = {item.id for item in items} - new.keys()
            refused = [Refusal(collection, one, "WDE0074", "") for one in known]
            return BulkOutcome(frozenset(new), tuple(refused))

        self.calls += 1
        return self.interrupted.write(write)

    def remove_item(self, collection: CollectionId, item_id: WixItemId) -> DataItem | None:
        self.calls += 1
        return self.interrupted.write(lambda: self.rows.pop((collection, item_id), None))


@dataclass
class LeavingWorld:
    """What the sources say, and what the portal has.

    ``users`` are those of each company; a company in ``unreadable`` cannot be read. ``blocked`` and
    ``members`` are of the site. ``bounced`` are addresses that bounce; None if Wix does not answer.
    ``events`` are on the bus.
    """

    settings: Leaving = field(default_factory=Leaving)
    partners_per_page: int = 50
    users: dict[str, dict[str, DirectoryUser]] = field(default_factory=dict)
    unreadable: set[str] = field(default_factory=set)
    silent: bool = False
    members: dict[str, str] = field(default_factory=dict)
    blocked: set[str] = field(default_factory=set)
    unlisted: set[str] = field(default_factory=set)
    bounced: set[str] | None = field(default_factory=set)
    statuses: dict[str, str] = field(default_factory=dict)
    now: float = field(default_factory=NOW.timestamp)
    interrupted: Interrupted = field(default_factory=Interrupted)
    documents: FakeDocuments = field(default_factory=FakeDocuments)
    events: list[Change] = field(default_factory=list)
    directory_calls: list[str] = field(default_factory=list)
    member_queries: int = 0
    runs: int = 0
    _queue: list[PeoplePage] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.rows = LeavingRows(self.interrupted)

    # The site.

    def add_person(
        self,
        partner: str,
        name: str,
        *,
        source: str = "directory",
        linked: bool = True,
        round_number: int = 1,
        by_hand: bool = False,
        days: float = 1000,
    ) -> WixItemId:
        """Add a person with an invitation, which it has accepted if it is linked.

        Returns:
            The id of its link, or of its invitation.
        """
        email, member, user = f"{name}@x.example", f"member-{name}", f"user-{name}"
        self.statuses.setdefault(partner, "active")
        if source == "directory":
            self.add_user(partner, name)
        invitation = WixItemId(f"invitation-{partner}-{name}-{round_number}")
        facts = {"partnerId": partner, "role": "edi", "email": email, "source": source}
        facts |= {"userId": user} if source == "directory" else {}
        if not by_hand:
            status = {"status": "used", "usedBy": member} if linked else {"status": "active"}
            expires = datetime.fromtimestamp(self.now, UTC) + timedelta(days=days)
            self.rows.rows[PARTNER_INVITATIONS, invitation] = DataItem(
                invitation, {**facts, **status, "expiresAt": expires, "round": round_number}
            )
        if not linked:
            return invitation
        self.members.setdefault(member, email)
        identifier = link_id(member, partner)
        link: dict[str, Any] = {"memberId": member, "partnerId": partner, "role": "edi"}
        link |= {"verifiedAt": datetime.fromtimestamp(self.now, UTC)}
        if not by_hand:
            link |= {**facts, "invitationId": invitation}
        self.rows.rows[PARTNER_LINKS, identifier] = DataItem(identifier, link)
        return identifier

    def add_user(self, partner: str, name: str, *, status: str = "Active") -> None:
        """Let the directory have a user, or have it again."""
        self.users.setdefault(partner, {})[name] = DirectoryUser(
            f"user-{name}", name, f"{name}@x.example", name, status
        )

    @property
    def links(self) -> set[WixItemId]:
        """The links that the portal has."""
        return {one for name, one in self.rows.rows if name == PARTNER_LINKS}

    def invitation(self, partner: str, name: str, round_number: int = 1) -> Mapping[str, Any]:
        """The row of an invitation."""
        identifier = WixItemId(f"invitation-{partner}-{name}-{round_number}")
        return self.rows.rows[PARTNER_INVITATIONS, identifier].data

    # The sources.

    def find_members(self, ids: Collection[str]) -> Mapping[str, SiteMember]:
        self.member_queries += -(-len(ids) // 100)
        known = {one: self.read_member(one) for one in ids if one not in self.unlisted}
        return {one: member for one, member in known.items() if member is not None}

    def find_blocked(self, emails: Collection[str]) -> Collection[str]:
        return {self.members[one] for one in self.blocked & self.members.keys()} & set(emails)

    def read_member(self, member_id: str) -> SiteMember | None:
        email = self.members.get(member_id)
        return None if email is None else SiteMember(member_id in self.blocked, email)

    def find_bounced(self, emails: Collection[str]) -> Collection[str]:
        if self.bounced is None:
            raise Unavailable(system="wix")
        return self.bounced.intersection(emails)

    def partners(self, ids: Collection[PartnerId]) -> Listing[Any]:
        return Listing(
            [
                SimpleNamespace(
                    partner_id=one,
                    status=self.statuses[one],
                    deleted_at=NOW if self.statuses[one] == "deleted" else None,
                )
                for one in ids
                if one in self.statuses
            ]
        )

    def company_users(self, company_id: CompanyId) -> Sequence[DirectoryUser]:
        self.directory_calls.append(company_id)
        if self.silent or company_id in self.unreadable:
            raise Unavailable(system="trading_grid")
        return list(self.users.get(company_id, {}).values())

    # The reconciler's surroundings.

    def read_document(self, name: str) -> str | None:
        return self.documents.read_document(name)

    def write(self, name: str, text: str) -> None:
        self.interrupted.write(lambda: self.documents.write(name, text))

    def send(self, page: BaseModel) -> None:
        text = page.model_dump_json(by_alias=True, exclude_none=True)
        found = RUN_MESSAGE.validate_json(text)
        assert isinstance(found, PeoplePage)
        self.interrupted.write(lambda: self._queue.append(found))

    def put(self, changes: Sequence[Change]) -> None:
        self.interrupted.write(lambda: self.events.extend(changes))

    def clock(self) -> float:
        return self.now

    def service(self) -> PeopleReconciler:
        """A new service, as in a new execution environment."""
        return self.services().comparison

    def services(self) -> PeopleServices:
        """New services, as in a new execution environment."""
        world: Any = self
        rows: Any = self.rows
        reader = PeopleReader(rows, self.partners_per_page)
        sources = PeopleSources(world, world, world, world, self.settings)
        records = PeopleRecords(world)
        ender = AccessEnder(
            rows=rows,
            reader=reader,
            sources=sources,
            records=records,
            bus=world,
            company_id=HUB,
            clock=self.clock,
        )
        comparison = PeopleReconciler(
            reader=reader,
            sources=sources,
            ender=ender,
            records=records,
            continuation=world,
            settings=self.settings,
            clock=self.clock,
        )
        removal = MemberRemoval(rows=rows, sources=sources, ender=ender, records=records)
        return PeopleServices(comparison, removal)

    def remove(self, subject: str, *, at: int = 0, after: bool = False) -> RemovalReport:
        """Handle the event that ``subject`` was deleted, until it succeeds.

        Args:
            subject: ``members/id`` or ``contacts/id``.
            at: Number of the write that is interrupted, 0 for none.
            after: It is done, and only its answer is lost.
        """
        self.interrupted.at, self.interrupted.after, self.interrupted.writes = at, after, 0
        self.runs += 1
        detail = {
            "eventId": "evt-1",
            "type": f"{subject.partition('s/')[0]}.deleted",
            "subject": subject,
            "occurredAt": NOW.isoformat(),
        }
        body = json.dumps(
            {"detail-type": detail["type"], "source": "gridwix.wix", "detail": detail}
        )
        deleted = RUN_MESSAGE.validate_json(body)
        assert isinstance(deleted, PersonDeleted)
        while True:
            try:
                return self.services().removal.handle(deleted, run=f"r-{self.runs}", begun=NOW)
            except Unavailable:
                continue

    def run(
        self,
        *,
        dry_run: bool = False,
        accept_shrink: bool = False,
        at: int = 0,
        after: bool = False,
    ) -> PeopleReport:
        """Run to the end, an hour after the last run. Failed messages are delivered again.

        Args:
            dry_run: Change nothing.
            accept_shrink: A person has confirmed that so many have left.
            at: Number of the write that is interrupted, 0 for none.
            after: It is done, and only its answer is lost.
        """
        self.now += HOUR
        self.runs += 1
        self.interrupted.at, self.interrupted.after, self.interrupted.writes = at, after, 0
        request = RunRequest(mode="people", dry_run=dry_run, accept_shrink=accept_shrink)
        begun = datetime.fromtimestamp(self.now, UTC)
        self._queue = [self.service().first_page(request, run=f"people-{self.runs}", begun=begun)]
        reports: list[PeopleReport] = []
        failures = 0
        while self._queue:
            page = self._queue.pop(0)
            try:
                done = self.service().handle(page)
            except GridwixError as error:
                failures += 1
                if failures > MOST_FAILURES:
                    raise AssertionError("a message fails for ever") from error
                self._queue.append(page)
                continue
            reports += [done.report] if done.report else []
        assert reports
        return reports[-1]


def _matches(value: object, wanted: object) -> bool:
    if isinstance(wanted, Mapping):
        return isinstance(value, str) and value > wanted["$gt"]
    return value == wanted
