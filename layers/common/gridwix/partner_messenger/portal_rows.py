"""Writes the messages that are shown on the portal, as rows of ``PartnerMessages``."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

from gridwix.configuration.everything import Configuration
from gridwix.errors import BudgetExhausted, Refused, UpstreamError
from gridwix.mapping.wix_items import data_item
from gridwix.models.portal.collection_ids import PARTNER_MESSAGES
from gridwix.models.wix import EXISTING_ITEM, BulkOutcome, DataItem
from gridwix.partner_messenger.attempts import DispatchAttempt
from gridwix.partner_messenger.dispatches import Dispatch, DispatchState
from gridwix.partner_messenger.messages import message_row, rendered_texts
from gridwix.partner_messenger.ports import DatedCollections
from gridwix.partner_messenger.quiet_hours import partner_locale, partner_zone
from gridwix.partner_messenger.readers import row_roles
from gridwix.partner_messenger.record_cache import RecordCache
from gridwix.partner_messenger.relevance import RelevanceCheck
from gridwix.ports import Clock
from gridwix.publication.audiences import row_audience
from gridwix.publication.ports import PortalBell


class PortalMessageRows:
    """Writes messages as portal rows. Idempotent: a row that exists stays as it is.

    The id of a row is that of its dispatch (planned message). If a dispatch is tried twice, the
    second attempt may read a newer record and write the row first. The late write of the first
    attempt then does not replace that row.
    """

    def __init__(
        self,
        portal: DatedCollections,
        bell: PortalBell,
        check: RelevanceCheck,
        configuration: Configuration,
        clock: Clock,
    ) -> None:
        self._portal = portal
        self._bell = bell
        self._check = check
        self._configuration = configuration
        self._clock = clock

    def write_rows(
        self, dispatches: Sequence[Dispatch], records: RecordCache
    ) -> Iterator[DispatchAttempt]:
        """Write the rows of claimed dispatches (planned messages) in one bulk call.

        Yields the result of each dispatch. A dispatch that fails stops no other.
        """
        rows: list[tuple[Dispatch, DataItem]] = []
        for dispatch in dispatches:
            try:
                rows.append((dispatch, self._row(dispatch, records)))
            except Exception as error:
                yield DispatchAttempt(dispatch, error=error)
        yield from self._save_rows(rows)

    def _row(self, dispatch: Dispatch, records: RecordCache) -> DataItem:
        now, messaging = self._now(), self._configuration.messaging
        relevant = self._check.check_dispatch(dispatch, records, now)
        texts = rendered_texts(
            relevant.campaign, relevant.contexts, partner_zone(relevant.partner, messaging)
        )
        locale = partner_locale(relevant.partner, messaging)
        roles = row_roles(relevant.campaign, relevant.readers)
        return data_item(
            dispatch.id, message_row(dispatch, relevant.campaign, roles, texts, locale, now)
        )

    def _save_rows(self, rows: Sequence[tuple[Dispatch, DataItem]]) -> Iterator[DispatchAttempt]:
        if not rows:
            return
        match self._insert_items([row for _, row in rows]):
            case BulkOutcome() as outcome:
                refused = {
                    refusal.item_id: refusal.code
                    for refusal in outcome.refused
                    if refusal.code != EXISTING_ITEM
                }
                self._announce_rows([row for _, row in rows if row.id not in refused])
                for dispatch, row in rows:
                    if row.id in refused:
                        yield DispatchAttempt(dispatch, DispatchState.FAILED, refused[row.id])
                    else:
                        yield DispatchAttempt(dispatch)
            case Refused() if len(rows) > 1:
                # One row can make Wix refuse the whole call, so write each by itself.
                for pair in rows:
                    yield from self._save_rows([pair])
            case error:
                for dispatch, _ in rows:
                    yield DispatchAttempt(dispatch, error=error)

    def _announce_rows(self, rows: Sequence[DataItem]) -> None:
        # Before the dispatches are settled: after a crash the rows are written and announced again.
        if rows:
            self._bell.ring(
                PARTNER_MESSAGES,
                frozenset[str]().union(*(row_audience(PARTNER_MESSAGES, row) for row in rows)),
            )

    def _insert_items(
        self, items: Sequence[DataItem]
    ) -> BulkOutcome | UpstreamError | BudgetExhausted:
        """Insert items in one call.

        An error is returned, not raised, because the caller records it as the result of each item.
        """
        try:
            return self._portal.bulk_insert(PARTNER_MESSAGES, items)
        except (UpstreamError, BudgetExhausted) as error:
            return error

    def _now(self) -> datetime:
        return datetime.fromtimestamp(self._clock(), UTC)
