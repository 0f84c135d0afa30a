"""Faults to plant in the product: each function plants one, until the end of a ``with``
statement.
"""

from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from datetime import timedelta
from itertools import count
from typing import Any
from unittest.mock import patch
from uuid import uuid4

import gridwix.clients.wix.client as wix_client
import gridwix.document_sync.projection as document_projection
import gridwix.notice_publisher.service as notice_publisher
from gridwix.clients.aws import ledger
from gridwix.clients.aws.budget import DynamoDBCallBudget
from gridwix.clients.trading_grid.community_writes import CommunityWrites
from gridwix.mapping import comments
from gridwix.mapping.audiences import AUDIENCE_RECORD
from gridwix.models.wix import BulkOutcome
from gridwix.partner_messenger import quiet_hours
from gridwix.partner_messenger.outbox_table import DynamoDBOutbox
from gridwix.publication.models import Versions
from gridwix.publication.passage import Passage, PassageReport, _merged_events, key_of
from gridwix.trading_grid_feed.service import CURSOR_NAME, FeedReader, FeedReport, _Page
from soak.hosting.environments import ExecutionEnvironment

FOREVER = timedelta(days=1_000)
"""Duration, in seconds, of a claim that never lapses."""

DAY = 86_400.0

type Replacement = Callable[..., Any]


@contextmanager
def _replaced(owner: Any, name: str, wrap: Callable[[Any], Replacement]) -> Iterator[None]:
    """Replace a member of a class or module, within a ``with`` statement, by the result of
    ``wrap``.
    """
    with patch.object(owner, name, wrap(getattr(owner, name))):
        yield


def plant_dropped_rows() -> AbstractContextManager[None]:
    """Plant a fault: every third row of a bulk call is left out, and reported as written."""
    numbers = count(1)

    def wrap(save: Replacement) -> Replacement:
        def drop(self: Any, collection: str, items: Sequence[Any]) -> BulkOutcome:
            kept = [one for one in items if next(numbers) % 3]
            outcome: BulkOutcome = save(self, collection, kept)
            left_out = {one.id for one in items} - {one.id for one in kept}
            return replace(outcome, written=outcome.written | left_out)

        return drop

    return _replaced(wix_client.WixClient, "bulk_save", wrap)


def plant_wrong_comparison() -> AbstractContextManager[None]:
    """Plant a fault: versions are compared the wrong way."""

    def wrap(_: Replacement) -> Replacement:
        def outdated(self: Versions, floor: Versions) -> frozenset[str]:
            # The floor's record is older: as if the newer one were refused.
            found = [one for one, at in floor.live.items() if self.version_of(one) > at > 0]
            return frozenset(found)

        return outdated

    return _replaced(Versions, "outdated_records", wrap)


def plant_endless_audience() -> AbstractContextManager[None]:
    """Plant a fault: a row that has no audience any more counts as made from older records."""

    def wrap(outdated_records: Replacement) -> Replacement:
        def outdated(self: Versions, floor: Versions) -> frozenset[str]:
            ended = {AUDIENCE_RECORD} & (floor.live.keys() - self.live.keys())
            found: frozenset[str] = outdated_records(self, floor)
            return found | ended

        return outdated

    return _replaced(Versions, "outdated_records", wrap)


def plant_no_comparison() -> AbstractContextManager[None]:
    """Plant a fault: an older projection overwrites a newer one."""
    return _replaced(Versions, "outdated_records", lambda _: lambda *_: frozenset())


def plant_early_cursor() -> AbstractContextManager[None]:
    """Plant a fault: the feed's cursor advances before the page is on the bus."""

    def wrap(_: Replacement) -> Replacement:
        def read_events(self: Any, cursor: Any, *, position: str) -> _Page:
            page = self._feed.read_events(position, 200)
            if page.next_cursor == position:
                return _Page(cursor, FeedReport(), last=True)
            moved = self._cursors.advance(CURSOR_NAME, replace(cursor, cursor=page.next_cursor))
            self._passage.put(self._parse(page.items).changes)
            return _Page(moved, FeedReport(), last=not page.has_more)

        return read_events

    return _replaced(FeedReader, "_read_events", wrap)


def plant_endless_claim() -> AbstractContextManager[None]:
    """Plant a fault: a message's claim never lapses."""

    def wrap(claim: Replacement) -> Replacement:
        return lambda self, dispatch, *, until: claim(self, dispatch, until=until + FOREVER)

    return _replaced(DynamoDBOutbox, "claim_dispatch", wrap)


