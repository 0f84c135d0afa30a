"""The etag changes if and only if the portal changes; sections become stale."""

import time
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.contract.portal_backend.cases import an_issue, sections
from tests.contract.portal_site import Portal, Visitor, needs_node

pytestmark = [pytest.mark.xdist_group("portal"), needs_node]


def get_etag(member: Visitor) -> str:
    found: dict[str, str] = member.call("getEtag", None)
    return found["etag"]


def test_the_etag_when_nothing_changes_stays(site: Portal, partner: str, member: Visitor) -> None:
    an_issue(site, partner)

    assert (
        len(
            {get_etag(member) for _ in range(3)}
            | {member.call("getPortal", None, locale)["etag"] for locale in ("en", "de")}
        )
        == 1
    )


def test_the_etag_changes_with_each_section_and_with_nothing_else(
    site: Portal, partner: str, member: Visitor
) -> None:
    other = site.partner()
    program = f"prg-{partner}"
    changes: list[tuple[str, str, dict[str, Any]]] = [
        (
            "PartnerStatus",
            partner,
            {"partnerId": partner, "partnerName": "Prairie", "headline": "New"},
        ),
        (
            "OnboardingProgress",
            f"enr-{partner}",
            {"partnerId": partner, "programId": program, "steps": [{"key": "a", "title": "A"}]},
        ),
        (
            "OnboardingSteps",
            f"{program}.a.de",
            {"programId": program, "stepKey": "a", "locale": "de", "title": "Schritt"},
        ),
        ("OpenIssues", f"case-{partner}", {"partnerId": partner, "subject": "Late"}),
        (
            "ServiceNotices",
            f"ntc-{partner}",
            {"forEverybody": False, "partnerIds": [partner], "title": "Delay"},
        ),
        (
            "PartnerDocuments",
            f"doc-{partner}",
            {"forEverybody": False, "partnerIds": [partner], "title": "Guide"},
        ),
        ("PartnerRequests", f"sub-{partner}", {"partnerId": partner, "reference": "GX-1"}),
        (
            "PartnerMessages",
            f"msg-{partner}",
            {
                "partnerId": partner,
                "roles": ["edi"],
                "texts": {"et": {"title": "Tere", "body": ""}},
            },
        ),
    ]
    silent: list[tuple[str, str, dict[str, Any]]] = [
        ("OpenIssues", f"case-{other}", {"partnerId": other, "subject": "Late"}),
        (
            "ServiceNotices",
            f"ntc-{other}",
            {"forEverybody": False, "partnerIds": [other], "title": "Delay"},
        ),
        (
            "PartnerMessages",
            f"msg-x-{partner}",
            {"partnerId": partner, "roles": ["finance"], "texts": {}},
        ),
        (
            "OnboardingSteps",
            f"other-{partner}.a.de",
            {"programId": f"other-{partner}", "stepKey": "a", "locale": "de", "title": "Schritt"},
        ),
        (
            "PartnerLinks",
            f"link-{partner}",
            {"memberId": "somebody", "partnerId": partner, "role": "edi"},
        ),
    ]
    # What was written last is also how new the page is, and the page shows that: the portal has
    # just been asked for.
    site.row("PortalFreshness", "trading-grid", asOf={"$date": "2099-01-01T00:00:00.000Z"})
    seen = [get_etag(member)]
    for collection, identifier, data in changes:
        site.row(collection, identifier, **data)
        seen.append(get_etag(member))
    for collection, identifier, data in silent:
        site.row(collection, identifier, **data)
    before, after = seen[-1], get_etag(member)
    for collection, identifier, _ in changes[1:]:
        site.remove(collection, identifier)
    site.remove("PortalFreshness", "trading-grid")

    assert len(set(seen)) == len(changes) + 1
    assert before == after


def test_sections_are_stale_half_an_hour_after_trading_grid_was_asked_and_the_last_row_was_written(
    site: Portal,
) -> None:
    partner = "GC-" + str(time.time_ns())
    member = site.member(partner)
    old, new = (datetime.now(UTC) - timedelta(minutes=minutes) for minutes in (31, 29))

    def known(moment: datetime) -> dict[str, Any]:
        site.row(
            "PortalFreshness",
            "trading-grid",
            asOf={"$date": moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")},
        )
        found: dict[str, Any] = sections(member)["issues"]
        return found

    never = sections(member)["issues"]
    long_ago, lately = known(old), known(new)
    known(old)
    site.row("PartnerStatus", partner, partnerId=partner, partnerName="New")
    written = sections(member)["issues"]
    site.remove("PortalFreshness", "trading-grid")

    assert never == {"rows": [], "asOf": None, "stale": True}
    assert (long_ago["stale"], lately["stale"], written["stale"]) == (True, False, False)
    assert long_ago["asOf"] < lately["asOf"] < written["asOf"]
