"""What a page asks to stay current: numbers of changes, sections, and their reads of Wix Data."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from gridwix.models.portal.areas import COLLECTION_OF
from tests.contract.portal_backend.cases import DAY, SECTIONS, an_enrollment, an_issue, sections
from tests.contract.portal_site import Portal, Visitor, needs_node

pytestmark = [pytest.mark.xdist_group("portal"), needs_node]

COLLECTIONS = {
    "status": ["PartnerStatus"],
    "onboarding": ["OnboardingProgress", "OnboardingSteps"],
    "issues": ["OpenIssues"],
    "notices": ["ServiceNotices"],
    "documents": ["PartnerDocuments"],
    "requests": ["PartnerRequests"],
    "messages": ["PartnerMessages"],
    "activity": ["PartnerActivity"],
}
"""The collections that a section reads, each with one query."""


SHOWN = {
    "status": "headline",
    "onboarding": "status",
    "issues": "subject",
    "notices": "title",
    "documents": "title",
    "requests": "title",
    "messages": "campaign",
    "activity": "since",
}
"""A field of each section's rows that a page gets as it is stored."""


def reads_of(site: Portal, member: Visitor, method: str, *args: Any) -> list[str]:
    """Return the collections that a call reads, in order."""
    site.reads.collections.clear()
    assert "error" not in member.call(method, *args)
    return list(site.reads.collections)


def moment(at: datetime) -> dict[str, str]:
    return {"$date": at.isoformat(timespec="milliseconds").replace("+00:00", "Z")}


@pytest.fixture
def everybody(site: Portal) -> Any:
    """Sets the row for everybody, and removes it after the test."""
    yield lambda **data: site.row("PortalChanges", "everybody", **data)
    site.remove("PortalChanges", "everybody")


@pytest.fixture
def replica_behind(site: Portal) -> Iterator[None]:
    """Lets the site's replica be an hour behind."""
    site.control("settings", {"replicaLag": 3600})
    yield
    site.control("settings", {"replicaLag": 0})


@pytest.mark.usefixtures("replica_behind")
@pytest.mark.parametrize(("section", "field"), SHOWN.items())
def test_section_that_is_read_because_of_a_change_has_it_however_far_the_replica_is_behind(
    site: Portal, partner: str, member: Visitor, section: str, field: str
) -> None:
    shown = []
    # A page reads once for each number: what it reads too early it would show until the next.
    for state in ("before", "after"):
        owner = {"partnerId": partner, "partnerIds": [partner]}
        site.row(COLLECTIONS[section][0], f"{section}-{partner}", **owner, **{field: state})
        answer = member.call("getSections", partner, [section], "en")
        rows = answer["sections"][section]["rows"]
        shown += [row[field] for row in rows if row["id"] == f"{section}-{partner}"]

    assert shown == ["before", "after"]


def test_numbers_are_those_of_the_partner_and_of_everybody(
    site: Portal, partner: str, member: Visitor, everybody: Any
) -> None:
    site.row("PortalChanges", partner, issues=17, status=4, note=9, documents="3")
    site.row("PortalChanges", site.partner(), issues=99)
    everybody(notices=3, asOf=DAY)

    answer = member.call("getChanges", partner)

    assert answer.pop("may")["sections"] == [name for name in SECTIONS if name != "status"]
    assert answer == {
        "numbers": {"own": {"issues": 17, "status": 4}, "everybody": {"notices": 3}},
        "hidden": [],
        "asOf": "2026-03-12T09:00:00.000Z",
        "stale": True,
    }
    assert member.call("getPortal", partner, "en", [])["numbers"] == answer["numbers"]


def test_partner_without_a_change_has_no_numbers(partner: str, member: Visitor) -> None:
    answer = member.call("getChanges", partner)

    assert answer.pop("may")
    assert answer == {
        "numbers": {"own": {}, "everybody": {}},
        "hidden": [],
        "asOf": None,
        "stale": True,
    }


@pytest.mark.parametrize("names", [[], ["issues"], ["status", "notices", "documents"], SECTIONS])
def test_page_reads_its_link_the_numbers_and_then_only_the_named_sections(
    site: Portal, partner: str, member: Visitor, names: list[str]
) -> None:
    an_enrollment(site, partner)
    rows = sorted(collection for name in names for collection in COLLECTIONS[name])

    portal = reads_of(site, member, "getPortal", partner, "en", names)
    again = reads_of(site, member, "getSections", partner, names, "en")

    assert portal[:2] == ["PartnerLinks", "PortalChanges"]
    assert sorted(portal[2:]) == rows
    assert again[:1] == ["PartnerLinks"]
    assert sorted(again[1:]) == rows
    assert list(member.call("getPortal", partner, "en", names)["sections"]) == names
    assert list(member.call("getSections", partner, names, "en")["sections"]) == names


