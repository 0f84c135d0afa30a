"""Recognizes which texts of a case gridwix has written, and which a person has changed. Pure.

gridwix takes the texts of a case that it opens from a rule of ``config/case_rules.yaml``.
"""

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

    A text that gridwix wrote has a ``sentence``: the code of the text in ``config/`` and the values
    in it, from which the text is rendered in other languages. A text that a person wrote or changed
    has no sentence.
    """

    subject: PartnerText
    next_step: PartnerText | None


def recognize_case_texts(case: Case, texts: Texts) -> CaseTexts:
    """Return subject and next step of a case; those that gridwix wrote can be translated.

    Such a text has a ``sentence``, from which it is rendered in other languages; Trading Grid
    stores one text in one language. gridwix wrote a text if it equals the text that the case's rule
    in ``config/case_rules.yaml`` gives for a transaction of the case. A text that a person has
    changed is different, so no marker is needed that could become stale.
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
    """Return the subject and the next step of a case that a rule opens for a transaction.

    ``rule`` is the key of a rule in ``config/case_rules.yaml``. Raises KeyError if there is no rule
    with this key.
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
    """Return the two forms in which Trading Grid may store the subject ``text`` of a case.

    This release cuts a subject that is too long at the end of a word; earlier releases cut it
    anywhere.
    """
    return cut_text(text, MAX_SUBJECT), text[:MAX_SUBJECT]


def _reference_text(reference: TransactionRef, texts: Texts) -> PartnerText:
    for noun, field in _NUMBERS:
        if number := getattr(reference, field):
            return texts.partner_text(f"reference.{noun}", number=cut_text(number, 60))
    return texts.partner_text(
        "reference.transaction", number=(reference.lens_transaction_id or "")[-12:]
    )
