"""Cases for transaction exceptions: selects the rule, finds a case to join, or builds a new case.

Pure.
"""

import uuid
from collections.abc import Iterable, Sequence
from datetime import timedelta

from gridwix.configuration.case_rules import CaseRule
from gridwix.mapping.case_texts import MAX_SUBJECT, rule_texts
from gridwix.mapping.cuts import cut_text
from gridwix.mapping.statuses import SETTLED_CASE_STATUSES
from gridwix.mapping.texts import Texts
from gridwix.models.ids import PartnerId
from gridwix.models.trading_grid.cases import Case, NewCase, RoutedBy, Team, TransactionRef
from gridwix.models.transactions import Direction, TransactionException

JOINABLE = frozenset({"new", "open", "awaiting_partner", "awaiting_internal"})
"""Statuses in which a case accepts further transaction exceptions. A resolved case waits for the
partner's confirmation, so a new exception opens a new case.
"""

MAX_REFS = 100
"""Maximum number of transactions of one case; the next exception opens another case."""

MAX_MESSAGE = 1_000
"""Maximum length of the vendor's message in a reference, in characters."""
OVER = "over"
"""Value of ``TransactionRef.exception`` once the transaction has no exception any more."""

_KEYS = uuid.UUID("5f0f7d0e-5d3c-5c0b-9a3e-0c7a4c1b7f51")


def matching_rule(
    exception: TransactionException, direction: Direction, rules: Iterable[CaseRule]
) -> CaseRule:
    """Return the first rule that matches a transaction exception.

    The last rule matches everything, so there always is one.
    """
    return next(
        rule
        for rule in rules
        if (not rule.exceptions or exception.kind in rule.exceptions)
        and (not rule.document_types or exception.document_type in rule.document_types)
        and (not rule.directions or direction in rule.directions)
    )


def transaction_ref(exception: TransactionException, direction: Direction) -> TransactionRef:
    """Build the reference by which a case names the transaction of an exception."""
    return TransactionRef(
        lens_transaction_id=exception.transaction_id,
        correlation_id=exception.correlation_id,
        exception=exception.kind or OVER,
        editype=exception.document_type,
        standard=exception.standard,
        direction=direction,
        po_number=exception.po_number,
        shipment_id=exception.shipment_id,
        invoice_number=exception.invoice_number,
        error_code=exception.error_code,
        message=cut_text(exception.message, MAX_MESSAGE) if exception.message else None,
        fa_status=exception.fa_status,
    )


def case_with_transaction(
    cases: Iterable[Case], correlation_id: str
) -> tuple[Case, TransactionRef] | None:
    """Find the case that refers to a transaction already; return it with its reference, or None.

    If several cases do, one that is neither closed nor cancelled is preferred, then the one that
    changed last.

    >>> ref = TransactionRef.model_construct(correlation_id="c-1")
    >>> case = Case.model_construct(id="7", status="open", updated_at="", transaction_refs=(ref,))
    >>> case_with_transaction([case], "c-1") == (case, ref), case_with_transaction([case], "c-2")
    (True, None)
    """
    found = [
        (case, ref)
        for case in cases
        if case.deleted_at is None
        for ref in case.transaction_refs
        if ref.correlation_id == correlation_id
    ]
    return max(
        found,
        key=lambda pair: (
            pair[0].status not in SETTLED_CASE_STATUSES,
            pair[0].updated_at,
            pair[0].id,
        ),
        default=None,
    )


def joinable_case(cases: Iterable[Case], rule: CaseRule, order: str | None) -> Case | None:
    """Find a partner's open case that a transaction exception joins under its rule.

    None if the exception needs a new case. Of several such cases, the oldest is returned.

    Args:
        cases: all cases of the partner.
        rule: the rule that matches the exception.
        order: the purchase order number of the exception, None if it has none.
    """
    # Such a rule opens a case for each exception.
    if rule.join == "never":
        return None
    candidates = [
        case
        for case in cases
        if case.deleted_at is None
        and case.status in JOINABLE
        and _is_of_rule(case, rule)
        and len(case.transaction_refs) < MAX_REFS
        and (
            rule.join == "partner"
            or (order is not None and any(ref.po_number == order for ref in case.transaction_refs))
        )
    ]
    return min(candidates, key=lambda case: case.age_key, default=None)


def new_case(
    partner_id: PartnerId,
    rule: CaseRule,
    exception: TransactionException,
    direction: Direction,
    texts: Texts,
) -> NewCase:
    """Build the case to open for a transaction exception, with texts in the default language.

    Deterministic: equal exceptions give equal cases.
    """
    about = transaction_ref(exception, direction)
    words = rule_texts(rule.key, about, texts)
    if exception.document_type:
        # Called for its side effect: it counts a type without a label.
        texts.label("transaction.type", exception.document_type)
    due = (
        None
        if exception.occurred_at is None
        else exception.occurred_at + timedelta(hours=rule.due_in_hours)
    )
    return NewCase(
        partner_id=partner_id,
        subject=cut_text(words.subject.text, MAX_SUBJECT),
        category=rule.category,
        priority=rule.priority,
        next_step=words.next_step.text if words.next_step else None,
        due_at=due,
        routed_by=RoutedBy(rule_key=rule.key),
        assignee_team=Team(key=rule.team),
        transaction_refs=(about,),
    )


def case_idempotency_key(
    partner_id: PartnerId, rule: CaseRule, exception: TransactionException, cases: Sequence[Case]
) -> str:
    """Return the idempotency key (a UUID) for opening a case.

    Two workers that open a case for the same reason at the same time use the same key, so that only
    one case is created. The other worker's request is refused; it reads the cases again and joins
    the new case. Once that case is closed or full, the next case gets another key, because the key
    contains the number of cases that the rule has opened: ``cases`` are all cases of the partner.
    """
    scope = {
        "partner": "",
        "order": exception.po_number or exception.correlation_id,
        "never": exception.correlation_id,
    }[rule.join]
    before = sum(
        1
        for case in cases
        if _is_of_rule(case, rule)
        and (rule.join == "partner" or any(ref.po_number == scope for ref in case.transaction_refs))
    )
    return str(uuid.uuid5(_KEYS, f"{partner_id}\n{rule.key}\n{scope}\n{before}"))


def _is_of_rule(case: Case, rule: CaseRule) -> bool:
    return case.routed_by is not None and case.routed_by.rule_key == rule.key
