"""Maps a service notice to its row on the portal. Pure."""

from collections.abc import Collection

from gridwix.mapping.audiences import AUDIENCE_RECORD
from gridwix.mapping.html import read_rich_text
from gridwix.mapping.labels import Labels
from gridwix.mapping.notice_times import OVER
from gridwix.models.ids import PartnerId
from gridwix.models.portal.service_notices import NoticeComponent, NoticeEntry, ServiceNoticeRow
from gridwix.models.trading_grid.notices import NoticeUpdate, ServiceNotice
from gridwix.publication.models import Versions

MAX_ENTRIES = 20
"""Maximum number of timeline entries in a row; the newest are kept."""


def notice_versions(notice: ServiceNotice, audience_version: int) -> Versions:
    """Return the version vector of a notice's row: the version of each record that it is made from.

    For a restricted notice it includes ``audience_version``, the version of the list of all
    partners of the hub, because the list decides who may see the notice.
    """
    live = {notice.record: notice.version}
    if not notice.audience.all:
        live[AUDIENCE_RECORD] = audience_version
    return Versions(live=live)


def notice_row(
    notice: ServiceNotice, partner_ids: Collection[PartnerId], labels: Labels
) -> ServiceNoticeRow | None:
    """Return the portal row of a notice; None if the notice was deleted.

    Args:
        notice: The notice.
        partner_ids: The partners that may see it. Not used if the notice is for all partners.
        labels: Configured labels.
    """
    if notice.deleted_at is not None:
        return None
    everybody = notice.audience.all
    newest = sorted(notice.updates, key=lambda update: (update.at, update.id), reverse=True)
    return ServiceNoticeRow(
        kind=notice.kind,
        kind_label=labels.label("notice.kind", notice.kind),
        title=notice.title,
        active=notice.status not in OVER,
        status=notice.status,
        status_label=labels.label("notice.status", notice.status),
        impact=notice.impact,
        impact_label=labels.label("notice.impact", notice.impact),
        starts_at=notice.starts_at,
        ends_at=notice.ends_at,
        scheduled_for=notice.scheduled_for,
        expected_until=notice.scheduled_until,
        components=tuple(
            NoticeComponent(
                name=component.name,
                state=component.state,
                state_label=labels.label("component.state", component.state),
            )
            for component in notice.affected_components
        ),
        transaction_types=tuple(kind.code for kind in notice.affected_transaction_types),
        entries=tuple(_timeline_entry(update, labels) for update in newest[:MAX_ENTRIES]),
        earlier_entries=max(0, len(newest) - MAX_ENTRIES) or None,
        workaround=notice.workaround,
        for_everybody=everybody,
        partner_ids=() if everybody else tuple(sorted(partner_ids)),
        updated_at=notice.updated_at,
    )


def _timeline_entry(update: NoticeUpdate, labels: Labels) -> NoticeEntry:
    rich = read_rich_text(update.body_html)
    return NoticeEntry(
        at=update.at,
        status=update.status,
        status_label=labels.label("notice.status", update.status),
        html=rich.html,
        shortened=True if rich.shortened else None,
    )
