"""The expected rows of the portal, computed from Trading Grid's records per partner."""

from collections.abc import Iterable, Mapping
from typing import Any

from gridwix.clients.trading_grid.community import CommunityClient
from gridwix.mapping.wix_items import data_item
from gridwix.models.ids import PartnerId
from gridwix.models.wix import DataItem
from gridwix.status_publisher.projection import PartnerRecords, status_row
from tests.factories import texts


def expected_rows(community: CommunityClient) -> dict[str, Mapping[str, Any]]:
    """Return each partner's expected row by id, from Trading Grid's current records."""
    ids: list[PartnerId] = []
    page: str | None = None
    while True:
        found, page = community.partner_ids(page)
        ids += found
        if page is None:
            break
    enrollments, checks, cases = (
        community.enrollments(ids).records,
        community.compliance_checks(ids).records,
        community.open_cases(ids).records,
    )
    rows: dict[str, Mapping[str, Any]] = {}
    for partner in community.partners(ids).records:
        identifier = partner.partner_id
        records = PartnerRecords(
            partner,
            [one for one in enrollments if one.partner_id == identifier],
            [one for one in checks if one.partner_id == identifier],
            [one for one in cases if one.partner_id == identifier],
        )
        row = status_row(records, texts())
        if row is not None:
            item = data_item(identifier, row)
            rows[item.id] = item.data
    return rows


def shown_rows(items: Iterable[DataItem]) -> dict[str, Mapping[str, Any]]:
    """Return the portal's rows by id, without the members that Wix adds."""
    return {
        item.id: {name: value for name, value in item.data.items() if not name.startswith("_")}
        for item in items
    }
