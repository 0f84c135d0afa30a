"""A small world in which everything is as it must be: its inputs, and what they have led to."""

from collections.abc import Callable, Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from soak.inputs import (
    CommentAdded,
    FileReady,
    Input,
    MemberJoined,
    RecordChanged,
    Submission,
    SubmissionAccepted,
    TransactionShown,
    VersionAdded,
)
from soak.judges import Judges, Message, Outputs, Verdict, read_settings
from tests.unit.soak.judges.good_rows import FIRST, SECOND, Document, good_rows, step

SETTINGS = read_settings(Path(__file__).parents[4] / "config")
NOON = 1_773_334_800.0
"""2026-03-12T17:00:00Z, noon in Chicago, as Unix seconds."""

BYTES = sha256(b"bytes [[p1.b1.v1]]").hexdigest()
SECRET = sha256(b"bytes [[p1.r2.v1]]").hexdigest()


@dataclass
class World:
    """Everything that the judges get to know, for a test to spoil."""

    inputs: list[Input] = field(default_factory=list)
    events: list[Document] = field(default_factory=list)
    made: list[Any] = field(default_factory=list)
    writes: list[tuple[str, str, Document | None, Document | None, float]] = field(
        default_factory=list
    )
    messages: list[Message] = field(default_factory=list)
    calls: list[float] = field(default_factory=list)
    bytes: list[str] = field(default_factory=list)
    rows: dict[str, dict[str, Document]] = field(default_factory=dict)
    files: dict[str, str] = field(default_factory=dict)
    metrics: list[Mapping[str, float]] = field(default_factory=list)
    reports: list[Document] = field(default_factory=list)
    held: set[str] = field(default_factory=set)

    def judge(self) -> Verdict:
        """Tell the judges everything, and ask them."""
        return self.judge_with(lambda _: None)

    def judge_with(self, more: Callable[[Judges], None]) -> Verdict:
        """Tell the judges everything, and then more, and ask them."""
        judges = Judges(SETTINGS)
        for given in self.inputs:
            judges.accept(given)
        for event in self.events:
            judges.observe_event(event)
        for made in self.made:
            judges.observe_made(made)
        for write in self.writes:
            judges.observe_write(*write)
        for message in self.messages:
            judges.observe_message(message)
        for at in self.calls:
            judges.observe_call(at)
        for digest in self.bytes:
            judges.observe_bytes("a file", digest)
        for metrics in self.metrics:
            judges.observe_metrics("status_publisher", metrics)
        for report in self.reports:
            judges.observe_report(report)
        more(judges)
        return judges.verdict(
            Outputs(
                rows=self.rows,
                files=self.files,
                folder=self.files,
                held=frozenset(self.held),
                until=NOON + 3600,
            )
        )


def changed(
    collection: str, document: Document, mark: str, at: float = NOON, *, readable: bool = True
) -> RecordChanged:
    """A change of a record.

    Args:
        collection: Its collection.
        document: The record.
        mark: The token of its texts.
        at: Unix seconds.
        readable: False for a malformed record.
    """
    partner = document["id"] if collection == "partners" else document.get("partnerId")
    return RecordChanged(
        at, collection, document["id"], partner, document["version"], document, (), mark, readable
    )


def entity(identifier: str, number: int, /, **members: Any) -> Document:
    """A record of Trading Grid, of a version."""
    return {
        "id": identifier,
        "companyId": "GC00700011NR",
        "version": number,
        "createdAt": "2026-03-12T15:00:00.000Z",
        "updatedAt": "2026-03-12T16:00:00.000Z",
        **members,
    }


def partner(identifier: str, mark: str, **members: Any) -> Document:
    """A partner; ``mark`` is in its name."""
    given = {"role": "supplier", "country": "US", "status": "active", **members}
    return entity(identifier, 1, name=f"{mark} Foods", **given)


