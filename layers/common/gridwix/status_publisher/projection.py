"""Maps a partner's records in Trading Grid to its row on the portal. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import chain
from math import inf

from gridwix.mapping.case_texts import CaseTexts, recognize_case_texts
from gridwix.mapping.next_actor import is_waiting_for_partner
from gridwix.mapping.statuses import RUNNING_ENROLLMENT_STATUSES, SETTLED_CASE_STATUSES
from gridwix.mapping.step_actions import is_for_partner
from gridwix.mapping.texts import PartnerText, Texts, sentences_of
from gridwix.models.portal.partner_status import (
    DocumentRequest,
    NextStep,
    NextStepKind,
    OpenCase,
    PartnerStatusRow,
)
from gridwix.models.trading_grid.cases import Case
from gridwix.models.trading_grid.compliance import ComplianceCheck
from gridwix.models.trading_grid.entities import Entity
from gridwix.models.trading_grid.onboarding import Enrollment, StepInstance
from gridwix.models.trading_grid.partners import Partner
from gridwix.publication.models import Versions

MAX_LISTED = 50
"""Maximum number of entries of one list in a row."""

OPEN_CASE_STATUSES = frozenset({"new", "open", "awaiting_partner", "awaiting_internal", "resolved"})
FAILING_CHECK_STATUSES = frozenset({"failed", "expired"})


@dataclass(frozen=True, slots=True)
class PartnerRecords:
    """One partner's records in Trading Grid.

    These are the partner, its enrollments, its compliance checks and its cases. ``cases`` may lack
    closed ones, which a list of Trading Grid leaves out.
    """

    partner: Partner
    enrollments: Sequence[Enrollment] = ()
    checks: Sequence[ComplianceCheck] = ()
    cases: Sequence[Case] = ()

    def all_records(self) -> Iterable[Enrollment | ComplianceCheck | Case | Partner]:
        """Return all records of the partner; the record of the partner itself comes first."""
        return chain((self.partner,), self.enrollments, self.checks, self.cases)


def version_vector(records: PartnerRecords) -> Versions:
    """Return the version vector of a partner's row: the versions of the records behind it.

    A closed or cancelled case is listed as a tombstone (in ``settled``), because the source stops
    listing it; all other records are in ``live``.
    """
    live: dict[str, int] = {}
    settled: dict[str, int] = {}
    for entity in records.all_records():
        done = isinstance(entity, Case) and entity.status in SETTLED_CASE_STATUSES
        (settled if done else live)[entity.record] = entity.version
    return Versions(live=live, settled=settled)


def status_row(records: PartnerRecords, texts: Texts) -> PartnerStatusRow | None:
    """Return the partner's row; None if the partner was deleted and its row has to be removed.

    Deleted, closed and cancelled records leave no trace in the row: a list of Trading Grid may or
    may not return them, and the row has to be the same.

    Args:
        records: The partner's records.
        texts: Configured texts and labels.
    """
    partner = records.partner
    if partner.deleted_at is not None:
        return None
    enrollments = _live_entities(records.enrollments)
    enrollment = _current_enrollment(enrollments)
    checks = _live_entities(records.checks)
    failing = [check for check in checks if check.status in FAILING_CHECK_STATUSES]
    cases = sorted(
        (
            case
            for case in _live_entities(records.cases)
            if case.status not in SETTLED_CASE_STATUSES
        ),
        key=_case_order,
    )
    steps = (
        []
        if enrollment is None
        else [step for step in enrollment.steps if is_for_partner(enrollment, step)]
    )
    words: dict[str, CaseTexts] = {case.id: recognize_case_texts(case, texts) for case in cases}
    next_steps = _next_steps(failing, cases, enrollment, steps, words)
    headline = _status_headline(
        partner,
        failing,
        [words[case.id] for case in cases if is_waiting_for_partner(case)],
        cases,
        enrollment,
        checks,
        texts,
    )
    first = next_steps[0].sentences if next_steps else None
    requests = list(_document_requests(failing, enrollment, steps))
    return PartnerStatusRow(
        partner_id=partner.partner_id,
        partner_name=partner.name,
        status=partner.status,
        headline=headline.text,
        onboarding_percent=None if enrollment is None else enrollment.percent_complete,
        target_go_live=_target_go_live(enrollment),
        current_steps=tuple(_step_title(step) for step in steps)[:MAX_LISTED],
        more_current_steps=_omitted_count(steps),
        next_step=next_steps[0].text if next_steps else None,
        next_steps=tuple(next_steps[:MAX_LISTED]),
        more_next_steps=_omitted_count(next_steps),
        document_requests=tuple(requests[:MAX_LISTED]),
        more_document_requests=_omitted_count(requests),
        failed_checks=len(failing),
        open_cases=len(cases),
        cases=tuple(_open_case(case, words[case.id]) for case in cases[:MAX_LISTED]),
        sentences={
            **(sentences_of(headline=headline) or {}),
            **({"nextStep": first["text"]} if first else {}),
        }
        or None,
        updated_at=max(entity.updated_at for entity in (partner, *enrollments, *checks, *cases)),
    )


def _omitted_count(entries: Sequence[object]) -> int | None:
    """Return the number of entries that a row omits because its list is too long.

    These are the entries beyond ``MAX_LISTED``. None if the row omits none.
    """
    return max(0, len(entries) - MAX_LISTED) or None


def _live_entities[E: Entity](entities: Iterable[E]) -> list[E]:
    return sorted(
        (entity for entity in entities if entity.deleted_at is None), key=lambda entity: entity.id
    )


def _current_enrollment(enrollments: Sequence[Enrollment]) -> Enrollment | None:
    """Return the enrollment that the partner works on; None if there is no enrollment.

    A running enrollment comes before others, then the newest one.
    """
    return max(
        enrollments,
        key=lambda e: (e.status in RUNNING_ENROLLMENT_STATUSES, *e.age_key),
        default=None,
    )


def _target_go_live(enrollment: Enrollment | None) -> date | None:
    """Return the planned go-live date of an enrollment; None if it is over or has no date."""
    if enrollment is None or enrollment.status not in RUNNING_ENROLLMENT_STATUSES:
        return None
    return enrollment.target_go_live


def _step_title(step: StepInstance) -> str:
    return step.title or step.key


def _case_order(case: Case) -> tuple[bool, float, str]:
    """Return the sort key of a case: whether it waits for the partner, due time, and number.

    Cases that wait for the partner come first.
    """
    return (
        not is_waiting_for_partner(case),
        inf if case.due_at is None else case.due_at.timestamp(),
        case.number,
    )


def _next_steps(
    failing: Sequence[ComplianceCheck],
    cases: Sequence[Case],
    enrollment: Enrollment | None,
    steps: Sequence[StepInstance],
    words: Mapping[str, CaseTexts],
) -> list[NextStep]:
    """Return the partner's tasks, in the order in which the portal shows them.

    Failed compliance checks come first, then cases that wait for the partner, then onboarding
    steps. Each group is in order of due dates.
    """
    from_checks = [
        NextStep(
            kind=NextStepKind.COMPLIANCE_CHECK,
            text=check.next_action or check.title,
            due_on=check.due_on,
            reference=check.record,
        )
        for check in failing
    ]
    from_cases = [
        NextStep(
            kind=NextStepKind.CASE,
            text=said.text,
            sentences=sentences_of(text=said),
            due_at=case.due_at,
            reference=case.record,
        )
        for case in cases
        if is_waiting_for_partner(case)
        for said in [words[case.id].next_step or words[case.id].subject]
    ]
    from_steps = [
        NextStep(
            kind=NextStepKind.STEP,
            text=step.note or _step_title(step),
            due_on=step.due_on,
            reference=f"{enrollment.record}/steps/{step.key}",
        )
        for step in steps
        if enrollment is not None
    ]
    return [
        step
        for group in (from_checks, from_cases, from_steps)
        for step in sorted(group, key=_due_order)
    ]


def _due_order(step: NextStep) -> tuple[date, float, str]:
    """Return the sort key of a task: its due date, its due time, and the record that it comes from.

    Tasks without a due date or time come last. The record (``reference``) makes the order unique.
    The tasks of a group either all have due dates or all have due times.
    """
    at = inf if step.due_at is None else step.due_at.timestamp()
    return (step.due_on or date.max, at, step.reference)


def _document_requests(
    failing: Sequence[ComplianceCheck], enrollment: Enrollment | None, steps: Sequence[StepInstance]
) -> Iterable[DocumentRequest]:
    for step in steps:
        if step.required_document_types and enrollment is not None:
            reference = f"{enrollment.record}/steps/{step.key}"
            yield DocumentRequest(
                document_types=step.required_document_types,
                title=_step_title(step),
                due_on=step.due_on,
                reference=reference,
            )
    for check in failing:
        if check.required_document_type:
            yield DocumentRequest(
                document_types=(check.required_document_type,),
                title=check.title,
                due_on=check.due_on,
                reference=check.record,
            )


def _open_case(case: Case, words: CaseTexts) -> OpenCase:
    return OpenCase(
        number=case.number,
        subject=case.subject,
        category=case.category,
        priority=case.priority,
        status=case.status,
        next_step=case.next_step,
        sentences=sentences_of(subject=words.subject, next_step=words.next_step),
        due_at=case.due_at,
    )


def _status_headline(
    partner: Partner,
    failing: Sequence[ComplianceCheck],
    waiting: Sequence[CaseTexts],
    cases: Sequence[Case],
    enrollment: Enrollment | None,
    checks: Sequence[ComplianceCheck],
    texts: Texts,
) -> PartnerText:
    """Return one sentence about the partner's most urgent task, or else about its state.

    ``waiting`` are the texts of the cases that wait for the partner.
    """
    if partner.status in ("suspended", "terminated"):
        return texts.partner_text(f"headline.{partner.status}")
    if failing:
        return (
            texts.partner_text("headline.check", title=failing[0].title)
            if len(failing) == 1
            else texts.partner_text("headline.checks", count=len(failing))
        )
    if waiting:
        return (
            texts.partner_text("headline.answer", subject=waiting[0].subject)
            if len(waiting) == 1
            else texts.partner_text("headline.answers", count=len(waiting))
        )
    if enrollment is not None and enrollment.status in RUNNING_ENROLLMENT_STATUSES:
        return texts.partner_text("headline.onboarding", percent=enrollment.percent_complete)
    if cases:
        return texts.partner_text("headline.working", count=len(cases))
    passed = checks and all(check.status in ("passed", "waived") for check in checks)
    return texts.partner_text("headline.passed" if passed else "headline.nothing")
