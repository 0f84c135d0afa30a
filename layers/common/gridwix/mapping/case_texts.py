"""What a case says in gridwix's own words: the texts of the rule that has opened it. Pure."""

from dataclasses import dataclass

from gridwix.mapping.texts import PartnerText, Texts
from gridwix.models.texts import LabelOf
from gridwix.models.trading_grid.cases import Case, TransactionRef

MAX_SUBJECT = 300

_NUMBERS = (("order", "po_number"), ("shipment", "shipment_id"), ("invoice", "invoice_number"))


@dataclass(frozen=True, slots=True)
class CaseTexts:
    """The texts of a case. Each that a person has written, or changed, is that text; each of gridwix's own is a sentence."""

    subject: PartnerText
    next_step: PartnerText | None


def recognize_case_texts(case: Case, texts: Texts) -> CaseTexts:
    """The subject and the next step of a case, recognised as gridwix's own where they read as its rule words them for one of its transactions.

    Trading Grid keeps one text in one language. Comparing it with what the rule says tells whether it is still that text, without a mark that could outlive it.
    """
    own = _own(case, texts)
    subject = next((one.subject for one in own if one.subject.text[:MAX_SUBJECT] == case.subject), PartnerText(case.subject))
    if not case.next_step:
        return CaseTexts(subject, None)
    next_step = next((one.next_step for one in own if one.next_step is not None and one.next_step.text == case.next_step), PartnerText(case.next_step))
    return CaseTexts(subject, next_step)


def rule_texts(rule: str, reference: TransactionRef, texts: Texts) -> CaseTexts:
    """What the rule with this key says of a transaction. Raises KeyError for a rule that there is not."""
    document = LabelOf(group="transaction.type", value=reference.editype or None)
    values: dict[str, LabelOf | PartnerText] = {"document": document, "reference": _reference(reference, texts)}
    return CaseTexts(texts.partner_text(f"case.{rule}.subject", **values), texts.partner_text(f"case.{rule}.next_step", **values))


def _own(case: Case, texts: Texts) -> list[CaseTexts]:
    rule = case.routed_by.rule_key if case.routed_by else None
    if not rule or not texts.has_sentence(f"case.{rule}.subject"):
        return []
    return [rule_texts(rule, reference, texts) for reference in case.transaction_refs]


def _reference(reference: TransactionRef, texts: Texts) -> PartnerText:
    for noun, field in _NUMBERS:
        if number := getattr(reference, field):
            return texts.partner_text(f"reference.{noun}", number=number[:60])
    return texts.partner_text("reference.transaction", number=(reference.lens_transaction_id or "")[-12:])
