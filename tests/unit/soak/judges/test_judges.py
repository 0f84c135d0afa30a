"""The judges: a good world passes, and each wrong that is planted in it is found and named."""

from random import Random
from typing import Any

import pytest

from soak.inputs import (
    CommentAdded,
    RecordChanged,
    SubmissionAccepted,
    SubmissionRefused,
    TransactionShown,
    Uncertain,
    VersionAdded,
    VersionDecided,
)
from soak.judges import Kind
from tests.unit.soak.judges.good_rows import FIRST, SECOND
from tests.unit.soak.judges.good_world import (
    BYTES,
    NOON,
    World,
    case,
    changed,
    event,
    good_world,
    made,
    mail,
    notice,
    partner,
    spoiled,
    submission,
)
from tests.unit.soak.judges.planted import PLANTED
from tests.unit.soak.judges.spoils import (
    Spoil,
    add_input,
    add_write,
    forget_inputs,
    lose_row,
    set_fields,
    spoil_all,
    text_row,
)

HARMLESS: dict[str, Spoil] = {
    "an unreadable record keeps its row": spoil_all(
        lambda world: world.inputs.append(
            changed("cases", case(9), "[[p1.c1.v4]]", readable=False)
        ),
        set_fields("OpenIssues", "case_1_1", status="open"),
        set_fields("PartnerStatus", FIRST, openCases=7),
    ),
    "a refused row may be stale": spoil_all(
        lambda world: world.held.add("OpenIssues/case_1_1"),
        lose_row("OpenIssues", "case_1_1"),
    ),
    "the file of a refused row waits for it": spoil_all(
        lambda world: world.held.add("PartnerDocuments/doc_1_1"),
        lose_row("PartnerDocuments", "doc_1_1"),
    ),
    "a submission that is held": spoil_all(
        lambda world: world.inputs.append(
            SubmissionAccepted(NOON, submission("sub9", "request", "", ""))
        ),
        lambda world: world.held.add("sub9"),
    ),
    "an uncertain submission that came to nothing": add_input(
        Uncertain(NOON, submission("sub9", "request", "", ""))
    ),
    "a refused submission": add_input(
        SubmissionRefused(NOON, submission("sub9", "request", "", ""), 400)
    ),
    "a comment on a case that was closed": spoil_all(
        lambda world: world.inputs.insert(
            3, changed("cases", case(2, status="closed"), "[[p1.c1.v2]]")
        ),
        lambda world: world.inputs.append(
            SubmissionAccepted(NOON, submission("sub9", "case_comment", "case_1_1", ""))
        ),
        lambda world: world.rows["PartnerRequests"].update(
            sub9={
                "partnerId": FIRST,
                "memberId": "m1",
                "kind": "case_comment",
                "status": "not_possible",
                "message": "This issue was closed.",
            }
        ),
    ),
    "a comment on a closed case, whose row was refused": spoil_all(
        lambda world: world.inputs.insert(
            3, changed("cases", case(2, status="closed"), "[[p1.c1.v2]]")
        ),
        lambda world: world.inputs.append(
            SubmissionAccepted(NOON, submission("sub9", "case_comment", "case_1_1", ""))
        ),
        lambda world: world.held.add("PartnerRequests/sub9"),
    ),
    "a repeated call of the mail automation": lambda world: world.messages.append(
        mail("dispatch2")
    ),
    "a message about a second event": spoil_all(
        lambda world: world.events.append(
            event("case.status_changed", "cases/case_1_1", status="awaiting_partner")
        ),
        lambda world: world.messages.append(mail("more")),
    ),
    "a case that has left the campaign's condition": spoil_all(
        lambda world: world.writes.pop(),
        lambda world: world.held.add("cases/case_1_1"),
    ),
    "a message that Wix has refused": spoil_all(
        lambda world: world.writes.pop(),
        lambda world: world.messages.clear(),
        lambda world: world.held.add("case-awaiting-partner about cases/case_1_1"),
    ),
    "a text that leaves a row": add_write(
        "PartnerStatus", FIRST, text_row("p1.e1.v3"), text_row("p1.e1.v1")
    ),
    "a document of an order that is put right": add_write(
        "PartnerActivity", FIRST, text_row("p1.t1.v5"), text_row("p1.t1.v3")
    ),
    "an exception that was over at once": lambda world: world.inputs.extend(
        TransactionShown(NOON, "t2", "soak-1-1-2", FIRST, "856", "x", over, "")
        for over in (False, True)
    ),
    "an exception whose event is a dead letter": spoil_all(
        lambda world: world.inputs.append(
            TransactionShown(NOON, "t2", "soak-1-1-2", FIRST, "856", "x", False, "")
        ),
        lambda world: world.held.add("transactions/soak-1-1-2"),
    ),
    "a terminated partner is in no audience": spoil_all(
        lambda world: world.inputs.append(
            changed(
                "partners",
                partner(FIRST, "[[p1.p1.v1]]", status="terminated", version=2),
                "[[p1.p1.v1]]",
            )
        ),
        set_fields("PartnerStatus", FIRST, status="terminated"),
        set_fields("ServiceNotices", "ntc_0_1", partnerIds=[]),
    ),
    "an audience by region": spoil_all(
        lambda world: world.inputs.append(
            changed(
                "service-notices",
                notice(version=3, audience={"regions": ["EU"], "partnerIds": [FIRST]}),
                "[[p0.n1.v2]]",
            )
        ),
        set_fields("ServiceNotices", "ntc_0_1", partnerIds=[FIRST, SECOND]),
    ),
    "a version that a partner sent and the hub approved": spoil_all(
        lambda world: world.made.append(
            made("version", "documents/doc_1_1", {"number": 2, "sha256": "2" * 64})
        ),
        lambda world: world.files.update(file1=BYTES),
    ),
}