def case(version: int = 3, **members: Any) -> Document:
    """The case ``case_1_1`` of the first partner."""
    return entity(
        "case_1_1",
        version,
        **{
            "partnerId": FIRST,
            "number": "TG-1-1",
            "subject": "[[p1.c1.v3]] 856 rejected",
            "category": "asn_rejection",
            "priority": "high",
            "status": "awaiting_partner",
            "nextStep": "[[p1.c1.v3]] Send it again.",
            "nextStepOwner": None,
            "dueAt": "2026-03-15T12:00:00.000Z",
            "description": "[[p1.x1.v1]]",
            "transactionRefs": [
                {
                    "correlationId": "soak-1-1-1",
                    "editype": "856",
                    "standard": "x12",
                    "poNumber": "4500 [[p1.t1.v1]]",
                }
            ],
            "statusHistory": [
                {"status": "new", "at": "2026-03-12T15:00:00Z", "visibility": "public"},
                {"status": "open", "at": "2026-03-12T15:10:00Z", "visibility": "internal"},
                {
                    "status": "awaiting_partner",
                    "at": "2026-03-12T16:00:00Z",
                    "visibility": "public",
                },
            ],
            **members,
        },
    )


def notice(**members: Any) -> Document:
    """A notice for the first partner alone."""
    return entity(
        "ntc_0_1",
        2,
        **{
            "kind": "incident",
            "title": "[[p0.n1.v2]] incident",
            "impact": "minor",
            "status": "identified",
            "startsAt": "2026-03-12T15:00:00Z",
            "audience": {"partnerIds": [FIRST]},
            "updates": [
                {
                    "id": f"u{number}",
                    "at": f"2026-03-12T15:0{number}:00Z",
                    "status": "identified",
                    "bodyHtml": f"<p>[[p0.n1.v{number}]]</p>",
                }
                for number in (2, 1)
            ],
            "workaround": None,
            **members,
        },
    )


def submission(identifier: str, action: str, target: str, token: str) -> Submission:
    """A submission of the member ``m1``."""
    return Submission(identifier, "form", action, "m1", FIRST, target, token)


def made(kind: str, record: str, document: Document, **wish: Any) -> Any:
    """What a call of the functions has made."""
    return SimpleNamespace(at=NOON + 9, kind=kind, record=record, document=document, wish=wish)


def event(kind: str, subject: str, **after: Any) -> Document:
    """An event of Trading Grid."""
    return {
        "type": f"com.example.{kind}",
        "subject": subject,
        "time": "2026-03-12T17:00:00.000Z",
        "data": {"after": after},
    }


def good_world() -> World:
    """A new good world."""
    world = World()
    _add_records(world)
    _add_submissions(world)
    world.rows = good_rows()
    _add_outputs(world)
    return world


def spoiled(spoil: Callable[[World], object]) -> Verdict:
    """The verdict on a good world in which something was spoiled."""
    world = good_world()
    spoil(world)
    return world.judge()


def _add_records(world: World) -> None:
    document = {
        "partnerId": FIRST,
        "type": "coi",
        "category": "insurance",
        "status": "published",
        "currentVersion": 1,
        "expiresOn": "2026-12-01",
    }
    world.inputs += [
        changed("partners", partner(FIRST, "[[p1.p1.v1]]"), "[[p1.p1.v1]]", NOON - 9000),
        changed(
            "partners",
            partner(SECOND, "[[p2.p2.v1]]", country="DE"),
            "[[p2.p2.v1]]",
            NOON - 9000,
        ),
        changed("cases", case(1, status="open"), "[[p1.c1.v3]]", NOON - 60),
        changed("cases", case(), "[[p1.c1.v3]]"),
        changed("service-notices", notice(), "[[p0.n1.v2]]"),
        changed(
            "enrollments",
            entity(
                "enr_1_1",
                4,
                partnerId=FIRST,
                programId="prg_0_1",
                programVersion=1,
                status="in_progress",
                percentComplete=50,
                currentStepKeys=["tax"],
                targetGoLive="2026-05-01",
                steps=[step("profile", "completed"), step("tax", "available")],
            ),
            "[[p1.e1.v1]]",
        ),
        changed(
            "onboarding-programs",
            entity(
                "prg_0_1",
                1,
                key="soak-1",
                name="[[p0.g1.v1]] Onboarding",
                status="published",
                instructionsHtml="<p>[[p0.g1.v1]]</p>",
                steps=[{"key": "tax", "title": "[[p0.g1.v1]] Tax form", "locale": ["en"]}],
            ),
            "[[p0.g1.v1]]",
        ),
        changed(
            "compliance-checks",
            entity(
                "chk_1_1",
                2,
                partnerId=FIRST,
                ruleKey="coi",
                title="[[p1.k1.v2]] Certificate",
                category="insurance",
                status="failed",
                dueOn="2026-03-20",
                nextAction="[[p1.k1.v2]] Upload it.",
            ),
            "[[p1.k1.v2]]",
        ),
        changed(
            "documents",
            entity("doc_1_1", 2, title="[[p1.d1.v1]] coi", classification="partner", **document),
            "[[p1.d1.v1]]",
        ),
        changed(
            "documents",
            entity("doc_1_2", 2, title="[[p1.d2.v1]] w9", classification="restricted", **document),
            "[[p1.d2.v1]]",
        ),
        VersionAdded(NOON, "doc_1_1", FIRST, 1, "coi.pdf", BYTES, 10, "[[p1.b1.v1]]", False),
        VersionAdded(NOON, "doc_1_2", FIRST, 1, "w9.pdf", SECRET, 10, "[[p1.r2.v1]]", True),
        TransactionShown(
            NOON, "t1", "soak-1-1-1", FIRST, "856", "validation_error", False, "[[p1.t1.v1]]"
        ),
        *(
            CommentAdded(
                NOON + number,
                "cases",
                "case_1_1",
                FIRST,
                f"cmt_{number}",
                visibility,
                token,
                3,
                (),
            )
            for number, visibility, token in (
                (1, "public", "[[p1.m1.v1]]"),
                (2, "internal", "[[p1.x2.v1]]"),
            )
        ),
    ]
    world.events.append(event("case.status_changed", "cases/case_1_1", status="awaiting_partner"))


