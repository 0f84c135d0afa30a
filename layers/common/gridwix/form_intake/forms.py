"""Parses a submission by the definition of its form. Pure."""

from collections.abc import Collection, Mapping
from typing import Any

from gridwix.configuration.forms import FILE_KINDS, FormDefinition, FormField, currency_name
from gridwix.form_intake.amounts import PROGRAM_LOCALE
from gridwix.form_intake.form_fields import is_empty, read_answer, read_files
from gridwix.form_intake.identifiers import read_identifier
from gridwix.form_intake.invalid_answer import InvalidAnswer
from gridwix.models.files import AttachedFile
from gridwix.models.qualifiers import IdentifierScheme
from gridwix.partner_requests.submissions import FieldFault, Reading, Submission

SUBJECT = (
    "case",
    "request",
    "enrollment",
    "step",
    "comment",
    "accepted",
    "document",
    "base_version",
)
"""Meanings of form fields that name the record of a follow-up, or say what to do with it."""

_IDENTIFIERS = frozenset(scheme.value for scheme in IdentifierScheme)

NO_IDENTIFIER = frozenset(
    {"-", "--", "n/a", "na", "n.a.", "none", "unknown", "no", "k.a.", "k. a.", "keine", "unbekannt"}
)
"""Texts in an optional identifier field that say that there is no identifier."""


def locale_of(submission: Submission) -> str | None:
    """Return the locale in which a submission's values were written; None if it is unknown.

    The portal's backend writes numbers with a decimal point and dates in ISO 8601; the locale of
    such values is ``und`` (undetermined, BCP 47). The result is also ``und`` for a submission
    without a locale and with a partner id: older versions of the backend sent no locale, and only
    the backend sends a partner id.
    """
    return submission.locale or (PROGRAM_LOCALE if submission.partner_id else None)


def read_form_values(
    definition: FormDefinition,
    values: Mapping[str, Any],
    *,
    locale: str | None = None,
    plain: Collection[str] = (),
) -> Reading:
    """Parse the values of a submission by the definition of its form.

    Values that the form does not define are dropped. Answers that do not fit their questions are
    ``faults`` of the result.

    Args:
        definition: The form.
        values: Values by the fields' ``target``, the key under which Wix sends an answer.
        locale: BCP 47 tag of the writer; if it is None, the form's locale is used.
        plain: Targets of the values that were sent as JSON numbers and may have been stored as
            texts since. They are parsed with a decimal point, regardless of the locale.
    """
    answers: dict[str, Any] = {}
    about: dict[str, str] = {}
    files: list[AttachedFile] = []
    faults: list[FieldFault] = []
    doubts: list[FieldFault] = []
    for field in definition.fields:
        value = values.get(field.target)
        if is_empty(value) or _has_no_identifier(field, value):
            if field.required:
                faults.append(_field_fault(field, InvalidAnswer("missing")))
            continue
        written_in = PROGRAM_LOCALE if field.target in plain else locale or definition.locale
        try:
            if field.kind in FILE_KINDS:
                attached = read_files(value)
                files += attached
                # Never its address: the sender chose it, and its bytes can differ from those that
                # were checked. The team opens the copy in Trading Grid.
                answers[field.name] = [{"name": file.name} for file in attached]
                continue
            identifies = field.meaning in _IDENTIFIERS
            # An identifier is normalized below: an invalid optional one is ignored, not a fault.
            answer = read_answer(
                field.model_copy(update={"kind": "text"}) if identifies else field,
                value,
                written_in,
            )
            if field.meaning is None:
                answers[field.name] = answer.value
                # Kept even if another answer names another currency: the team has to see both.
                answers |= {currency_name(field.name): answer.currency} if answer.currency else {}
            else:
                about[field.meaning] = (
                    _sender_identifier(field, answer.value) if identifies else str(answer.value)
                )
        except IgnoredIdentifier as ignored:
            # The team sees what was written, and why it did not count.
            answers[field.name] = f"{ignored.written} ({ignored})"
            doubts.append(_field_fault(field, ignored.fault))
        except InvalidAnswer as fault:
            faults.append(_field_fault(field, fault))
    return Reading(
        answers=answers,
        name=about.get("name", ""),
        email=about.get("email", ""),
        company=about.get("company", ""),
        identifiers={
            scheme: about[scheme.value] for scheme in IdentifierScheme if scheme.value in about
        },
        subject={meaning: about[meaning] for meaning in SUBJECT if meaning in about},
        files=tuple(files),
        trapped="honeypot" in about,
        faults=tuple(faults),
        doubts=tuple(doubts),
    )


class IgnoredIdentifier(Exception):
    """An optional identifier is invalid and is ignored: it is not used to find the partner.

    Args:
        fault: Why the identifier is invalid.
        written: The text that was entered.
    """

    def __init__(self, fault: InvalidAnswer, written: str) -> None:
        super().__init__(str(fault))
        self.fault = fault
        self.written = written


def _field_fault(field: FormField, fault: InvalidAnswer) -> FieldFault:
    return FieldFault(field.name, field.label, str(fault), fault.sentence)


def _sender_identifier(field: FormField, value: str) -> str:
    """Normalize an identifier that a sender gives as its own: GLN, D-U-N-S number or EDI address.

    If the identifier is invalid, raises InvalidAnswer for a required field, else IgnoredIdentifier.
    """
    try:
        return read_identifier(IdentifierScheme(field.meaning or ""), value)
    except InvalidAnswer as fault:
        if field.required:
            raise
        raise IgnoredIdentifier(fault, value) from None


def normalized_identifier(scheme: IdentifierScheme, text: str) -> str:
    """Normalize an identifier, so that equal identifiers are equal texts; "" if it is invalid.

    >>> normalized_identifier(IdentifierScheme.DUNS, "00-734-4567")
    '007344567'
    """
    try:
        return read_identifier(scheme, text)
    except InvalidAnswer:
        return ""


def _has_no_identifier(field: FormField, value: Any) -> bool:
    """Return True if the answer for an identifier is a text such as "n/a": the sender has none."""
    return (
        (field.meaning in _IDENTIFIERS or field.kind in _IDENTIFIERS)
        and isinstance(value, str)
        and value.strip().lower() in NO_IDENTIFIER
    )
