"""Recognizes which texts of a case gridwix itself has written, by the case's rule. Pure."""

from dataclasses import dataclass

from gridwix.mapping.cuts import cut_text
from gridwix.mapping.texts import PartnerText, Texts
from gridwix.models.texts import LabelOf
from gridwix.models.trading_grid.cases import Case, TransactionRef

MAX_SUBJECT = 300
"""Maximum length of a subject, in characters."""

_NUMBERS = (("order", "po_number"), ("shipment", "shipment_id"), ("invoice", "invoice_number"))


@dataclass(frozen=True, slots=True)
class CaseTexts:
    """Subject and next step of a case.

    A text that gridwix wrote has a sentence, by which it is rendered in other languages; a text
    that a person wrote or changed has none.
    """

    subject: PartnerText
    next_step: PartnerText | None


def recognize_case_texts(case: Case, texts: Texts) -> CaseTexts:
    """Return subject and next step of a case, with a sentence for each that gridwix wrote.

    The sentence renders the text in other languages. gridwix wrote a text if it equals the one that
    the case's rule gives for a transaction of the case. Trading Grid stores one text in one
    language. The comparison shows whether a person has changed it, without a marker that could
    become stale.
    """
    own = _rule_texts_of_case(case, texts)
    subject = next(
        (one.subject for one in own if case.subject in _stored_subjects(one.subject.text)),
        PartnerText(case.subject),
    )
    if not case.next_step:
        return CaseTexts(subject, None)
    next_step = next(
        (
            one.next_step
            for one in own
            if one.next_step is not None and one.next_step.text == case.next_step
        ),
        PartnerText(case.next_step),
    )
    return CaseTexts(subject, next_step)


def rule_texts(rule: str, reference: TransactionRef, texts: Texts) -> CaseTexts:
    """Return the subject and the next step that a case rule gives for a transaction.

    Raises KeyError if there is no rule with this key.
    """
    document = LabelOf(group="transaction.type", value=reference.editype or None)
    values: dict[str, LabelOf | PartnerText] = {
        "document": document,
        "reference": _reference_text(reference, texts),
    }
    return CaseTexts(
        texts.partner_text(f"case.{rule}.subject", **values),
        texts.partner_text(f"case.{rule}.next_step", **values),
    )


def _rule_texts_of_case(case: Case, texts: Texts) -> list[CaseTexts]:
    rule = case.routed_by.rule_key if case.routed_by else None
    if not rule or not texts.has_sentence(f"case.{rule}.subject"):
        return []
    return [rule_texts(rule, reference, texts) for reference in case.transaction_refs]


def _stored_subjects(text: str) -> tuple[str, str]:
    """Return the two forms in which a subject may be stored.

    It is cut at the end of a word or, by earlier releases, anywhere.
    """
    return cut_text(text, MAX_SUBJECT), text[:MAX_SUBJECT]


def _reference_text(reference: TransactionRef, texts: Texts) -> PartnerText:
    for noun, field in _NUMBERS:
        if number := getattr(reference, field):
            return texts.partner_text(f"reference.{noun}", number=cut_text(number, 60))
    return texts.partner_text(
        "reference.transaction", number=(reference.lens_transaction_id or "")[-12:]
    )