def test_sections_without_a_source_are_named_and_cost_no_read(
    site: Portal, partner: str, member: Visitor, everybody: Any
) -> None:
    site.row("PartnerDocuments", f"{partner}-old", partnerId=partner, title="Of a former source")
    everybody(hidden=["documents", "onboarding", "compliance"])

    reads = reads_of(site, member, "getPortal", partner, "en", SECTIONS)
    found = member.call("getPortal", partner, "en", SECTIONS)

    shown = [name for name in SECTIONS if name not in ("documents", "onboarding")]
    assert found["hidden"] == ["onboarding", "compliance", "documents"]
    assert found["sections"]["documents"]["rows"] == []
    assert set(found["sections"]) == set(SECTIONS)
    assert sorted(reads[2:]) == sorted(name for each in shown for name in COLLECTIONS[each])
    assert member.call("getChanges", partner)["hidden"] == found["hidden"]


def test_area_with_rows_of_the_partner_or_for_everybody_is_shown_before_the_next_sweep(
    site: Portal, partner: str, member: Visitor, everybody: Any
) -> None:
    site.row("PortalChanges", partner, issues=0, requests=1)
    everybody(hidden=list(COLLECTION_OF), notices=1, onboarding=4)

    hidden = member.call("getChanges", partner)["hidden"]

    assert hidden == ["onboarding", "compliance", "issues", "documents"]


@pytest.mark.parametrize("value", ["documents", 7, {"documents": True}, ["status", "activity", 1]])
def test_nothing_is_hidden_that_is_no_area(
    partner: str, member: Visitor, everybody: Any, value: Any
) -> None:
    everybody(hidden=value)

    assert member.call("getChanges", partner)["hidden"] == []


def test_backend_can_hide_each_area_that_gridwix_knows(
    partner: str, member: Visitor, everybody: Any
) -> None:
    everybody(hidden=list(COLLECTION_OF))

    assert member.call("getChanges", partner)["hidden"] == list(COLLECTION_OF)


def test_check_for_changes_costs_two_reads(site: Portal, partner: str, member: Visitor) -> None:
    assert reads_of(site, member, "getChanges", partner) == ["PartnerLinks", "PortalChanges"]


def test_section_that_is_named_twice_is_read_once(
    site: Portal, partner: str, member: Visitor
) -> None:
    names = ["issues", "issues"]

    assert reads_of(site, member, "getSections", partner, names, "en") == [
        "PartnerLinks",
        "OpenIssues",
    ]


def test_partner_without_its_status_keeps_the_name_that_the_page_knows(
    partner: str, member: Visitor
) -> None:
    assert member.call("getPortal", partner, "en", ["issues"])["partner"] == {
        "id": partner,
        "role": "edi",
    }


@pytest.mark.parametrize("method", ["getPortal", "getSections"])
def test_rows_and_numbers_are_read_from_the_primary_database(
    site: Portal, partner: str, member: Visitor, method: str
) -> None:
    args = {"getPortal": [partner, "en", SECTIONS], "getSections": [partner, SECTIONS, "en"]}
    site.control("settings", {"replicaLag": 30})
    try:
        an_issue(site, partner)
        an_enrollment(site, partner)
        site.row("PortalChanges", partner, issues=1)

        found = member.call(method, *args[method])
        numbers = member.call("getChanges", partner)["numbers"]
    finally:
        site.control("settings", {"replicaLag": 0})

    assert [row["subject"] for row in found["sections"]["issues"]["rows"]] == ["856 was late"]
    [enrollment] = found["sections"]["onboarding"]["rows"]
    assert ["form" in step for step in enrollment["steps"]] == [True, False]
    assert numbers["own"] == {"issues": 1}


def test_data_is_stale_half_an_hour_after_trading_grid_was_read_and_the_last_row_was_written(
    site: Portal, member: Visitor, partner: str, everybody: Any
) -> None:
    site.remove("PartnerStatus", partner)
    old, new = (datetime.now(UTC) - timedelta(minutes=minutes) for minutes in (31, 29))

    def known(at: datetime) -> tuple[dict[str, Any], dict[str, Any]]:
        everybody(asOf=moment(at))
        found: dict[str, Any] = sections(member)["issues"]
        return found, member.call("getChanges", partner)

    never = sections(member)["issues"]
    (long_ago, long_ago_check), (lately, lately_check) = known(old), known(new)
    known(old)
    site.row("PartnerStatus", partner, partnerId=partner, partnerName="New")
    written = sections(member)["issues"]
    again = member.call("getSections", partner, ["status", "issues"], "en")["sections"]["issues"]

    assert never == {"rows": [], "asOf": None, "stale": True}
    assert (long_ago["stale"], lately["stale"], written["stale"]) == (True, False, False)
    assert (long_ago_check["stale"], lately_check["stale"]) == (True, False)
    assert long_ago["asOf"] == long_ago_check["asOf"] < lately["asOf"] < written["asOf"]
    assert again == written
