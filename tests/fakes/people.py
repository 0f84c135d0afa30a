"""What an import of people needs: campaigns, an outbox that the bus fills, and writes that fail."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Literal

from gridwix.configuration.campaigns import Campaign, Trigger
from gridwix.errors import Unavailable
from gridwix.models.events import Change
from gridwix.models.ids import CollectionId, CompanyId, WixItemId
from gridwix.models.wix import BulkOutcome, DataItem, Refusal
from gridwix.partner_messenger.selection import event_occasions
from gridwix.people.events import INVITATION_CREATED
from ops.people.announcing import Announcer
from ops.people.carrying import PeopleRows
from tests.fakes.messaging import FakeOutbox
from tests.fakes.stores import FakeBus

NOW = datetime(2026, 11, 30, 9, tzinfo=UTC)
HUB = CompanyId("GC00700011NR")


def inviting(
    *, status: Literal["active", "paused"] = "active", hours: tuple[int, ...] = ()
) -> Campaign:
    """A campaign that an invitation begins, at once or after some hours."""
    trigger = Trigger.model_construct(
        events=(INVITATION_CREATED,),
        when={},
        changed=(),
        once="event",
        after_hours=hours,
        ahead=None,
    )
    return Campaign.model_construct(
        name="Invitation",
        status=status,
        kind="transactional",
        trigger=trigger,
        channels=("email",),
        texts={},
    )


CAMPAIGNS: Mapping[str, Campaign] = {
    "invitation": inviting(),
    "invitation-reminder": inviting(hours=(72,)),
}


@dataclass
class Messenger:
    """The outbox, and a bus whose events the messenger handles when it is told to."""

    campaigns: Mapping[str, Campaign] = field(default_factory=lambda: CAMPAIGNS)
    outbox: FakeOutbox = field(default_factory=FakeOutbox)
    bus: FakeBus = field(default_factory=FakeBus)

    def announcer(self, put: Callable[[Sequence[Change]], None] | None = None) -> Announcer:
        bus: Any = self.bus if put is None else _Bus(put)
        return Announcer(self.outbox, bus, self.campaigns, HUB)

    def handle_events(self) -> None:
        """Store the occasions of the events that are on the bus."""
        for event in self.bus.changes:
            assert event.partner_id is not None
            for key, campaign in self.campaigns.items():
                self.outbox.add_dispatches(
                    list(event_occasions(key, campaign, event, {}, 0, event.partner_id, NOW))
                )


@dataclass
class _Bus:
    put: Callable[[Sequence[Change]], None]


@dataclass
class Interrupted:
    """Counts writes of both systems, and fails at one of them: before it is done, or after it.

    ``at`` is the number of the write from 1, 0 for none.
    """

    at: int = 0
    after: bool = False
    writes: int = 0

    def write[Result](self, work: Callable[[], Result]) -> Result:
        """Do a write. Raises Unavailable at the chosen one."""
        self.writes += 1
        if self.writes == self.at and not self.after:
            raise Unavailable(system="test")
        done = work()
        if self.writes == self.at:
            raise Unavailable(system="test")
        return done


@dataclass
class InterruptedRows(PeopleRows):
    """Rows whose writes can be interrupted."""

    rows: PeopleRows
    interrupted: Interrupted

    def bulk_insert(self, collection: CollectionId, items: Sequence[DataItem]) -> BulkOutcome:
        return self.interrupted.write(lambda: self.rows.bulk_insert(collection, items))

    def bulk_set(
        self, collection: CollectionId, changes: Mapping[WixItemId, Mapping[str, Any]]
    ) -> BulkOutcome:
        return self.interrupted.write(lambda: self.rows.bulk_set(collection, changes))


@dataclass
class FakeRows(PeopleRows):
    """Rows in memory. ``refuses`` are codes by row."""

    refuses: Mapping[WixItemId, str] = field(default_factory=dict)
    kept: dict[WixItemId, DataItem] = field(default_factory=dict)
    calls: list[str] = field(default_factory=list)

    def bulk_insert(self, collection: CollectionId, items: Sequence[DataItem]) -> BulkOutcome:
        self.calls.append("insert")
        codes = {item.id: "WDE0074" for item in items if item.id in self.kept}
        outcome = self._outcome(collection, [item.id for item in items], codes)
        self.kept |= {item.id: item for item in items if item.id in outcome.written}
        return outcome

    def bulk_set(
        self, collection: CollectionId, changes: Mapping[WixItemId, Mapping[str, Any]]
    ) -> BulkOutcome:
        self.calls.append("set")
        return self._outcome(collection, list(changes), {})

    def _outcome(
        self, collection: CollectionId, ids: Sequence[WixItemId], codes: Mapping[WixItemId, str]
    ) -> BulkOutcome:
        refused = {one: code for one, code in {**self.refuses, **codes}.items() if one in ids}
        return BulkOutcome(
            frozenset(ids) - refused.keys(),
            tuple(Refusal(collection, one, code, "") for one, code in refused.items()),
        )