def test_verdict_when_the_world_is_good_is_ok() -> None:
    verdict = good_world().judge()

    assert str(verdict).count("\n") == 0
    assert verdict.ok


@pytest.mark.parametrize(("kind", "words", "spoil"), PLANTED.values(), ids=PLANTED.keys())
def test_verdict_when_a_wrong_is_planted_names_it(kind: Kind, words: str, spoil: Spoil) -> None:
    verdict = spoiled(spoil)

    assert verdict.count(kind)
    assert any(text.startswith(f"{kind}: ") and words in text for text in verdict.findings)


def test_planted_wrongs_when_listed_have_each_kind() -> None:
    assert {kind for kind, _, _ in PLANTED.values()} == set(Kind)


@pytest.mark.parametrize("change", HARMLESS.values(), ids=HARMLESS.keys())
def test_verdict_when_something_else_is_right_is_ok(change: Spoil) -> None:
    assert str(spoiled(change)).count("\n") == 0


def test_verdict_when_a_partners_version_is_approved_wants_its_bytes() -> None:
    def approve(world: World) -> None:
        version = {"number": 1, "sha256": "2" * 64}
        world.made.append(made("version", "documents/doc_1_1", version))
        forget_inputs(VersionAdded)(world)

    world = good_world()
    approve(world)
    decided = VersionDecided(NOON + 10, "doc_1_1", FIRST, 1, approved=True)

    judged = world.judge_with(lambda judges: judges.accept(decided))

    assert judged.count(Kind.WRONG_FILE) == 1


@pytest.mark.parametrize("seed", range(20))
def test_verdict_when_inputs_of_other_records_come_in_another_order_is_the_same(seed: int) -> None:
    random = Random(seed)
    world = good_world()
    set_fields("OpenIssues", "case_1_1", subject="[[p1.c1.v2]]")(world)
    before = world.judge()
    lanes: dict[str, list[Any]] = {}
    for given in world.inputs:
        lanes.setdefault(_lane(given), []).append(given)
    order = [name for name, given in lanes.items() for _ in given]
    random.shuffle(order)

    world.inputs = [lanes[name].pop(0) for name in order]

    assert world.judge() == before


def _lane(given: Any) -> str:
    """Inputs of one record, or of one person, keep their order."""
    match given:
        case RecordChanged():
            return given.id
        case CommentAdded():
            return given.record_id
        case VersionAdded():
            return given.document_id
    return type(given).__name__
