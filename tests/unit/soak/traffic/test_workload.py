"""The workload of the soak test: what happens, how often, and always the same for a seed."""

from collections import Counter
from functools import cache
from itertools import pairwise

import pytest

from soak.inputs import TOKEN, CommentAdded, RecordChanged, SubmissionAccepted, VersionAdded
from soak.traffic.shape import DAY, SHARES, Shape, rate_at, small_world
from soak.traffic.workload import calm_shape
from tests.fakes.soak_outside import START, MemoryWorld

SHAPE = Shape(
    partners=100,
    events=12_000,
    per_minute=3_000,
    members=1.0,
    giant_comments=40,
    giant_updates=20,
    file_bytes=40,
    malformed=0.006,
    giants=0.06,
)


@cache
def played() -> MemoryWorld:
    """A world in which the workload has happened."""
    world = MemoryWorld(SHAPE)
    for number in range(1, 101):
        partner = f"GC08{number:010}"
        world.add_request(number, partner)
        world.hub.put(
            "approvals",
            {
                "id": f"apr_{number}",
                "partnerId": partner,
                "status": "pending",
                "subject": {"type": "document_version", "id": f"doc_{number}_1/2"},
            },
        )
        world.scene.population.approvals.append(f"apr_{number}")
    return world.play()


def inputs_of_traffic(world: MemoryWorld) -> list[object]:
    """The inputs since the world was set up."""
    return [one for one in world.notes.inputs if one.at > START]


def test_inputs_when_seeds_are_equal_then_they_are_equal_and_otherwise_not() -> None:
    first, second, other = (
        MemoryWorld(small_world(), seed).play().notes.inputs for seed in (7, 7, 8)
    )

    assert first == second
    assert first != other


def test_webhooks_when_seeds_are_equal_then_they_are_equal() -> None:
    first, second = (MemoryWorld(small_world(), 7).play().entrance.posts for _ in range(2))

    assert first == second
    assert len(first) > 100


def test_workload_when_it_is_played_then_it_ends_with_as_many_events_as_asked() -> None:
    world = played()

    assert world.workload.ended
    assert SHAPE.events <= world.scene.accepted < SHAPE.events * 1.1


def test_workload_when_it_is_played_then_every_kind_of_input_and_of_burst_happens() -> None:
    world = played()
    kinds = Counter(type(one).__name__ for one in inputs_of_traffic(world))
    collections = {one.collection for one in world.notes.inputs if isinstance(one, RecordChanged)}

    assert {
        "RecordChanged",
        "CommentAdded",
        "VersionAdded",
        "VersionDecided",
        "TransactionShown",
        "MemberJoined",
        "MemberChanged",
        "RoleChanged",
        "SettingChanged",
        "MemberLeft",
        "FileReady",
        "SubmissionAccepted",
    } == kinds.keys()
    assert collections == {
        "partners",
        "enrollments",
        "compliance-checks",
        "cases",
        "service-notices",
        "documents",
        "onboarding-programs",
        "collaboration-requests",
    }
    assert {*SHARES, "malformed", "giant", "visit"} == world.workload.bursts.keys()


def test_submissions_when_the_workload_is_played_then_each_action_and_form_is_among_them() -> None:
    sent = [one.submission for one in played().notes.inputs if isinstance(one, SubmissionAccepted)]

    assert {one.action for one in sent} == {
        "request",
        "case_comment",
        "case_resolution",
        "request_comment",
        "step_submission",
        "document_version",
    }
    assert {one.form for one in sent} == {
        "partner-question",
        "invoice-question",
        "ship-notice-problem",
        "onboarding-question",
        "issue-comment",
        "issue-resolution",
        "request-answer",
        "onboarding-step",
        "edi-setup",
        "document-version",
    }
    assert any(not one.member_id for one in sent)
    assert any(one.files for one in sent if one.action == "request")


@pytest.mark.parametrize(
    ("collection", "share"),
    [("cases", 0.40), ("compliance-checks", 0.14), ("enrollments", 0.14), ("partners", 0.08)],
)
def test_kind_when_the_workload_is_played_then_it_has_the_share_that_was_asked_for(
    collection: str, share: float
) -> None:
    found = inputs_of_traffic(played())
    of_kind = [
        one
        for one in found
        if isinstance(one, RecordChanged | CommentAdded) and one.collection == collection
    ]

    assert len(of_kind) / len(found) == pytest.approx(share, rel=0.15)


