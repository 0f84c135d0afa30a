"""Rings on the deployed stack: from a change in Trading Grid to the site's realtime channel."""

from typing import Any
from urllib.parse import urljoin

import httpx

from gridwix.models.ids import WixItemId
from gridwix.models.portal.collection_ids import PORTAL_CHANGES
from ops.local_environment import LocalEnvironment
from ops.ring_probe import check_ring
from tests.contract.portal_site import needs_node

pytestmark = needs_node

PARTNER, OTHER = "GC080000000021", "GC080000000022"


def status_number(local: LocalEnvironment, partner: str) -> int:
    """How often a partner's status has changed, as the portal knows it."""
    item = local.connections.wix.get_item(PORTAL_CHANGES, WixItemId(partner))
    return 0 if item is None else int(item.data["status"])


def published(local: LocalEnvironment) -> int:
    """Number of messages that the site has published on its channel."""
    status: dict[str, Any] = (
        httpx.get(urljoin(local.portal_url, "/__emulator/realtime")).raise_for_status().json()
    )
    return int(status["published"])


def test_change_of_a_partner_is_counted_for_that_partner_alone_and_rings_its_pages(
    local_cloud: LocalEnvironment,
) -> None:
    local_cloud.wait_until_idle()
    before, other = status_number(local_cloud, PARTNER), status_number(local_cloud, OTHER)
    rung = published(local_cloud)

    local_cloud.trading_grid.order("changes", {"count": 5, "seed": 11, "partnerIds": [PARTNER]})
    local_cloud.wait_for(
        lambda: status_number(local_cloud, PARTNER) > before, "the change to be counted"
    )
    local_cloud.wait_for(lambda: published(local_cloud) > rung, "the site to be rung")

    assert status_number(local_cloud, OTHER) == other


def test_site_takes_rings_and_lets_no_stranger_listen(local_cloud: LocalEnvironment) -> None:
    assert check_ring(local_cloud.stack).endswith("accepts rings, and lets no stranger listen")
