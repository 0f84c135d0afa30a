"""Pages of a section on the portal: cursors, order and limits."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.contract.portal_backend.cases import INVALID, sections
from tests.contract.portal_site import Portal, Visitor, needs_node

pytestmark = [pytest.mark.xdist_group("portal"), needs_node]


def test_a_section_shows_the_newest_rows_and_the_rest_behind_its_cursor(
    site: Portal, partner: str, member: Visitor
) -> None:
    for number in range(51):
        at = {"$date": f"2026-03-12T09:{number:02}:00.000Z"}
        site.row(
            "OnboardingProgress",
            f"enr-{partner}-{number}",
            partnerId=partner,
            programId="prg",
            active=True,
            steps=[],
            updatedAt=at,
        )

    first = sections(member)["onboarding"]
    second = member.call("getMore", partner, "onboarding", first["next"], "en")

    assert len(first["rows"]) == 50
    assert f"enr-{partner}-0" not in {row["id"] for row in first["rows"]}
    assert [row["id"] for row in second["rows"]] == [f"enr-{partner}-0"]
    assert "next" not in second


def test_messages_for_other_roles_take_no_place_from_those_that_the_reader_may_see(
    site: Portal, partner: str
) -> None:
    finance, edi = site.member(partner, role="finance"), site.member(partner, role="edi")
    site.save(
        "PartnerMessages",
        [message(partner, number, roles=["edi"], minute=10_000 + number) for number in range(205)],
    )
    site.save(
        "PartnerMessages",
        [message(partner, 300 + number, roles=["finance"], minute=number) for number in range(7)],
    )
    site.save(
        "PartnerMessages",
        [
            message(partner, 400, roles=[], minute=50),
            message(partner, 401, minute=51),
            message(partner, 402, roles=["edi", "finance"], minute=52),
        ],
    )

    mine, theirs = (sections(member)["messages"] for member in (finance, edi))
    rest = edi.call("getMore", partner, "messages", theirs["next"], "en")

    assert [row["title"] for row in mine["rows"]] == [
        "402",
        "401",
        "400",
        "306",
        "305",
        "304",
        "303",
        "302",
        "301",
        "300",
    ]
    assert "next" not in mine
    assert len(theirs["rows"]) == 200
    assert [row["title"] for row in rest["rows"]] == ["4", "3", "2", "1", "0", "402", "401", "400"]
    assert "next" not in rest


def message(partner: str, number: int, *, minute: int, **more: Any) -> dict[str, Any]:
    at = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=minute)
    words = {"texts": {"en": {"title": str(number), "body": ""}}, "locale": "en"}
    return {
        "_id": f"msg-{partner}-{number:03}",
        "partnerId": partner,
        **words,
        "sentAt": {"$date": at.isoformat(timespec="milliseconds")},
        **more,
    }


@pytest.mark.parametrize(
    ("section", "collection", "size", "owner"),
    [
        ("onboarding", "OnboardingProgress", 50, {}),
        ("issues", "OpenIssues", 300, {}),
        ("notices", "ServiceNotices", 100, {"forEverybody": False}),
        ("documents", "PartnerDocuments", 500, {"forEverybody": False}),
        ("requests", "PartnerRequests", 300, {}),
        ("messages", "PartnerMessages", 200, {"texts": {"en": {"title": "", "body": ""}}}),
    ],
)
def test_every_list_says_that_there_is_more_and_gives_each_row_once(
    site: Portal,
    partner: str,
    member: Visitor,
    section: str,
    collection: str,
    size: int,
    owner: dict[str, Any],
) -> None:
    # Many rows of the same time, some without one, and some over: every border between pages.
    flag = {"onboarding": "active", "issues": "open", "notices": "active", "requests": "open"}.get(
        section
    )
    time_of = {"notices": "startsAt", "requests": "submittedAt", "messages": "sentAt"}.get(
        section, "updatedAt"
    )
    items = []
    for number in range(2 * size + 7):
        times = (
            {}
            if number % 11 == 0
            else {time_of: {"$date": f"2026-03-{1 + number % 3:02}T09:00:00.000Z"}}
        )
        state = {} if flag is None or number % 7 == 0 else {flag: number % 2 == 0}
        items.append(
            {
                "_id": f"{section}-{partner}-{number:04}",
                "partnerId": partner,
                "partnerIds": [partner],
                **owner,
                **times,
                **state,
            }
        )
    site.save(collection, items)

    page = sections(member)[section]
    pages = [page["rows"]]
    while "next" in page:
        page = member.call("getMore", partner, section, page["next"], "en")
        pages.append(page["rows"])

    seen = [
        row["id"] for rows in pages for row in rows if row["id"].startswith(f"{section}-{partner}")
    ]
    assert [len(rows) for rows in pages[:2]] == [size, size]
    assert (len(seen), set(seen)) == (len(items), {item["_id"] for item in items})
    if flag is not None:
        flags = [row.get(flag, False) for rows in pages for row in rows]
        assert flags == sorted(flags, reverse=True)
    for item in items:
        site.remove(collection, item["_id"])


def test_page_behind_a_cursor_stays_the_same_when_rows_come_and_change_meanwhile(
    site: Portal, partner: str, member: Visitor
) -> None:
    site.save("PartnerMessages", [message(partner, number, minute=number) for number in range(203)])
    first = sections(member)["messages"]

    site.save("PartnerMessages", [message(partner, 900, minute=900)])
    site.remove("PartnerMessages", f"msg-{partner}-100")
    second = member.call("getMore", partner, "messages", first["next"], "en")

    assert [row["title"] for row in second["rows"]] == ["2", "1", "0"]


@pytest.mark.parametrize(
    "cursor",
    [
        None,
        "",
        "x",
        7,
        {},
        [],
        "A" * 601,
        "W10",
        "bnVsbA",
        "WyJhIiwiYiIsImMiLCJkIl0",
        "W3siYXQiOiJ4In0sImEiXQ",
        "W3siJGd0IjoxfSwiYSJd",
        "W251bGwsbnVsbF0",
    ],
)
def test_cursor_that_is_none_is_refused(member: Visitor, partner: str, cursor: Any) -> None:
    assert member.call("getMore", partner, "messages", cursor, "en") == INVALID


@pytest.mark.parametrize(
    "section", ["status", "PartnerLinks", "__proto__", "constructor", None, 7, ""]
)
def test_section_that_has_no_pages_is_refused(
    site: Portal, partner: str, member: Visitor, section: Any
) -> None:
    assert member.call("getMore", partner, section, "W251bGwsImEiXQ", "en") == INVALID


def test_open_requests_come_before_newer_ones_that_are_over(
    site: Portal, partner: str, member: Visitor
) -> None:
    at = {number: {"$date": f"2026-03-{number:02}T09:00:00.000Z"} for number in (1, 2)}
    site.row(
        "PartnerRequests",
        f"sub-old-{partner}",
        partnerId=partner,
        reference="GX-1",
        open=True,
        submittedAt=at[1],
    )
    site.row(
        "PartnerRequests",
        f"sub-new-{partner}",
        partnerId=partner,
        reference="GX-2",
        open=False,
        submittedAt=at[2],
    )

    assert [row["reference"] for row in sections(member)["requests"]["rows"]] == ["GX-1", "GX-2"]
