"""Changes of a source: merged into records without overwriting what others changed, with events."""

from collections.abc import Mapping
from itertools import pairwise
from typing import Any

import pytest

from gridwix_gateway.documents import Document
from gridwix_gateway.sources.apply import MAX_STEP_EVENTS, UnknownRecord, apply_change, item_bound
from gridwix_gateway.sources.changes import Contradiction, RecordChange, merged_record
from gridwix_gateway.sources.files.service import SPARE_BYTES
from gridwix_gateway.sources.mapping import MappedRecord
from gridwix_gateway.store.commits import Commits, Draft
from gridwix_gateway.store.feed import Feed
from gridwix_gateway.store.items import MAX_DOCUMENT_BYTES
from gridwix_gateway.store.records import Records
from gridwix_gateway.store.table import MAX_ITEMS
from tests.fakes.gateway.memory_table import MemoryTable

PROGRAM: Document = {
    "id": "prg",
    "key": "supplier",
    "name": "Supplier",
    "status": "published",
    "version": 4,
    "steps": [
        {"key": "tax", "title": "Tax form", "phase": "compliance", "owner": "partner",
         "kind": "document", "waitsOn": [], "requiredDocumentTypes": ["w9"]},
        {"key": "edi", "title": "EDI test", "phase": "testing", "owner": "joint", "kind": "test",
         "waitsOn": ["tax"]},
    ],
}  # fmt: skip
PARTNER: Document = {"name": "Amber", "role": "supplier", "status": "invited"}
ENROLLMENT: Document = {
    "partnerId": "GC1",
    "programId": "prg",
    "status": "in_progress",
    "steps": [{"key": "tax", "status": "in_progress"}],
}
STEPS = {"steps": "key"}


class Store:
    """A gateway's store in memory, with the program."""

    def __init__(self) -> None:
        self.table = MemoryTable()
        self.commits = Commits(self.table, "HUB", "net.example.tg.")
        self.commits.run(lambda draft: draft.create("onboarding-programs", PROGRAM, None))
        self._read = 0

    def apply(self, *changes: RecordChange) -> list[str]:
        return self.commits.run(lambda draft: [apply_change(draft, one) for one in changes])

    def edit(self, collection: str, identifier: str, changes: Document) -> None:
        """Change a record as the portal or the desk would."""

        def work(draft: Draft) -> None:
            current = draft.get(collection, identifier)
            assert current is not None
            draft.change(collection, current, changes, None)

        self.commits.run(work)

    def get(self, collection: str, identifier: str) -> Document:
        found = Records(self.table).get(collection, identifier)
        assert found is not None
        return found

    def new_events(self) -> list[tuple[str, str, Any]]:
        """Type, subject and changed members of the events since the last call."""
        page = Feed(self.table).read_page(self._read, 1_000)
        self._read += len(page.events)
        return [
            (
                event["type"].removeprefix("net.example.tg."),
                event["subject"],
                event["data"]["changed"],
            )
            for event in page.events
        ]


@pytest.fixture
def store() -> Store:
    return Store()


def change(
    collection: str,
    identifier: str,
    old: Mapping[str, Any] | None,
    new: Mapping[str, Any] | None,
    **options: Any,
) -> RecordChange:
    return RecordChange(
        collection,
        identifier,
        None if old is None else dict(old),
        None if new is None else dict(new),
        **options,
    )


def test_new_partner_is_created_with_one_event(store: Store) -> None:
    outcome = store.apply(change("partners", "GC1", None, {**PARTNER, "mailbox": None}))

    assert outcome == ["created"]
    found = store.get("partners", "GC1")
    assert (found["name"], found["version"], found["companyId"]) == ("Amber", 1, "HUB")
    assert "mailbox" not in found
    assert [event[:2] for event in store.new_events()] == [("partner.created", "partners/GC1")]


def test_change_that_is_applied_twice_writes_once(store: Store) -> None:
    store.apply(change("partners", "GC1", None, PARTNER))
    store.new_events()
    renamed = change("partners", "GC1", PARTNER, {**PARTNER, "name": "Amber Inc."})

    outcomes = [store.apply(renamed), store.apply(renamed)]

    assert outcomes == [["changed"], ["unchanged"]]
    assert store.new_events() == [("partner.updated", "partners/GC1", ["name"])]
    assert store.get("partners", "GC1")["version"] == 2