def test_records_when_the_workload_is_played_then_each_way_of_life_occurs() -> None:
    changed = [one for one in played().notes.inputs if isinstance(one, RecordChanged)]
    statuses: dict[str, set[str]] = {}
    for one in changed:
        statuses.setdefault(one.collection, set()).add(one.document["status"])

    assert statuses["partners"] == {"invited", "onboarding", "active", "suspended", "terminated"}
    assert statuses["cases"] == {
        "new",
        "open",
        "awaiting_partner",
        "awaiting_internal",
        "resolved",
        "closed",
        "cancelled",
    }
    assert {"in_progress", "on_hold", "completed", "withdrawn"} <= statuses["enrollments"]
    assert {"published", "expired", "withdrawn"} <= statuses["documents"]
    assert {"waiting_on_partner", "completed"} <= statuses["collaboration-requests"]
    for collection in ("partners", "cases"):
        assert any(
            one.collection == collection and one.document.get("deletedAt") for one in changed
        )


def test_partner_when_it_was_deleted_then_it_comes_back() -> None:
    found: dict[str, list[bool]] = {}
    for one in played().notes.inputs:
        if isinstance(one, RecordChanged) and one.collection == "partners":
            found.setdefault(one.id, []).append(bool(one.document.get("deletedAt")))

    assert any(
        deleted and not later for states in found.values() for deleted, later in pairwise(states)
    )


def test_record_when_it_changes_then_its_revision_grows_by_one_and_its_texts_have_the_token() -> (
    None
):
    last: dict[str, int] = {}
    texts = ("name", "subject", "title", "nextStep", "steps")
    for one in played().notes.inputs:
        if not isinstance(one, RecordChanged):
            continue
        found = TOKEN.fullmatch(one.token)
        assert found
        assert int(found[4]) == last.get(one.id, 0) + 1
        last[one.id] = int(found[4])
        if one.collection != "collaboration-requests" and one.readable:
            shown = str([one.document.get(member) for member in texts])
            assert one.token in shown


def test_text_when_it_is_for_the_hub_alone_then_no_text_for_the_portal_has_its_token() -> None:
    world = played()
    internal = 0
    for comment in world.hub.comments:
        is_internal = comment["visibility"] == "internal"
        assert (".x" in comment["body"]) == is_internal
        internal += is_internal
    for one in world.notes.inputs:
        if isinstance(one, VersionAdded):
            assert (".r" in one.token) == one.restricted
        if isinstance(one, RecordChanged) and one.collection == "cases":
            assert ".x" in one.document["description"]
            assert ".x" not in f"{one.document['subject']} {one.document['nextStep']}"

    assert internal > 100


def test_records_when_some_are_malformed_then_they_are_few_and_all_are_mended() -> None:
    world = played()
    changed = [one for one in inputs_of_traffic(world) if isinstance(one, RecordChanged)]
    malformed = [one for one in changed if not one.readable]

    assert len(malformed) / SHAPE.events == pytest.approx(SHAPE.malformed, rel=0.3)
    assert world.hub.spoilt == {}


def test_giants_when_the_workload_is_played_then_some_records_pass_every_limit() -> None:
    world = played()
    comments = Counter(one["record"] for one in world.hub.comments if len(one["body"]) == 2_000)
    notices = [one for name, one in world.hub.records.items() if name.startswith("service-notices")]
    cases = [one for name, one in world.hub.records.items() if name.startswith("cases/")]
    names = [
        len(one.document["name"])
        for one in world.notes.inputs
        if isinstance(one, RecordChanged) and one.collection == "partners"
    ]

    assert max(comments.values()) >= SHAPE.giant_comments - 1
    assert max(len(one["updates"]) for one in notices) >= SHAPE.giant_updates
    assert max(len(one["transactionRefs"]) for one in cases) >= 300
    assert max(names) > 100_000


def test_bursts_when_somebody_works_on_a_case_then_many_changes_come_within_seconds() -> None:
    times: dict[str, list[float]] = {}
    for one in inputs_of_traffic(MemoryWorld(small_world(50, 2_000)).play()):
        if isinstance(one, RecordChanged) and one.collection == "cases":
            times.setdefault(one.id, []).append(one.at)
    busiest = max(times.values(), key=len)
    pauses = sorted(later - at for at, later in pairwise(busiest))

    assert len(busiest) >= 5
    assert pauses[len(pauses) // 2] < 10


def test_rate_when_a_day_passes_then_noon_is_the_top_and_the_mean_is_as_asked() -> None:
    shape = Shape(per_minute=60, peak=1.8)
    rates = [rate_at(shape, 100 * DAY + hour * 3_600) for hour in range(24)]

    assert rates[12] == max(rates) == pytest.approx(1.8)
    assert rates[0] == min(rates) == pytest.approx(0.2)
    assert sum(rates) / 24 == pytest.approx(1.0)


def test_workload_when_it_is_calm_then_no_record_is_malformed_and_each_webhook_arrives() -> None:
    world = MemoryWorld(calm_shape(small_world(10, 500))).play()
    counts = world.workload.deliveries.counts

    assert all(one.readable for one in world.notes.inputs if isinstance(one, RecordChanged))
    assert counts["sent"] == counts["delivered"] == sum(counts.values()) / 2
