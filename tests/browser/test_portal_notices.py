"""Notices on the page: what is on leads, planned work is below, and unclosed ones say so."""

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.served import SOON, Opener, Portal

PHASES = json.loads((Path(__file__).parents[1] / "samples/notice_phases.json").read_text("utf-8"))
OVER = {"resolved", "completed", "cancelled", "withdrawn"}

MARCH = {
    "id": "ntc_march",
    "title": "March maintenance",
    "kind": "maintenance",
    "status": "scheduled",
    "impact": "critical",
    "startsAt": "2026-03-10T00:00:00Z",
    "scheduledFor": "2026-03-28T03:00:00Z",
    "expectedUntil": "2026-03-28T05:00:00Z",
}
OCTOBER = {
    **MARCH,
    "id": "ntc_october",
    "title": "October maintenance",
    "scheduledFor": "2025-10-05T03:00:00Z",
    "expectedUntil": "2025-10-05T05:00:00Z",
}
INCIDENT = {
    **MARCH,
    "id": "ntc_incident",
    "title": "Incident that runs",
    "kind": "incident",
    "status": "investigating",
    "impact": "major",
    "startsAt": "2026-03-13T07:00:00Z",
    "scheduledFor": None,
    "expectedUntil": None,
}


def show(portal: Portal, *rows: dict[str, Any]) -> None:
    """Let the page have these notices, all of them active, and no other."""
    made = f"{json.dumps(rows)}.map((row) => ({{...like, ...row}}))"
    like = "const like = {...rows.notices[0], active: true, workaround: null};"
    portal.change(f"{like} rows.notices.splice(0, Infinity, ...{made});")


def titles(portal: Portal) -> list[str]:
    return portal.find(".card.notice .summary-title").all_inner_texts()


def phase_of(portal: Portal, row: dict[str, Any], now: str) -> str:
    found: str = portal.page.evaluate(
        "([row, now]) => import('/portal/element/notice-times.js')"
        ".then(({phaseOf}) => phaseOf(row, Date.parse(now)))",
        [row, now],
    )
    return found


def test_phase_of_each_notice_is_that_of_the_table(open_portal: Opener) -> None:
    portal = open_portal()

    found = {}
    for case in PHASES:
        notice = dict(case["notice"])
        row = {
            **notice,
            "active": notice["status"] not in OVER,
            "expectedUntil": notice.pop("scheduledUntil", None),
        }
        found[case["says"]] = phase_of(portal, row, SOON)

    assert found == {case["says"]: case["phase"] for case in PHASES}


def test_incident_that_runs_leads_before_planned_work_and_before_what_nobody_closed(
    open_portal: Opener,
) -> None:
    portal = open_portal(still=True)

    show(portal, MARCH, OCTOBER, INCIDENT)

    banner = portal.find(".banner")
    expect(banner.locator("summary")).to_contain_text("Incident that runs")
    banner.locator("summary").click()
    expect(banner.get_by_role("button")).to_have_text(["Details", "1 planned notice"])
    expect(portal.find(".nav-item", "Notices").locator(".unseen").first).to_have_text("1 active")
    portal.go("Notices")
    assert titles(portal) == ["Incident that runs", "March maintenance", "October maintenance"]
    expect(portal.find(".past h4:first-child")).to_have_text(["Planned", "Not closed"])
    expect(portal.find(".notice", "March")).to_contain_text("Planned for 27 Mar 2026, 10:00 PM")
    expect(portal.find(".notice", "October")).to_contain_text(
        "Should have ended 5 Oct 2025, 12:00 AM"
    )


def test_notices_that_are_on_are_in_order_of_impact_and_then_of_age(open_portal: Opener) -> None:
    portal = open_portal(section="notices", still=True)
    older = {**INCIDENT, "id": "a", "title": "Older", "startsAt": "2026-03-12T07:00:00Z"}
    window = {
        **MARCH,
        "id": "b",
        "title": "Within its window",
        "impact": "critical",
        "scheduledFor": "2026-03-13T08:00:00Z",
        "expectedUntil": "2026-03-13T09:00:00Z",
    }
    soon = {**MARCH, "id": "c", "title": "Planned sooner", "impact": "minor"}
    soon["scheduledFor"] = "2026-03-14T03:00:00Z"

    show(portal, MARCH, older, soon, INCIDENT, window)

    assert titles(portal) == [
        "Within its window",
        "Incident that runs",
        "Older",
        "Planned sooner",
        "March maintenance",
    ]


def test_planned_work_alone_is_announced_as_planned_and_counts_as_nothing(
    open_portal: Opener,
) -> None:
    portal = open_portal(still=True)

    show(portal, OCTOBER, MARCH)

    line = portal.find(".banner.info summary")
    expect(line).to_contain_text("March maintenance")
    expect(line).to_contain_text("Planned for 27 Mar 2026, 10:00 PM")
    expect(portal.find(".nav-item", "Notices").locator(".count")).to_have_count(0)
    portal.go("Notices")
    expect(portal.find(".empty-title")).to_have_text("No disruptions")


@pytest.mark.parametrize("locale", ["en", "de", "fr", "ar"])
def test_planned_work_on_a_phone_shows_its_title_and_its_time(
    open_portal: Opener, locale: str
) -> None:
    portal = open_portal(still=True, locale=locale, width=390)

    show(portal, MARCH)

    line = portal.find(".banner.info summary")
    title, time = (line.locator(part).bounding_box() for part in ("strong", ".meta"))
    assert title
    assert time
    assert title["width"] >= 200
    assert time["y"] >= title["y"] + title["height"] - 4
    assert time["height"] < 1.5 * title["height"]


def test_notice_that_nobody_closed_has_no_banner(open_portal: Opener) -> None:
    portal = open_portal(still=True)

    show(portal, OCTOBER)

    expect(portal.find(".banner")).to_have_count(0)


@pytest.mark.parametrize("section", ["overview", "notices"])
def test_page_that_stays_open_says_when_a_window_begins_and_when_it_is_over(
    open_portal: Opener, section: str
) -> None:
    portal = open_portal(section=section, still=True)
    begin, end = (datetime.fromisoformat(f"2026-03-13T08:{minute}:00Z") for minute in ("04", "06"))
    window = {**MARCH, "scheduledFor": begin.isoformat(), "expectedUntil": end.isoformat()}
    show(portal, window)
    count = portal.find(".nav-item", "Notices").locator(".count .unseen")
    expect(count).to_have_count(0)

    portal.advance(61_000)
    expect(count).to_have_text("1 active")
    portal.advance(120_000)

    expect(count).to_have_count(0)
