"""What the functions do with DynamoDB: one short action for each method of their clients.

An action gets three small numbers, which choose ids, revisions and states: so that actions meet.
"""

from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from typing import Any

from gridwix.clients.aws.budget import DynamoDBCallBudget
from gridwix.clients.aws.configuration_versions import DynamoDBConfigurationVersions
from gridwix.clients.aws.cursors import DynamoDBCursorStore
from gridwix.clients.aws.edge import (
    add_handover,
    claim_key,
    confirm_key,
    put_item,
    put_once,
    release_key,
)
from gridwix.clients.aws.handovers import DynamoDBHandovers
from gridwix.clients.aws.journal import DynamoDBJournal
from gridwix.clients.aws.journal_items import entry_item
from gridwix.clients.aws.ledger import DynamoDBLedger
from gridwix.clients.aws.refresh_states import DynamoDBRefreshStates
from gridwix.clients.aws.refused import DynamoDBRefusedItems
from gridwix.document_sync.transfer_table import DynamoDBTransfers
from gridwix.document_sync.transfers import Transfer
from gridwix.models.configuration_versions import ConfigurationPointer
from gridwix.models.cursors import FeedCursor
from gridwix.models.ids import CollectionId, PartnerId, WixItemId
from gridwix.models.journal import JournalEntry, JournalOutcome
from gridwix.models.wix import Refusal
from gridwix.partner_messenger.dispatches import Dispatch, DispatchState
from gridwix.partner_messenger.outbox_table import DynamoDBOutbox
from gridwix.partner_requests.orders import CommentOrder
from gridwix.partner_requests.submission_table import DynamoDBSubmissionInbox
from gridwix.partner_requests.submissions import HoldReason, Outcome, Stage
from gridwix.publication.audience_refreshes import RefreshState
from gridwix.publication.models import Claim, Publication, RowKey, Versions
from gridwix.transaction_monitor.exception_table import DynamoDBKnownExceptions
from tests.contract.dynamodb_twins import TwinCaller, Twins
from tests.factories import NOW

START = 1_780_000_000.0

type Action = Callable[[int, int, int], object]


def all_actions(twins: Twins) -> Mapping[str, Action]:
    """All actions by their names, which are in alphabetical order."""
    groups = (
        _Rows(twins),
        _Feed(twins),
        _Notes(twins),
        _Outbox(twins),
        _Inbox(twins),
        _Files(twins),
    )
    found = {
        f"{type(group).__name__.strip('_').lower()}.{name}": getattr(group, name)
        for group in groups
        for name in vars(type(group))
        if not name.startswith("_")
    }
    return dict(sorted(found.items()))


def _row(a: int) -> RowKey:
    return RowKey(CollectionId("PartnerStatus"), WixItemId(f"p{a}"))


