"""The judges and the product's projections, on the same records: the judges find nothing to say.

Both were written apart, from the same documents. Where they differ, one of them is wrong.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from random import Random
from typing import Any

import pytest
from pydantic import BaseModel

from gridwix.document_sync.projection import document_row
from gridwix.mapping.next_actor import hub_rule_keys
from gridwix.mapping.texts import Texts
from gridwix.mapping.wix_items import data_item
from gridwix.models.ids import EntityId, PartnerId
from gridwix.models.trading_grid.cases import Case
from gridwix.models.trading_grid.comments import Comment, CommentAuthor
from gridwix.models.trading_grid.compliance import ComplianceCheck
from gridwix.models.trading_grid.documents import Document
from gridwix.models.trading_grid.notices import ServiceNotice
from gridwix.models.trading_grid.onboarding import Enrollment, OnboardingProgram
from gridwix.models.trading_grid.partners import Partner
from gridwix.notice_publisher.open_issues import open_issue
from gridwix.notice_publisher.service_notices import notice_row
from gridwix.onboarding_sync.projection import progress_row, step_key, step_rows
from gridwix.status_publisher.projection import PartnerRecords, status_row
from ops.configuration import load_configuration
from soak.inputs import CommentAdded
from soak.judges import Judges, Outputs
from tests.unit.soak.judges.good_rows import FIRST
from tests.unit.soak.judges.good_world import NOON, SETTINGS, changed, entity
from tests.unit.soak.judges.good_world import partner as partner_of

type Record = dict[str, Any]
type Rows = dict[str, dict[str, Any]]


class Maker:
    """Makes records of one partner by chance, with tokens in their texts."""

    def __init__(self, seed: int) -> None:
        self.random = Random(seed)

    def pick(self, *choices: Any) -> Any:
        return self.random.choice(choices)

    def chance(self, share: float) -> bool:
        return self.random.random() < share

    def day(self) -> str | None:
        return f"2026-04-{self.random.randint(1, 28):02}" if self.chance(0.7) else None

    def text(self, kind: str, number: int) -> str:
        return f"[[p1.{kind}{number}.v{self.random.randint(1, 3)}]] words"

    def deleted(self) -> str | None:
        return "2026-03-12T17:00:00Z" if self.chance(0.1) else None

    def case(self, number: int) -> Record:
        statuses = ("new", "open", "awaiting_partner", "awaiting_internal", "resolved")
        return entity(
            f"case_1_{number}",
            self.random.randint(1, 9),
            partnerId=FIRST,
            number=f"TG-1-{number}",
            subject=self.text("c", number),
            category="other",
            priority=self.pick("low", "high"),
            status=self.pick(*statuses, "closed", "cancelled"),
            nextStep=self.pick(None, self.text("c", number)),
            nextStepOwner=self.pick(None, None, "partner", "hub"),
            routedBy=self.pick(None, {"ruleKey": rule_keys()[0]}, {"ruleKey": rule_keys()[-1]}),
            dueAt=self.pick(None, "2026-03-20T12:00:00.000Z"),
            deletedAt=self.deleted(),
            transactionRefs=[
                {"correlationId": f"{number}-{one}", "poNumber": self.text("t", one)}
                for one in range(self.pick(0, 2, 70))
            ],
            statusHistory=[
                {
                    "status": self.pick(*statuses),
                    "at": f"2026-03-12T{one // 60 + 10}:{one % 60:02}:00Z",
                    "visibility": self.pick("public", "public", "internal"),
                }
                for one in range(self.pick(0, 3, 120))
            ],
        )

    def check(self, number: int) -> Record:
        return entity(
            f"chk_1_{number}",
            1,
            partnerId=FIRST,
            ruleKey="coi",
            title=self.text("k", number),
            category="edi",
            status=self.pick("not_started", "pending", "passed", "failed", "expired", "waived"),
            dueOn=self.day(),
            nextAction=self.pick(None, self.text("k", number)),
            requiredDocumentType=self.pick(None, "coi"),
            deletedAt=self.deleted(),
        )

    def enrollment(self, number: int) -> Record:
        steps = ("locked", "available", "in_progress", "submitted", "changes_requested")
        return entity(
            f"enr_1_{number}",
            1,
            partnerId=FIRST,
            programId="prg_0_1",
            programVersion=2,
            status=self.pick("in_progress", "invited", "on_hold", "completed", "withdrawn"),
            percentComplete=self.random.randint(0, 100),
            targetGoLive=self.day(),
            deletedAt=self.deleted(),
            steps=[
                {
                    "key": f"step{one}",
                    "status": self.pick(*steps, "completed", "waived"),
                    "title": self.text("e", number),
                    "owner": self.pick("partner", "joint", "hub", None),
                    "kind": "form",
                    "requiredDocumentTypes": self.pick([], ["w9"]),
                    "dueOn": self.day(),
                    "note": self.pick(None, self.text("e", number)),
                }
                for one in range(self.pick(0, 4, 230))
            ],
        )

    def notice(self) -> Record:
        return entity(
            "ntc_0_1",
            1,
            kind="incident",
            title="[[p0.n1.v1]] incident",
            impact="major",
            status=self.pick("investigating", "resolved", "scheduled", "withdrawn"),
            startsAt="2026-03-12T15:00:00Z",
            audience={"all": True},
            workaround=self.pick(None, "[[p0.n1.v2]]"),
            deletedAt=self.deleted(),
            updates=[
                {
                    "id": f"u{one}",
                    "at": f"2026-03-12T15:{one // 2:02}:00Z",
                    "status": "identified",
                    "bodyHtml": f"<p>[[p0.n1.v{self.random.randint(1, 40)}]]</p>",
                }
                for one in range(self.pick(0, 3, 60))
            ],
        )

    def document(self) -> Record:
        return entity(
            "doc_1_1",
            1,
            partnerId=self.pick(FIRST, None),
            type="coi",
            title="[[p1.d1.v1]] coi",
            category="insurance",
            classification=self.pick("public", "partner", "restricted", "unheard_of"),
            status=self.pick("draft", "in_review", "published", "superseded", "expired"),
            currentVersion=0,
            audience={"all": True},
            expiresOn=self.day(),
            deletedAt=self.deleted(),
        )


def rule_keys() -> Sequence[str]:
    """Keys of the case rules, those of the hub last."""
    return ["no_rule", *sorted(SETTINGS.hub_rules)]


def shown(rows: Mapping[str, BaseModel | None]) -> dict[str, Any]:
    """Rows of the product as data items, by id; without those that must not be there."""
    return {key: data_item(key, row).data for key, row in rows.items() if row is not None}


def judge(records: Sequence[tuple[str, Record]], rows: Rows, *more: CommentAdded) -> str:
    """The findings about some rows, in words. Each record is taken note of as it is."""
    judges = Judges(SETTINGS)
    for collection, record in records:
        judges.accept(changed(collection, record, "[[p1.p1.v1]]"))
    for given in more:
        judges.accept(given)
    return "\n".join(judges.verdict(Outputs(rows=rows)).findings)


@pytest.fixture(scope="module", name="texts")
def _texts() -> Texts:
    return Texts(load_configuration())


@pytest.mark.parametrize("seed", range(30))
def test_status_row_when_records_are_any_is_as_the_judges_expect(seed: int, texts: Texts) -> None:
    maker = Maker(seed)
    partner = partner_of(FIRST, "[[p1.p1.v1]]", status=maker.pick("active", "suspended"))
    enrollments = [maker.enrollment(number) for number in range(maker.pick(0, 1, 3))]
    checks = [maker.check(number) for number in range(maker.pick(0, 3, 70))]
    cases = [maker.case(number) for number in range(maker.pick(0, 3, 90))]
    records = PartnerRecords(
        Partner.model_validate(partner),
        [Enrollment.model_validate(one) for one in enrollments],
        [ComplianceCheck.model_validate(one) for one in checks],
        [Case.model_validate(one) for one in cases],
    )

    rows = {"PartnerStatus": shown({FIRST: status_row(records, texts)})}

    given = [("partners", partner), *(("enrollments", one) for one in enrollments)]
    given += [("compliance-checks", one) for one in checks]
    found = judge([*given, *(("cases", one) for one in cases)], rows)
    assert not [text for text in found.splitlines() if "PartnerStatus" in text]


@pytest.mark.parametrize("seed", range(30))
def test_issue_row_when_case_is_any_is_as_the_judges_expect(seed: int, texts: Texts) -> None:
    maker = Maker(seed)
    case = maker.case(1)
    said = [
        CommentAdded(
            NOON + number,
            "cases",
            case["id"],
            FIRST,
            f"cmt_{number:03}",
            maker.pick("public", "public", "internal"),
            f"[[p1.m{number}.v1]]",
            1,
            (),
        )
        for number in range(maker.pick(0, 3, 99, 250))
    ]
    long = maker.pick("words", "words " * 1600)
    comments = [
        Comment(
            id=EntityId(one.comment_id),
            author=CommentAuthor(kind="internal"),
            visibility=one.visibility,
            body=f"{one.token} {long}",
            created_at=datetime.fromtimestamp(one.at, UTC),
        )
        for one in said
    ]
    hub_rules = hub_rule_keys(load_configuration().case_rules)

    row = open_issue(Case.model_validate(case), comments, texts, hub_rules)

    found = judge([("cases", case)], {"OpenIssues": shown({case["id"]: row})}, *said)
    assert found == ""


@pytest.mark.parametrize("seed", range(40))
def test_other_rows_when_records_are_any_are_as_the_judges_expect(seed: int, texts: Texts) -> None:
    maker = Maker(seed)
    enrollment, notice, document = maker.enrollment(1), maker.notice(), maker.document()
    program = entity(
        "prg_0_1",
        1,
        key="soak-1",
        name="[[p0.g1.v1]] Onboarding",
        status=maker.pick("published", "retired", "draft"),
        instructionsHtml=maker.pick(None, "<p>[[p0.g1.v1]]</p>"),
        steps=[
            {
                "key": f"step{one}",
                "title": f"[[p0.g1.v{one}]]",
                "phase": "setup",
                "owner": "hub",
                "kind": "form",
                "locale": maker.pick([], ["en", "de"]),
            }
            for one in range(3)
        ],
    )
    notices = notice_row(ServiceNotice.model_validate(notice), (), texts)
    owners = [PartnerId(document["partnerId"])] if document["partnerId"] else []
    library = document_row(Document.model_validate(document), (), None, "", owners, texts)
    steps = step_rows(OnboardingProgram.model_validate(program), texts)

    rows: Rows = {
        "OnboardingProgress": shown(
            {"enr_1_1": progress_row(Enrollment.model_validate(enrollment), texts)}
        ),
        "ServiceNotices": shown({"ntc_0_1": notices}),
        "PartnerDocuments": shown({"doc_1_1": library}),
        "OnboardingSteps": shown({step_key(one): one for one in steps}),
    }

    records = [("enrollments", enrollment), ("service-notices", notice), ("documents", document)]
    assert judge([*records, ("onboarding-programs", program)], rows) == ""
