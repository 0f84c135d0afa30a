"""Messages about a document: its publication, and each later version that becomes current."""

from collections import Counter
from datetime import timedelta
from itertools import permutations
from typing import Any

import pytest

from gridwix.models.events import Change
from gridwix.runtime.configuration import configuration
from tests.factories import BALTIC, PRAIRIE_GOLD, change, document
from tests.fakes.messaging import Stage, campaigns

PUBLISHED, UPDATED = "document-published", "document-updated"
CURRENT = ["currentVersion", "status"]
"""``changed`` of an event when a version becomes the current one."""

GUIDE = {
    "trigger": {
        "events": ["document.version_added", "document.status_changed"],
        "changed": ["version"],
        "once": "version",
    }
}


def stage_at(version: int, revision: int = 1, **fields: Any) -> Stage:
    """A stage with the project's own campaigns, and Prairie Gold's agreement at a version."""
    stage = Stage(configuration())
    put(stage, version, revision, **fields)
    return stage


def put(stage: Stage, version: int, revision: int, **fields: Any) -> None:
    stage.source.put(
        document(
            version=revision,
            currentVersion=version,
            **{"partnerId": PRAIRIE_GOLD, "category": "agreement", **fields},
        )
    )


def event(
    event_id: str,
    kind: str,
    changed: list[str],
    revision: int = 1,
    before: str | None = "published",
    **fields: Any,
) -> Change:
    status = {"before": before, "after": "published"}
    return change(
        event_id,
        **{
            "type": kind,
            "subject": "documents/doc_1",
            "version": revision,
            "changed": changed,
            "status": status,
            **fields,
        },
    )


def published(event_id: str = "evt_p", revision: int = 1, **fields: Any) -> Change:
    return event(event_id, "document.published", CURRENT, revision, "in_review", **fields)


def renewed(event_id: str = "evt_r", revision: int = 1, **fields: Any) -> Change:
    return event(event_id, "document.version_added", CURRENT, revision, **fields)


def told(stage: Stage) -> Counter[str]:
    return Counter(row["campaign"] for row in stage.rows)


def test_later_version_that_becomes_current_is_told_as_an_update_and_not_as_a_publication() -> None:
    stage = stage_at(3, title="Routing Guide", category="routing_guide")

    stage.run(renewed())

    (row,) = stage.rows
    assert (row["campaign"], row["record"]) == (UPDATED, "documents/doc_1")
    assert row["texts"]["en"]["title"] == "Updated routing guide: Routing Guide"
    assert "version 3 takes the place" in row["texts"]["en"]["body"]
    assert "Version 3 ersetzt" in row["texts"]["de"]["body"]
    stage.run_at("2026-03-13T13:00")  # 08:00 in Chicago, when the digest goes
    (mail,) = stage.mails.calls
    assert "version 3 takes the place" in mail.text.body


@pytest.mark.parametrize(
    "event_of_another_change",
    [
        event("sent", "document.version_added", ["status"]),
        event("nothing", "document.version_added", []),
        event("title", "document.version_added", ["title", "effectiveFrom"]),
        event("rejected", "document.status_changed", ["status"]),
        event("back", "document.status_changed", ["status"], before="expired"),
    ],
    ids=lambda one: one.event_id,
)
def test_version_that_waits_for_approval_and_any_other_change_are_not_told(
    event_of_another_change: Change,
) -> None:
    stage = stage_at(2)

    stage.run(event_of_another_change)

    assert (stage.rows, stage.outbox.kept) == ([], {})