class _Rows:
    """The ledger, refused items, the budget and the audience refreshes."""

    def __init__(self, twins: Any) -> None:
        self._ledger = DynamoDBLedger(twins, "LedgerTable")
        self._refused = DynamoDBRefusedItems(twins, "RefusedItemTable")
        self._refreshes = DynamoDBRefreshStates(twins, "BudgetTable", "document_sync")
        self._now = START
        self._budgets = [
            DynamoDBCallBudget(
                twins,
                "BudgetTable",
                "site",
                calls_per_minute=20,
                burst=10,
                clock=lambda: self._now,
                chance=lambda: 0.5,
            )
            for _ in range(2)
        ]

    def claim_key(self, a: int, b: int, c: int) -> object:
        entry = self._ledger.read_entries([_row(a)]).get(_row(a))
        revision = entry.revision if entry and c else b
        audience = frozenset({f"p{b}"}) if c == 2 else None
        claim = Claim(_row(a), revision, Versions({f"partners/p{a}": b + 1}), audience)
        self._now += 7.25
        return self._ledger.claim([claim], holder=f"h{c}", now=self._now, until=self._now + 10 * b)

    def commit(self, a: int, b: int, c: int) -> object:
        publication = Publication(_row(a), Versions({f"partners/p{a}": b}), "é" * b, f"evt_{c}")
        return self._ledger.commit([publication], holder=f"h{b}")

    def release(self, a: int, b: int, c: int) -> None:
        self._ledger.release([_row(a)], holder=f"h{c}")

    def read(self, a: int, b: int, c: int) -> object:
        return self._ledger.read_entries([_row(a), _row(b), _row(9)])

    def refuse(self, a: int, b: int, c: int) -> None:
        key = _row(a)
        refusals = [Refusal(key.collection, key.item_id, "WDE0080", "x" * b)]
        self._refused.add(refusals, function="status_publisher", at=START + c / 3)

    def clear_refused(self, a: int, b: int, c: int) -> None:
        self._refused.clear([_row(a), _row(b), _row(b)])

    def read_refused(self, a: int, b: int, c: int) -> object:
        return self._refused.read_items([_row(a), _row(b)]), list(self._refused.list_items())

    def take(self, a: int, b: int, c: int) -> object:
        self._now += a / 7
        return self._budgets[b % 2].take(1 + c)

    def refresh(self, a: int, b: int, c: int) -> object:
        read = self._refreshes.read_state()
        revision = read.revision if c else b
        saved = self._refreshes.save(RefreshState("é" * a, START + b / 3, c, a / 7, revision))
        return read, saved

    def exhaust(self, a: int, b: int, c: int) -> object:
        self._budgets[b % 2].exhaust(float(a))
        return self._budgets[0].read_state()


class _Feed:
    """Cursors, handovers and the webhooks' claims."""

    def __init__(self, twins: Any) -> None:
        self._caller: Any = TwinCaller(twins)
        self._cursors = DynamoDBCursorStore(twins, "CursorTable", lambda: START + 0.5)
        self._handovers = DynamoDBHandovers(twins, "HandoverTable", lambda: START)

    def read(self, a: int, b: int, c: int) -> object:
        return self._cursors.read_cursor(f"feed{a}"), self._cursors.update_time(f"feed{a}")

    def advance(self, a: int, b: int, c: int) -> object:
        known = self._cursors.read_cursor(f"feed{a}")
        revision = known.revision if c else b
        return self._cursors.advance(
            f"feed{a}", FeedCursor(f"c{b}", bool(c), "l" if b else None, revision)
        )

    def confirm(self, a: int, b: int, c: int) -> None:
        self._cursors.confirm(f"feed{a}", FeedCursor(f"c{b}", False, None, b))

    def hand_over(self, a: int, b: int, c: int) -> None:
        events = {f"cases/c{n}@{b}": frozenset({f"evt_{c}", "evt_0"}) for n in {a, b}}
        self._handovers.record(events)

    def add_handover(self, a: int, b: int, c: int) -> None:
        key = f"cases/c{a}@{b}"
        add_handover(self._caller, "HandoverTable", key, f"evt_{c}", ttl_seconds=60, now=START)

    def read_handovers(self, a: int, b: int, c: int) -> object:
        return self._handovers.read_event_ids([f"cases/c{a}@{b}", f"cases/c{b}@{c}"])

    def claim_key(self, a: int, b: int, c: int) -> object:
        return claim_key(
            self._caller, "WebhookInboxTable", f"msg_{a}", lease_seconds=10 * b, now=START + 5 * c
        ).name

    def confirm_key(self, a: int, b: int, c: int) -> None:
        confirm_key(
            self._caller, "WebhookInboxTable", f"msg_{a}", ttl_seconds=10 * b, now=START + 5 * c
        )

    def release_key(self, a: int, b: int, c: int) -> None:
        release_key(self._caller, "WebhookInboxTable", f"msg_{a}", now=START + 5 * c)


