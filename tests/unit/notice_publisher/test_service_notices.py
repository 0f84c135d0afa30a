"""From a service notice to its row, and to those who may see it."""

from datetime import timedelta
from typing import Any

import pytest

from gridwix.mapping.audiences import MAX_AUDIENCE, audience_test
from gridwix.mapping.labels import Labels
from gridwix.models.ids import PartnerId
from gridwix.models.portal.service_notices import ServiceNoticeRow
from gridwix.models.trading_grid.audiences import Audience
from gridwix.models.trading_grid.notices import ServiceNotice
from gridwix.models.wix import MAX_ITEM_BYTES
from gridwix.notice_publisher.service_notices import MAX_ENTRIES, notice_row
from gridwix.runtime.configuration import configuration
from tests.factories import NOW, notice, partner

PARTNERS = [
    partner("US1", country="US", role="supplier"),
    partner("EE1", country="EE", role="supplier"),
    partner("EE2", country="EE", role="carrier", status="terminated"),
    partner("DE1", country="DE", role="carrier"),
    partner("XX1", role="3pl", deletedAt=NOW),
]


def row(of: ServiceNotice, partner_ids: list[str] | None = None) -> ServiceNoticeRow:
    projected = notice_row(
        of, [PartnerId(one) for one in partner_ids or []], Labels(configuration().labels)
    )
    assert projected is not None
    return projected


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        ({"regions": ["EU"]}, ("DE1", "EE1")),
        ({"roles": ["carrier"]}, ("DE1",)),
        ({"partnerIds": ["US1", "XX1", "nobody"]}, ("US1",)),
        ({"regions": ["NA"], "roles": ["carrier"]}, ("DE1", "US1")),
        ({"regions": ["ATLANTIS"]}, ()),
        ({}, ()),
    ],
)
def test_audience_is_who_is_named_by_id_role_or_region_and_still_a_partner(
    wanted: dict[str, Any], expected: tuple[str, ...]
) -> None:
    is_member = audience_test(Audience.model_validate(wanted), configuration().audiences.regions)

    assert tuple(sorted(one.partner_id for one in PARTNERS if is_member(one))) == expected


def test_row_of_a_notice_for_everybody_names_nobody() -> None:
    shown = row(notice(), ["US1"])

    assert (shown.for_everybody, shown.partner_ids) == (True, ())


@pytest.mark.parametrize(
    ("kind", "status"),
    [
        ("incident", "resolved"),
        ("maintenance", "completed"),
        ("maintenance", "cancelled"),
        ("advisory", "withdrawn"),
    ],
)
def test_row_of_a_notice_that_is_over_leaves_the_banner_and_stays(kind: str, status: str) -> None:
    assert row(notice(kind=kind, status=status)).active is False


def test_row_of_a_notice_in_a_status_that_nobody_knows_stays_on_the_banner() -> None:
    shown = row(notice(status="quantum"))

    assert (shown.active, shown.status, shown.status_label) == (True, "quantum", "Ongoing")


def test_row_has_the_timeline_newest_first_and_cleaned() -> None:
    updates = [
        {
            "id": f"u{n:03}",
            "at": NOW + timedelta(minutes=n),
            "status": "monitoring",
            "bodyHtml": f"<p onclick='x()'>{n}</p><script>x()</script>",
        }
        for n in range(50)
    ]

    shown = row(notice(updates=updates))

    assert [entry.html for entry in shown.entries] == [
        f"<p>{n}</p>" for n in range(49, 49 - MAX_ENTRIES, -1)
    ]


def test_row_of_the_largest_notice_fits_into_an_item() -> None:
    updates = [
        {"id": f"u{n}", "at": NOW, "status": "monitoring", "bodyHtml": "<p>" + "ä" * 50_000}
        for n in range(3)
    ]
    many = [f"GC{number:012}" for number in range(MAX_AUDIENCE)]

    shown = row(notice(audience={"partnerIds": many}, updates=updates), many)

    assert len(shown.model_dump_json().encode()) < MAX_ITEM_BYTES


def test_row_of_a_deleted_notice_is_none() -> None:
    assert notice_row(notice(deletedAt=NOW), [], Labels(configuration().labels)) is None
