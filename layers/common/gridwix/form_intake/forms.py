"""A submission, read by its form's definition. Pure."""

from collections.abc import Collection, Mapping
from typing import Any

from gridwix.configuration.forms import FILE_KINDS, FormDefinition, FormField, currency_name
from gridwix.form_intake.amounts import PROGRAM
from gridwix.form_intake.form_fields import is_empty, read_answer, read_files
from gridwix.form_intake.identifiers import read_identifier
from gridwix.form_intake.unfit import Unfit
from gridwix.models.files import AttachedFile
from gridwix.models.qualifiers import IdentifierScheme
from gridwix.partner_requests.submissions import FieldFault, Reading, Submission

SUBJECT = ("case", "request", "enrollment", "step", "comment", "accepted", "document", "base_version")
"""What a field can mean that says what a submission is about."""

_IDENTIFIERS = frozenset(scheme.value for scheme in IdentifierScheme)

NO_IDENTIFIER = frozenset({"-", "--", "n/a", "na", "n.a.", "none", "unknown", "no", "k.a.", "k. a.", "keine", "unbekannt"})
"""What people write into a field for an identifier that they do not have."""


def locale_of(submission: Submission) -> str | None:
    """The locale in which a submission's values were written; None if nobody knows it.

    The portal's own backend sends numbers and dates as a program writes them. Copies of it on a site may be older than the member ``locale``, and are known
    by the partner, which only they send.
    """
    return submission.locale or (PROGRAM if submission.partner_id else None)


def read_submission(definition: FormDefinition, values: Mapping[str, Any], *, locale: str | None = None, plain: Collection[str] = ()) -> Reading:
    """What was answered. A value that nobody asked for is left out.

    ``locale`` is that of who answers, if it is known; else the form's own counts. ``plain`` are the targets whose values were JSON numbers, and may be texts
    by now: these, and any JSON number, are read as a program writes them.
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
                faults.append(_field_fault(field, Unfit("missing")))
            continue
        written_in = PROGRAM if field.target in plain else locale or definition.locale
        try:
            if field.kind in FILE_KINDS:
                attached = read_files(value)
                files += attached
                # Whoever reads the request can open the files where they are; one that was uploaded is private, and is only named.
                answers[field.name] = [{"name": file.name, **({"url": file.url} if file.url else {})} for file in attached]
                continue
            identifies = field.meaning in _IDENTIFIERS
            # What says who asks is read below, as it may be none without holding anything up.
            answer = read_answer(field.model_copy(update={"kind": "text"}) if identifies else field, value, written_in)
            if field.meaning is None:
                answers[field.name] = answer.value
                # A currency that was written stays visible, also where another answer says another one.
                answers |= {currency_name(field.name): answer.currency} if answer.currency else {}
            else:
                about[field.meaning] = _sender_identifier(field, answer.value) if identifies else str(answer.value)
        except IgnoredIdentifier as doubt:
            # Whoever reads the request sees what was written, and why it told nothing.
            answers[field.name] = f"{doubt.written} ({doubt})"
            doubts.append(_field_fault(field, doubt.fault))
        except Unfit as fault:
            faults.append(_field_fault(field, fault))
    return Reading(
        answers=answers,
        name=about.get("name", ""),
        email=about.get("email", ""),
        company=about.get("company", ""),
        identifiers={scheme: about[scheme.value] for scheme in IdentifierScheme if scheme.value in about},
        subject={meaning: about[meaning] for meaning in SUBJECT if meaning in about},
        files=tuple(files),
        trapped="honeypot" in about,
        faults=tuple(faults),
        doubts=tuple(doubts),
    )


class IgnoredIdentifier(Exception):
    """An identifier that nobody has to give is none. ``written`` is what stood there."""

    def __init__(self, fault: Unfit, written: str) -> None:
        super().__init__(str(fault))
        self.fault = fault
        self.written = written


def _field_fault(field: FormField, fault: Unfit) -> FieldFault:
    return FieldFault(field.name, field.label, str(fault), fault.sentence)


def _sender_identifier(field: FormField, value: str) -> str:
    """By which identifier the sender is known. Raises Unfit, or IgnoredIdentifier if the form can do without it."""
    try:
        return read_identifier(IdentifierScheme(field.meaning or ""), value)
    except Unfit as fault:
        if field.required:
            raise
        raise IgnoredIdentifier(fault, value) from None


def normalized_identifier(scheme: IdentifierScheme, text: str) -> str:
    """An identifier in the form in which it is compared; "" if it is none.

    >>> normalized_identifier(IdentifierScheme.DUNS, "00-734-4567")
    '007344567'
    """
    try:
        return read_identifier(scheme, text)
    except Unfit:
        return ""


def _has_no_identifier(field: FormField, value: Any) -> bool:
    """Whether somebody says in an optional field that they have no such identifier."""
    return (field.meaning in _IDENTIFIERS or field.kind in _IDENTIFIERS) and isinstance(value, str) and value.strip().lower() in NO_IDENTIFIER