class _Notes:
    """The journal, known exceptions and versions of the configuration."""

    def __init__(self, twins: Any) -> None:
        self._caller: Any = TwinCaller(twins)
        self._journal = DynamoDBJournal(twins, "JournalTable", 3600)
        self._exceptions = DynamoDBKnownExceptions(twins, "ExceptionTable")
        self._versions = DynamoDBConfigurationVersions(twins, "ConfigurationTable")

    def journal(self, a: int, b: int, c: int) -> None:
        self._journal.add([_entry(a, b, c), _entry(b, c, a), _entry(a, b, c)])

    def reject(self, a: int, b: int, c: int) -> None:
        put_item(self._caller, "JournalTable", entry_item(_entry(a, b, c), 3600))

    def story(self, a: int, b: int, c: int) -> object:
        return (
            self._journal.of_record(f"cases/c{a}", limit=1 + b),
            self._journal.of_event(f"evt_{b}", limit=1 + c),
            self._journal.of_partner(f"p{c}", limit=3),
        )

    def record_exceptions(self, a: int, b: int, c: int) -> None:
        self._exceptions.record({f"x{n}": f"kind{c}" for n in {a, b}}, at=START + 0.125)

    def read_exceptions(self, a: int, b: int, c: int) -> object:
        return self._exceptions.read_states([f"x{a}", f"x{b}"])

    def add_version(self, a: int, b: int, c: int) -> object:
        version = self._versions.add_version(b"text %d" % a)
        return self._versions.read_content(version), self._versions.read_content("none")

    def move_pointer(self, a: int, b: int, c: int) -> object:
        known = self._versions.read_pointer()
        expected = known if c else ConfigurationPointer("v", b)
        return self._versions.move_pointer(expected, f"v{a}", "apply", NOW, note="")

    def list_changes(self, a: int, b: int, c: int) -> object:
        return self._versions.list_changes(1 + a)


def _entry(a: int, b: int, c: int) -> JournalEntry:
    return JournalEntry(
        record=f"cases/c{a}",
        at=START + b / 8,
        function="status_publisher",
        outcome=JournalOutcome.DONE,
        event_id=f"evt_{b}" if b else "",
        event_type="case.updated",
        partner=f"p{c}" if c else "",
        version=a or None,
        rows={f"OpenIssues#c{a}": "written"} if c else {},
    )


class _Outbox:
    """The outbox of messages."""

    def __init__(self, twins: Any) -> None:
        self._outbox = DynamoDBOutbox(twins, "DispatchTable", clock=lambda: START)

    def _known(self, a: int) -> Iterator[Dispatch]:
        yield from self._outbox.read_dispatches([f"d{a}"]).values()

    def add(self, a: int, b: int, c: int) -> object:
        return self._outbox.add_dispatches([_dispatch(a, b, c), _dispatch(b, c, a)])

    def collect(self, a: int, b: int, c: int) -> object:
        return self._outbox.add_to_digest(_dispatch(a, b, c), _dispatch(10 + b % 2, c, 0))

    def due(self, a: int, b: int, c: int) -> object:
        return self._outbox.due_dispatches(NOW + timedelta(minutes=a + b), 1 + c)

    def shown(self, a: int, b: int, c: int) -> object:
        return self._outbox.list_in_state(DispatchState.FAILED, 1 + a)

    def claim_key(self, a: int, b: int, c: int) -> object:
        until = NOW + timedelta(minutes=b, seconds=a)
        return [self._outbox.claim_dispatch(one, until=until) for one in self._known(a)]

    def claim_unread(self, a: int, b: int, c: int) -> object:
        return self._outbox.claim_dispatch(_dispatch(a, b, c), until=NOW)

    def settle(self, a: int, b: int, c: int) -> object:
        states = (DispatchState.SENT, DispatchState.FAILED, DispatchState.PLANNED)
        due = NOW + timedelta(hours=b) if c else None
        return [
            self._outbox.settle_dispatch(one, states[b % 3], reason="r" * c, due_at=due)
            for one in self._known(10 + a if c == 3 else a)
        ]

    def release(self, a: int, b: int, c: int) -> object:
        return self._outbox.release_dispatch(f"d{a}", NOW)

    def watermark(self, a: int, b: int, c: int) -> object:
        self._outbox.raise_watermark(f"cases/c{a}", b)
        return self._outbox.watermarks([f"cases/c{a}", f"cases/c{c}"])

    def tell(self, a: int, b: int, c: int) -> object:
        return self._outbox.tell_once(f"k{a}", f"d{b + c}")