def test_member_that_the_source_did_not_change_keeps_the_desks_value(store: Store) -> None:
    store.apply(change("partners", "GC1", None, PARTNER))
    store.edit("partners", "GC1", {"name": "Desk's own", "legalName": "Amber Foods Inc."})

    store.apply(change("partners", "GC1", PARTNER, {**PARTNER, "status": "active"}))

    found = store.get("partners", "GC1")
    assert (found["name"], found["status"], found["legalName"]) == (
        "Desk's own",
        "active",
        "Amber Foods Inc.",
    )


def test_status_of_a_source_is_a_fact_and_no_transition(store: Store) -> None:
    store.apply(change("partners", "GC1", None, {**PARTNER, "status": "terminated"}))
    store.new_events()

    store.apply(
        change(
            "partners", "GC1", {**PARTNER, "status": "terminated"}, {**PARTNER, "status": "active"}
        )
    )

    assert store.new_events() == [("partner.status_changed", "partners/GC1", ["status"])]


def test_record_that_is_gone_becomes_a_tombstone_and_comes_back_with_a_higher_version(
    store: Store,
) -> None:
    store.apply(change("partners", "GC1", None, PARTNER))

    gone = store.apply(change("partners", "GC1", PARTNER, None))
    twice = store.apply(change("partners", "GC1", PARTNER, None))
    tombstone = store.get("partners", "GC1")
    back = store.apply(change("partners", "GC1", None, {**PARTNER, "name": "Back"}))

    assert (gone, twice, back) == (["deleted"], ["unchanged"], ["created"])
    assert tombstone["deletedAt"] is not None
    found = store.get("partners", "GC1")
    assert (found["deletedAt"], found["name"], found["version"]) == (None, "Back", 3)
    assert [event[0] for event in store.new_events()] == [
        "partner.created",
        "partner.updated",
        "partner.created",
    ]


def test_source_that_does_not_own_a_record_neither_creates_nor_deletes_it(store: Store) -> None:
    with pytest.raises(UnknownRecord):
        store.apply(change("partners", "GC1", None, {"mailbox": "M"}, owner=False))
    store.apply(change("partners", "GC1", None, PARTNER))

    outcomes = store.apply(
        change("partners", "GC1", None, {"mailbox": "M"}, owner=False),
        change("partners", "GC1", {"mailbox": "M"}, None, owner=False),
    )

    assert outcomes == ["changed", "unchanged"]
    assert store.get("partners", "GC1")["mailbox"] == "M"


def test_new_enrollment_has_its_programs_steps_and_unlocks_what_can_begin(store: Store) -> None:
    done = {**ENROLLMENT, "steps": [{"key": "tax", "status": "completed"}, {"key": "own"}]}

    store.apply(change("enrollments", "e", None, done, gather=STEPS))

    found = store.get("enrollments", "e")
    assert [(step["key"], step["status"], step["title"]) for step in found["steps"]] == [
        ("tax", "completed", "Tax form"),
        ("edi", "available", "EDI test"),
        ("own", "available", "own"),
    ]
    assert (found["programVersion"], found["percentComplete"]) == (4, 33)
    assert found["currentStepKeys"] == ["edi", "own"]
    assert [event[0] for event in store.new_events()] == ["enrollment.created"]


def test_step_of_a_source_completes_and_the_next_one_unlocks(store: Store) -> None:
    store.apply(change("enrollments", "e", None, ENROLLMENT, gather=STEPS))
    store.new_events()
    done = {**ENROLLMENT, "steps": [{"key": "tax", "status": "completed"}]}

    store.apply(change("enrollments", "e", ENROLLMENT, done, gather=STEPS))

    assert store.new_events() == [
        ("step.status_changed", "enrollments/e/steps/tax", ["status"]),
        ("step.unlocked", "enrollments/e/steps/edi", ["status"]),
    ]
    found = store.get("enrollments", "e")
    assert found["steps"][0]["completedAt"] == found["updatedAt"]
    assert (found["version"], found["percentComplete"]) == (2, 50)