def _add_submissions(world: World) -> None:
    world.inputs += [
        MemberJoined(NOON - 9000, "m1", "contact1", FIRST, "admin", "a@partner.example", "", True),
        FileReady(NOON, "upload1", "m1", FIRST, "a.pdf", "0" * 64, 10, "[[p1.f1.v1]]"),
        SubmissionAccepted(NOON, submission("sub1", "request", "", "[[p1.s1.v1]]")),
        SubmissionAccepted(NOON, submission("sub2", "case_comment", "case_1_1", "[[p1.s2.v1]]")),
    ]
    request = entity(
        "req_1",
        1,
        number="CR-1",
        type="support",
        partnerId=FIRST,
        status="triaged",
        dueAt="2026-03-16T12:00:00Z",
        nextStep=None,
        answers={"question": "[[p1.s1.v1]] When?"},
        sourceSubmissionId="sub1",
    )
    comment = {"id": "cmt_3", "visibility": "public", "body": "[[p1.s2.v1]] Done."}
    world.made += [
        made("request", "collaboration-requests/req_1", request),
        made("comment", "cases/case_1_1", comment),
    ]
    world.inputs.append(changed("collaboration-requests", request, "[[p1.q1.v1]]"))


def _add_outputs(world: World) -> None:
    world.files = {"file1": BYTES}
    world.bytes = [BYTES]
    row = {
        "partnerId": FIRST,
        "campaign": "case-awaiting-partner",
        "record": "cases/case_1_1",
        "texts": {"en": {"title": "Issue TG-1-1", "body": "<p>[[p1.c1.v3]]</p>"}},
    }
    for collection, rows in world.rows.items():
        world.writes += [
            (collection, identifier, None, deepcopy(one), NOON + 20)
            for identifier, one in rows.items()
        ]
    world.writes.append(("PartnerMessages", "dispatch1", None, row, NOON + 30))
    world.messages = [
        mail("dispatch2"),
        Message(NOON + 40, "inbox", "contact1", "", "", "Issue TG-1-1\n\n[[p1.c1.v3]]"),
    ]
    world.calls = [NOON + number / 2 for number in range(180)]
    world.metrics = [{"RowsUnchanged": 3, "RowsWritten": 2, "RowsRefused": 0, "RowsDeferred": 1}]
    world.reports = [
        {"rows": 5, "equal": 2, "drifted": 1, "missing": 1, "extra": 1, "unsettled": 0, "lost": 0}
    ]


def mail(identifier: str, words: str = "[[p1.c1.v3]]", at: float = NOON + 40) -> Message:
    """A mail to the first partner's member about the case that waits for it."""
    return Message(at, "email", "contact1", identifier, "case-awaiting-partner", words)