def _dispatch(a: int, b: int, c: int) -> Dispatch:
    due = NOW + timedelta(minutes=b, seconds=a)
    return Dispatch(
        id=f"d{a}",
        campaign="review",
        occasion=f"evt_{b}",
        subject=f"cases/c{a}",
        partner_id=PartnerId("p1"),
        since=NOW,
        due_at=due,
        channel="email" if c else None,
        recipient="dana" if c else "",
        version=b,
    )


class _Inbox:
    """The inbox of submissions."""

    def __init__(self, twins: Any) -> None:
        self._caller: Any = TwinCaller(twins)
        self._inbox = DynamoDBSubmissionInbox(twins, "SubmissionTable")

    def _of_known(self, a: int, change: Callable[[str], object]) -> object:
        known = f"s{a}" in self._inbox.read_submissions([f"s{a}"])
        return change(f"s{a}") if known else None

    def submit(self, a: int, b: int, c: int) -> object:
        at = (NOW + timedelta(seconds=b)).isoformat(timespec="microseconds")
        item: Any = {
            "id": f"s{a}",
            "form": "question",
            "receivedAt": at,
            "submittedAt": at,
            "values": '{"text": "müsli"}',
            "stage": "open",
            "waiting": "open",
            **({"memberId": f"m{c}"} if c else {}),
        }
        return put_once(self._caller, "SubmissionTable", item, ttl_seconds=60, now=START)

    def page(self, a: int, b: int, c: int) -> object:
        cursor: str | None = None
        for _ in range(1 + a):
            page = self._inbox.list_submissions(Stage.HELD if c == 3 else Stage.OPEN, cursor, 1 + b)
            if (cursor := page.cursor) is None:
                break
        return cursor

    def order(self, a: int, b: int, c: int) -> object:
        order = CommentOrder(partner_id=None, case_id=f"c{b}", body="b" * c, author="")
        return self._of_known(a, lambda known: self._inbox.keep_order(known, order))

    def count(self, a: int, b: int, c: int) -> object:
        return self._inbox.count_submission(f"m{a}", "2026-07-01T10", f"s{b}", 1 + c)

    def hold(self, a: int, b: int, c: int) -> None:
        self._inbox.hold_submission(f"s{a}", HoldReason.INVALID, "f" * b, detail="d" * c)

    def note_file_try(self, a: int, b: int, c: int) -> None:
        self._inbox.note_file_try(f"s{a}", b, NOW + timedelta(seconds=c) if c else None)

    def remove(self, a: int, b: int, c: int) -> object:
        return self._inbox.remove_submission(f"s{a}")

    def release(self, a: int, b: int, c: int) -> object:
        return self._inbox.release_submission(f"s{a}", NOW)

    def settle(self, a: int, b: int, c: int) -> object:
        outcome = Outcome(record=f"cases/c{b}", number="7" if c else None)
        return self._of_known(a, lambda known: self._inbox.settle_submission(known, outcome))


class _Files:
    """The transfers of files."""

    def __init__(self, twins: Any) -> None:
        self._transfers = DynamoDBTransfers(twins, "TransferTable")

    def save(self, a: int, b: int, c: int) -> object:
        known = self._transfers.read_transfers([f"doc{a}"]).get(f"doc{a}")
        transfer = known if known and b else Transfer(document_id=f"doc{a}", revision=b)
        published = transfer.edition if c else 0
        return self._transfers.save_transfer(transfer.model_copy(update={"published": published}))

    def unfinished(self, a: int, b: int, c: int) -> object:
        return self._transfers.unfinished_ids()
