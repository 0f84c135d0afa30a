"""Rows with each text that gridwix can produce, made by its projections and the portal's backend.

Texts of people are in German.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime
from typing import Any, get_args

from pydantic import BaseModel

from gridwix.configuration.intake import Refusal
from gridwix.document_sync.projection import document_row
from gridwix.form_intake.projection import faults_message, follow_up_row, held_row
from gridwix.mapping.case_rules import new_case
from gridwix.mapping.transactions import transaction_exception
from gridwix.models.answer_faults import ANSWER_FAULTS
from gridwix.models.files import FileFault
from gridwix.models.ids import PartnerId
from gridwix.models.texts import PLACEHOLDER, Sentence
from gridwix.models.trading_grid.cases import Case
from gridwix.models.trading_grid.documents import DocumentVersion
from gridwix.models.transactions import Direction
from gridwix.notice_publisher.open_issues import open_issue
from gridwix.notice_publisher.service_notices import notice_row
from gridwix.onboarding_sync.projection import progress_row, step_rows
from gridwix.partner_requests.projection import request_row
from gridwix.partner_requests.submissions import FieldFault, Outcome
from gridwix.runtime.configuration import configuration
from gridwix.status_publisher.projection import PartnerRecords, status_row
from tests.factories import (
    PRAIRIE_GOLD,
    case,
    check,
    document,
    enrollment,
    entry,
    notice,
    partner,
    program,
    request,
    submission,
    texts,
)

SETTINGS = configuration()
OURS = PartnerId(PRAIRIE_GOLD)
NUMBERS: tuple[Mapping[str, str], ...] = (
    {"purchase order number": "4500187734"},
    {"shipment id": "SHP-0093321"},
    {"invoice number": "INV-88107"},
    {},
)


def every_row() -> Mapping[str, list[dict[str, Any]]]:
    """Return sections of the portal with their rows, by name.

    The status section has only rows whose headline appears nowhere else.
    """
    return {
        "issues": list(_wire(issues())),
        "notices": list(_wire(notices())),
        "onboarding": list(onboarding()),
        "documents": list(_wire(documents())),
        "requests": list(_wire(requests())),
    }


def every_status() -> list[dict[str, Any]]:
    """Return a partner's row for each headline."""
    failing, waiting = (
        check(title="Prüfung der Etiketten"),
        opened("ship_notice_rejected", NUMBERS[0], status="awaiting_partner"),
    )
    busy = [
        case(f"case_{number}", status="open", subject="Palette 7", number=f"TG-{number}")
        for number in (1, 2)
    ]
    passed = check(title="Prüfung der Etiketten", status="passed")
    second = waiting.model_copy(update={"id": "case_2", "number": "TG-2"})
    records = [
        PartnerRecords(partner(status="suspended")),
        PartnerRecords(partner(status="terminated")),
        PartnerRecords(partner(), checks=[failing]),
        PartnerRecords(partner(), checks=[failing, failing.model_copy(update={"id": "chk_2"})]),
        PartnerRecords(partner(), cases=[waiting]),
        PartnerRecords(partner(), cases=[waiting, second]),
        PartnerRecords(partner(), [enrollment(percentComplete=57)]),
        PartnerRecords(partner(), cases=busy[:1]),
        PartnerRecords(partner(), cases=busy),
        PartnerRecords(partner(), checks=[passed]),
        PartnerRecords(partner()),
    ]
    return list(
        _wire(row for record in records if (row := status_row(record, texts())) is not None)
    )


def opened(rule: str, keys: Mapping[str, str], editype: str | None = "856", **fields: Any) -> Case:
    """Return the case that gridwix opens in Trading Grid under a rule."""
    exception = transaction_exception(
        [
            entry(
                status="V",
                editype=editype,
                contentkeys=[{"key": name, "value": value} for name, value in keys.items()],
            )
        ],
        (),
    )
    found = next(one for one in SETTINGS.case_rules.rules if one.key == rule)
    new = new_case(OURS, found, exception, Direction.INBOUND, texts()).model_dump(
        by_alias=True, mode="json", exclude_none=True
    )
    return case(
        **{
            **{
                name: new[name]
                for name in (
                    "subject",
                    "nextStep",
                    "category",
                    "priority",
                    "routedBy",
                    "transactionRefs",
                )
            },
            **fields,
        }
    )


def issues() -> Iterator[BaseModel | None]:
    for rule in SETTINGS.case_rules.rules:
        for keys in NUMBERS:
            yield open_issue(opened(rule.key, keys, status="awaiting_partner"), (), texts())
    for field, name in (
        ("status", "case.status"),
        ("category", "case.category"),
        ("priority", "case.priority"),
    ):
        for value in (*SETTINGS.labels[name].values, "quantum"):
            changed: dict[str, Any] = {"subject": "Palette 7", field: value}
            yield open_issue(case(**changed), (), texts())
    for value in (*SETTINGS.labels["transaction.exception"].values, "quantum"):
        refs = [{"exception": value}, {"exception": value, "standard": "x12"}]
        yield open_issue(case(subject="Palette 7", transactionRefs=refs), (), texts())