def test_members_of_a_step_that_the_portal_set_stay(store: Store) -> None:
    store.apply(change("enrollments", "e", None, ENROLLMENT, gather=STEPS))
    steps = [dict(step) for step in store.get("enrollments", "e")["steps"]]
    steps[0] |= {"status": "submitted", "evidence": [{"kind": "document", "id": "d"}]}
    store.edit("enrollments", "e", {"steps": steps})
    store.new_events()
    noted = {**ENROLLMENT, "steps": [{"key": "tax", "status": "in_progress", "note": "Hurry"}]}

    store.apply(change("enrollments", "e", ENROLLMENT, noted, gather=STEPS))

    tax = store.get("enrollments", "e")["steps"][0]
    assert (tax["status"], tax["note"], len(tax["evidence"])) == ("submitted", "Hurry", 1)
    assert store.new_events() == [("enrollment.status_changed", "enrollments/e", ["steps"])]


def test_step_that_is_gone_and_a_new_one_are_merged_by_key(store: Store) -> None:
    old = {**ENROLLMENT, "steps": [{"key": "tax", "status": "in_progress"}, {"key": "own"}]}
    new = {
        **ENROLLMENT,
        "steps": [
            {"key": "tax", "status": "in_progress"},
            {"key": "edi", "note": "n"},
            {"key": "x"},
        ],
    }
    store.apply(change("enrollments", "e", None, old, gather=STEPS))

    store.apply(change("enrollments", "e", old, new, gather=STEPS))

    found = store.get("enrollments", "e")["steps"]
    assert [step["key"] for step in found] == ["tax", "edi", "x"]
    assert found[1]["note"] == "n"


def test_change_of_very_many_steps_has_one_event(store: Store) -> None:
    def steps(status: str) -> Document:
        keys = range(MAX_STEP_EVENTS + 1)
        return {**ENROLLMENT, "steps": [{"key": f"s{key}", "status": status} for key in keys]}

    store.apply(change("enrollments", "e", None, steps("available"), gather=STEPS))
    store.new_events()
    moved = change("enrollments", "e", steps("available"), steps("completed"), gather=STEPS)
    store.apply(moved)

    assert [event[0] for event in store.new_events()] == ["enrollment.status_changed"]
    assert item_bound(moved) > MAX_STEP_EVENTS


@pytest.mark.parametrize("count", [1, MAX_STEP_EVENTS, MAX_STEP_EVENTS + 1, 300])
def test_change_of_an_enrollment_fits_a_commit_whatever_number_of_steps_moves(
    store: Store, count: int
) -> None:
    def enrollment(status: str, programme: str) -> Document:
        steps = [{"key": f"s{key}", "status": status} for key in range(count)]
        return {**ENROLLMENT, "status": programme, "steps": steps}

    states = [None, enrollment("available", "in_progress"), enrollment("completed", "completed")]
    weights: list[int] = []
    for old, new in pairwise([*states, None]):
        moved = change("enrollments", "e", old, new, gather=STEPS)

        def work(draft: Draft, moved: RecordChange = moved) -> int:
            before = draft.weight[0]
            apply_change(draft, moved)
            return draft.weight[0] - before

        weights.append(store.commits.run(work))
        # The counter and the mark of the source are items of the commit, too.
        assert weights[-1] <= item_bound(moved) <= MAX_ITEMS - 2

    assert max(weights) == (count + 2 if count <= MAX_STEP_EVENTS else 2)