def plant_shared_claim() -> AbstractContextManager[None]:
    """Plant a fault: a row's claim is granted although another worker holds it."""

    def wrap(claim: Replacement) -> Replacement:
        def share(self: Any, claims: Sequence[Any], **named: Any) -> frozenset[Any]:
            # As if all claims had lapsed.
            granted: frozenset[Any] = claim(self, claims, **{**named, "now": named["now"] + DAY})
            return granted

        return share

    return _replaced(ledger.DynamoDBLedger, "claim", wrap)


def plant_ignored_claim() -> AbstractContextManager[None]:
    """Plant a fault: a message is sent although another worker has claimed it."""

    def wrap(claim: Replacement) -> Replacement:
        def ignored(self: Any, dispatch: Any, *, until: Any) -> Any:
            claimed = claim(self, dispatch, until=until)
            # Sent although another worker has it, or has sent it.
            return claimed or replace(dispatch, attempts=dispatch.attempts + 1)

        return ignored

    return _replaced(DynamoDBOutbox, "claim_dispatch", wrap)


def plant_changing_key() -> AbstractContextManager[None]:
    """Plant a fault: a request's idempotency key changes at a retry."""

    def wrap(create: Replacement) -> Replacement:
        return lambda self, request, _: create(self, request, str(uuid4()))

    return _replaced(CommunityWrites, "create_request", wrap)


def plant_deaf_bulk() -> AbstractContextManager[None]:
    """Plant a fault: a bulk response with refusals is read as success."""
    return _replaced(wix_client, "refusals", lambda _: lambda *_: [])


def plant_swallowed_failures() -> AbstractContextManager[None]:
    """Plant a fault: failures of a batch are not reported to the queue."""

    def wrap(handle: Replacement) -> Replacement:
        def swallow(self: Any, event: Any, context: Any) -> Any:
            answer = handle(self, event, context)
            if isinstance(answer, dict) and "batchItemFailures" in answer:
                return {"batchItemFailures": []}
            return answer

        return swallow

    return _replaced(ExecutionEnvironment, "handle", wrap)


def plant_skipped_removal() -> AbstractContextManager[None]:
    """Plant a fault: no row is removed, and it is reported as removed."""

    def wrap(_: Replacement) -> Replacement:
        def skip(self: Any, collection: str, ids: Collection[Any]) -> BulkOutcome:
            del self, collection
            return BulkOutcome(frozenset(ids), ())

        return skip

    return _replaced(wix_client.WixClient, "bulk_remove", wrap)


def plant_shown_internals() -> AbstractContextManager[None]:
    """Plant a fault: internal comments are shown."""

    def wrap(_: Replacement) -> Replacement:
        return lambda found: sorted(found, key=comments._comment_order)

    return _replaced(comments, "public_comments", wrap)


def plant_copied_secrets() -> AbstractContextManager[None]:
    """Plant a fault: files of restricted documents are copied to the portal."""
    return _replaced(document_projection, "is_restricted", lambda _: lambda _: False)


def plant_ignored_budget() -> AbstractContextManager[None]:
    """Plant a fault: the call budget is ignored."""
    return _replaced(DynamoDBCallBudget, "take", lambda _: lambda *_: 0.0)


def plant_ignored_night() -> AbstractContextManager[None]:
    """Plant a fault: quiet hours are ignored."""
    return _replaced(quiet_hours, "is_quiet", lambda _: lambda *_: False)


def plant_everybodys_notice() -> AbstractContextManager[None]:
    """Plant a fault: a notice for some partners is shown to all."""

    def wrap(project: Replacement) -> Replacement:
        def to_all(notice: Any, *given: Any) -> Any:
            audience = notice.audience.model_copy(update={"all": True})
            return project(notice.model_copy(update={"audience": audience}), *given)

        return to_all

    return _replaced(notice_publisher, "notice_row", wrap)


def plant_early_handover() -> AbstractContextManager[None]:
    """Plant a fault: an event is recorded as handed over before it is on the bus."""

    def wrap(_: Replacement) -> Replacement:
        def put(self: Any, changes: Sequence[Any]) -> PassageReport:
            known = self._handovers.read_event_ids({key for one in changes if (key := key_of(one))})
            fresh = [one for one in changes if one.event_id not in known.get(key_of(one) or "", ())]
            if fresh:
                self._handovers.record(_merged_events(fresh, known))
                self._bus.put(fresh)
            return PassageReport(tuple(fresh), len(changes) - len(fresh))

        return put

    return _replaced(Passage, "put", wrap)