def notices() -> Iterator[BaseModel | None]:
    codes = [
        {"code": code, "standard": "x12"} for code in SETTINGS.labels["transaction.type"].values
    ]
    parts = [
        {"key": value, "name": "Postfach", "state": value}
        for value in (*SETTINGS.labels["component.state"].values, "quantum")
    ]
    update = {
        "id": "u1",
        "at": "2026-03-12T09:00:00Z",
        "status": "monitoring",
        "bodyHtml": "<p>Wir sind dran.</p>",
    }
    about: dict[str, Any] = {
        "title": "Störung 7",
        "updates": [update],
        "affectedTransactionTypes": codes,
        "affectedComponents": parts,
    }
    for field in ("kind", "status", "impact"):
        for value in (*SETTINGS.labels[f"notice.{field}"].values, "quantum"):
            yield notice_row(notice(**{**about, field: value}), (), texts())


def onboarding() -> Iterator[dict[str, Any]]:
    owners, phases = (
        [*SETTINGS.labels["step.owner"].values, "quantum"],
        [*SETTINGS.labels["step.phase"].values, "quantum"],
    )
    statuses = [*SETTINGS.labels["step.status"].values, "quantum"]
    keys = [f"s{number}" for number in range(max(len(owners), len(phases), len(statuses)))]
    steps = [
        {
            "key": key,
            "title": f"Schritt {key}",
            "status": statuses[place % len(statuses)],
            "owner": owners[place % len(owners)],
            "waitsOn": ["s0"],
        }
        for place, key in enumerate(keys)
    ]
    said = [
        {
            "key": key,
            "title": f"Schritt {key}",
            "phase": phases[place % len(phases)],
            "owner": "hub",
            "kind": "form",
        }
        for place, key in enumerate(keys)
    ]
    catalog = [
        row.model_dump(by_alias=True, mode="json")
        for row in step_rows(
            program(steps=()).model_validate({**_program(), "steps": said}), texts()
        )
    ]
    for value in (*SETTINGS.labels["enrollment.status"].values, "quantum"):
        row = progress_row(enrollment(f"enr_{value}", status=value, steps=steps), texts())
        [wire] = _wire([row])
        words = {
            one["stepKey"]: {name: one[name] for name in ("phase", "phaseLabel")} for one in catalog
        }
        yield {
            **wire,
            "id": f"enr_{value}",
            "programName": "Lieferanten",
            "steps": [{**words[step["key"]], **step} for step in wire["steps"]],
        }


def _program() -> dict[str, Any]:
    return program(steps=()).model_dump(by_alias=True, mode="json", exclude_none=True)


def documents() -> Iterator[BaseModel | None]:
    known = texts()
    for value in (*SETTINGS.labels["document.category"].values, "quantum"):
        yield document_row(document(title="Leitfaden 7", category=value), (), None, "", (), known)
    for value, owner in (("published", None), ("expired", None), ("in_review", PRAIRIE_GOLD)):
        shown = document(title="Leitfaden 7", status=value, partnerId=owner)
        yield document_row(shown, (), None, "", (), known)
    for fault in FileFault:
        yield document_row(document(title="Leitfaden 7"), (), None, fault, (), known)
    mine = document(title="Leitfaden 7", partnerId=PRAIRIE_GOLD, currentVersion=2)
    for status, scan, base in (
        ("in_review", "clean", 2),
        ("rejected", "clean", 2),
        ("pending_scan", "infected", 2),
        ("in_review", "clean", 1),
    ):
        facts = {
            "number": 3,
            "fileName": "7.pdf",
            "mediaType": "application/pdf",
            "sizeBytes": 1,
            "sha256": "0" * 64,
            "source": "portal",
        }
        sent = DocumentVersion.model_validate(
            {**facts, "status": status, "scan": scan, "baseVersion": base}
        )
        yield document_row(mine, (sent,), None, "", (OURS,), known)


def requests() -> Iterator[BaseModel | None]:
    known = texts()
    for status in (*SETTINGS.labels["request.status"].values, "quantum"):
        yield request_row(None, request(status=status), SETTINGS.forms, known)
    for team in SETTINGS.routing.teams:
        yield request_row(
            None,
            request(routing={"teamKey": team, "ruleKey": "r", "reason": "r"}),
            SETTINGS.forms,
            known,
        )
    for form in (*SETTINGS.forms, "quantum"):
        yield request_row(None, request(formKey=form), SETTINGS.forms, known)
    for code, text in ANSWER_FAULTS.items():
        values = {
            name: 2 if name == "count" else "7" for name in PLACEHOLDER.findall("".join(text))
        }
        fault = FieldFault("invoiceNumber", "", "", Sentence(code=f"unfit.{code}", values=values))
        said = faults_message("invoice-question", (fault,), known)
        assert said is not None
        yield held_row(
            submission(), "invoice-question", SETTINGS.forms["invoice-question"], said, known
        )
    for refusal in get_args(Refusal.__value__):
        sent, outcome = submission(form="issue-comment"), Outcome("cases/case_1", refusal=refusal)
        yield follow_up_row(sent, "issue-comment", SETTINGS.forms["issue-comment"], outcome, known)


def _wire(rows: Iterable[BaseModel | None]) -> Iterator[dict[str, Any]]:
    """Yield rows in the backend's format: dates and times as text, each row with an id."""
    for number, row in enumerate(rows):
        assert row is not None
        yield {**_plain(row.model_dump(by_alias=True, exclude_none=True)), "id": f"row_{number}"}


def _plain(value: Any) -> Any:
    match value:
        case dict():
            return {name: _plain(member) for name, member in value.items()}
        case list() | tuple():
            return [_plain(member) for member in value]
        case datetime() | date():
            return value.isoformat()
    return value