@pytest.mark.parametrize(
    ("fields", "partners"),
    [
        ({"category": "tax_form"}, set()),
        ({"classification": "restricted"}, set()),
        ({"classification": "of_a_later_release"}, set()),
        ({"status": "withdrawn"}, set()),
        ({"partnerId": None, "classification": "public"}, {PRAIRIE_GOLD, BALTIC}),
        (
            {
                "partnerId": None,
                "classification": "public",
                "audience": {"partnerIds": [BALTIC]},
            },
            {BALTIC},
        ),
    ],
)
def test_update_is_told_of_agreements_and_guides_to_whom_they_are_for(
    fields: dict[str, Any], partners: set[str]
) -> None:
    stage = stage_at(2, **fields)

    stage.run(renewed())

    assert {row["partnerId"] for row in stage.rows} == partners


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_first_publication_is_told_once_as_published_whatever_events_speak_of_it(
    order: tuple[int, ...],
) -> None:
    events = [
        published(),
        event("added", "document.version_added", CURRENT, before="in_review"),
        event("status", "document.status_changed", CURRENT, before="draft"),
    ]
    stage = stage_at(1)

    for number in order:
        stage.run(events[number])
    put(stage, 2, 2)
    stage.run(published(), published(via="webhook"))

    assert told(stage) == {PUBLISHED: 1}


def test_version_is_told_once_however_many_events_speak_of_it() -> None:
    stage = Stage(campaigns(guide=GUIDE))
    put(stage, 2, 5)

    stage.run(
        renewed("evt_1", 4),
        renewed("evt_1", 4, via="webhook"),
        event("evt_2", "document.status_changed", CURRENT, 5),
    )
    stage.run(renewed("evt_1", 4), renewed("evt_3", 5))
    stage.run_after(hours=3)

    assert (told(stage), stage.state_counts(None)) == ({"guide": 1}, {"expanded": 1})


def test_each_version_is_told_when_it_becomes_current() -> None:
    stage = stage_at(2, 2)
    stage.run(renewed("evt_2", 2))
    put(stage, 3, 3)
    stage.run(renewed("evt_3", 3))

    bodies = [row["texts"]["en"]["body"] for row in stage.rows]

    assert [f"version {number} " in body for number, body in zip((2, 3), bodies, strict=True)] == [
        True,
        True,
    ]


def test_events_of_two_versions_that_come_late_tell_of_the_one_that_is_current() -> None:
    stage = stage_at(3, 3)

    stage.run(renewed("evt_2", 2), renewed("evt_3", 3))

    assert [
        ("version 3 " in row["texts"]["en"]["body"], row["campaign"]) for row in stage.rows
    ] == [(True, UPDATED)]


def test_version_that_another_follows_before_the_digest_goes_is_not_in_it() -> None:
    stage = stage_at(1, 1)
    stage.run(published())
    for number in (2, 3):
        put(stage, number, number)
        stage.now += timedelta(hours=1)
        stage.run(renewed(f"evt_{number}", number, occurredAt=stage.now))

    stage.run_at("2026-03-13T13:00")

    (mail,) = stage.mails.calls
    assert (
        mail.text.body.count("was published"),
        mail.text.body.count("has a new version"),
        mail.text.body.count("version 3 "),
    ) == (1, 1, 1)
    assert stage.state_counts("email")["suppressed:reason_gone"] == 1
    assert told(stage) == {PUBLISHED: 1, UPDATED: 2}


UNREAD = {"trigger": {"events": ["document.version_added"], "once": "version", "after_hours": [24]}}


def test_reminder_of_a_version_is_dropped_when_a_later_one_is_current() -> None:
    stage = Stage(campaigns(unread=UNREAD))
    put(stage, 2, 2)
    stage.run(renewed("evt_2", 2))
    stage.run_after(hours=12)
    put(stage, 3, 3)
    stage.run(renewed("evt_3", 3, occurredAt=stage.now))

    stage.run_after(hours=12)
    assert (stage.rows, stage.state_counts(None)["planned"]) == ([], 1)
    stage.run_after(hours=12)
    assert len(stage.rows) == 1


def test_reminder_of_a_version_is_sent_though_another_event_announces_the_version() -> None:
    stage = Stage(campaigns(unread=UNREAD))
    put(stage, 2, 2)
    stage.run(renewed("evt_2", 2))
    stage.now += timedelta(hours=12)
    put(stage, 2, 3)
    stage.run(renewed("evt_3", 3, occurredAt=stage.now))

    stage.run_after(hours=12)

    assert (len(stage.rows), stage.state_counts(None)) == (1, {"expanded": 1})