def test_largest_change_of_an_enrollment_takes_the_bytes_that_a_commit_keeps_for_it(
    store: Store,
) -> None:
    def enrollment(status: str, letter: str) -> Document:
        keys = range(MAX_STEP_EVENTS)
        note = letter * (MAX_DOCUMENT_BYTES // MAX_STEP_EVENTS - 300)
        steps = [{"key": f"s{key}", "status": status, "note": note} for key in keys]
        return {**ENROLLMENT, "targetGoLive": letter, "steps": steps}

    old, new = enrollment("available", "a"), enrollment("completed", "b")
    store.apply(change("enrollments", "e", None, old, gather=STEPS))

    def work(draft: Draft) -> int:
        before = draft.weight[1]
        apply_change(draft, change("enrollments", "e", old, new, gather=STEPS))
        return draft.weight[1] - before

    assert 2 * MAX_DOCUMENT_BYTES < store.commits.run(work) <= SPARE_BYTES


CASE: Document = {
    "partnerId": "GC1",
    "subject": "ASN",
    "category": "asn_rejection",
    "priority": "high",
    "status": "open",
    "nextStep": "Resend",
    "assigneeTeam": {"key": "edi"},
}
CHECK: Document = {
    "partnerId": "GC1",
    "ruleKey": "r",
    "title": "t",
    "category": "edi",
    "status": "failed",
}
NOTICE: Document = {
    "kind": "incident",
    "title": "Down",
    "impact": "major",
    "status": "investigating",
    "startsAt": "2026-03-12T06:40:00.000Z",
    "audience": {"all": True},
}
REQUEST: Document = {
    "number": "CR-1",
    "type": "support",
    "status": "received",
    "sourceSubmissionId": "s",
}


@pytest.mark.parametrize(
    ("collection", "record", "changes", "created", "changed", "derived"),
    [
        (
            "cases",
            CASE,
            {"status": "resolved"},
            "case.created",
            "case.status_changed",
            "resolvedAt",
        ),
        ("cases", CASE, {"status": "closed"}, "case.created", "case.status_changed", "closedAt"),
        ("cases", CASE, {"assigneeTeam": {"key": "ap"}}, "case.created", "case.assigned", ""),
        ("cases", CASE, {"subject": "x"}, "case.created", "case.updated", ""),
        (
            "compliance-checks",
            CHECK,
            {"status": "passed"},
            "compliance.status_changed",
            "compliance.status_changed",
            "evaluatedAt",
        ),
        (
            "compliance-checks",
            CHECK,
            {"title": "x"},
            "compliance.status_changed",
            "compliance.status_changed",
            "",
        ),
        (
            "service-notices",
            NOTICE,
            {"status": "resolved"},
            "notice.published",
            "notice.resolved",
            "endsAt",
        ),
        (
            "service-notices",
            NOTICE,
            {"impact": "none"},
            "notice.published",
            "notice.updated",
            "",
        ),
        (
            "collaboration-requests",
            REQUEST,
            {"routing": {"teamKey": "x", "ruleKey": "y"}},
            "request.received",
            "request.routed",
            "",
        ),
        (
            "collaboration-requests",
            REQUEST,
            {"status": "triaged"},
            "request.received",
            "request.status_changed",
            "",
        ),
        (
            "onboarding-programs",
            {**PROGRAM, "key": "other"},
            {"steps": PROGRAM["steps"][:1]},
            "program.published",
            "requirement.changed",
            "",
        ),
        (
            "onboarding-programs",
            {**PROGRAM, "key": "other"},
            {"name": "x"},
            "program.published",
            "program.published",
            "",
        ),
    ],
)
def test_each_change_has_the_event_of_its_collection(
    store: Store,
    collection: str,
    record: Document,
    changes: Document,
    created: str,
    changed: str,
    derived: str,
) -> None:
    fields = {name: value for name, value in record.items() if name not in ("id", "version")}

    store.apply(change(collection, "r1", None, fields))
    store.apply(change(collection, "r1", fields, {**fields, **changes}))

    first, second = store.new_events()
    assert (first[0], second[0]) == (created, changed)
    assert set(changes) <= set(second[2])
    if derived:
        assert store.get(collection, "r1")[derived] == store.get(collection, "r1")["updatedAt"]


def test_case_of_a_source_keeps_its_history_and_its_next_steps_owner(store: Store) -> None:
    store.apply(change("cases", "c", None, CASE))
    store.edit("cases", "c", {"nextStepOwner": "partner"})

    new = {**CASE, "status": "awaiting_partner", "nextStep": "Send it"}
    store.apply(change("cases", "c", CASE, new))

    found = store.get("cases", "c")
    assert [entry["status"] for entry in found["statusHistory"]] == ["open", "awaiting_partner"]
    assert (found["nextStepOwner"], found["number"]) == (None, "c")


def test_contributions_that_contradict_each_other_are_told_apart() -> None:
    def part(**fields: Any) -> MappedRecord:
        return MappedRecord("enrollments", "e", fields, gather=STEPS)

    with pytest.raises(Contradiction, match="another value of status"):
        merged_record([part(status="a"), part(status="b")])
    with pytest.raises(Contradiction, match="the element tax"):
        merged_record([part(steps=[{"key": "tax"}]), part(steps=[{"key": "tax"}])])
    with pytest.raises(Contradiction, match="the same record"):
        merged_record([part(status="a"), MappedRecord("enrollments", "e", {"status": "a"})])
    assert merged_record([MappedRecord("enrollments", "e", {}, deleted=True)]) is None
