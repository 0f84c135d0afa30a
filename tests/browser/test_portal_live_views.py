"""The view Activity and a preview, with page code, backend and Wix's emulator together."""

from datetime import UTC, date, datetime, timedelta

import httpx
from playwright.sync_api import Page, expect

from gridwix.models.ids import PartnerId
from gridwix.models.portal.partner_activity import ActivityLine, PartnerActivityRow
from tests.browser.test_portal_files import PNG
from tests.browser.test_portal_live import (  # noqa: F401  The fixtures are the same.
    live,
    open_portal,
    partner,
    site,
)
from tests.contract.portal_site import Portal, needs_node, portal
from tests.contract.test_portal_media import a_document
from tests.contract.wix_site import wait_until

pytestmark = needs_node

TODAY = datetime.now(UTC).date()


def publish(site: Portal, partner: str, sent: int) -> None:  # noqa: F811
    """Publish the row of a partner that sends some ship notices each day."""
    days: list[date] = [TODAY - timedelta(days=29 - place) for place in range(30)]
    line = ActivityLine(
        document_type="856",
        direction="inbound",
        total=30 * sent,
        acknowledged=30 * sent,
        daily=(sent,) * 30,
        failed_daily=(0,) * 30,
    )
    row = PartnerActivityRow(
        partner_id=PartnerId(partner),
        since=days[0],
        until=days[-1],
        days=tuple(days),
        lines=(line,),
        updated_at=datetime.now(UTC),
    )
    data = row.model_dump(by_alias=True, mode="json", exclude_none=True)
    site.row("PartnerActivity", partner, **data)


def test_activity_as_it_is_published_is_shown_and_follows_a_ring(
    live: Page,  # noqa: F811
    site: Portal,  # noqa: F811
    partner: str,  # noqa: F811
) -> None:
    publish(site, partner, 2)
    open_portal(live, site, "?section=activity")
    words = live.locator("figcaption")
    expect(words).to_have_text(
        "60 documents in 30 days. None has a problem."
        " Trend: 14 in the last 7 full days, as many as in the 7 days before."
    )
    expect(live.locator(".numbers tfoot")).to_contain_text("60")
    site.reads.collections.clear()

    publish(site, partner, 3)
    site.row("PortalChanges", partner, activity=1)
    site.ring((f"partner/{partner}", {"activity": 1}))

    expect(words).to_contain_text("90 documents in 30 days.")
    assert [one for one in site.reads.collections if one != "PartnerLinks"] == ["PartnerActivity"]


def test_private_picture_is_shown_under_the_pages_policy(live: Page) -> None:  # noqa: F811
    site = portal(watch_media=False)  # noqa: F811
    partner = site.partner("Prairie Gold Foods")  # noqa: F811
    member = site.member(partner)
    document = a_document(site, partner)
    description = {"fileName": "a.png", "mimeType": "image/png", "sizeInBytes": len(PNG)}
    place = member.call("getUploadUrl", partner, document, description)
    file = httpx.put(
        place["uploadUrl"],
        params={"filename": "a.png"},
        content=PNG,
        headers={"content-type": "image/png", "origin": member.portal},
    ).json()["file"]
    a_document(site, partner, fileId=file["id"], fileName="label.png", title="Label")
    # Wix goes over a new file first.
    wait_until(lambda: "url" in member.call("openDocument", partner, document))
    [(name, value)] = member.http.cookies.items()
    live.context.add_cookies([{"name": name, "value": value, "url": site.url}])
    open_portal(live, site, "?section=documents")

    live.get_by_role("button", name="Preview Label").click()

    expect(live.get_by_role("img", name="Preview of Label")).to_be_visible()
    live.wait_for_function(
        "() => document.querySelector('gridwix-portal').shadowRoot.querySelector('img')"
        ".naturalWidth > 0"
    )
