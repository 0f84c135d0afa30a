"""A submission, read by its form's definition. Pure."""

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from gridwix.models.configuration import FormDefinition, FormField
from gridwix.models.submissions import AttachedFile, IdentifierScheme, Reading

MAX_FILES = 50
MAX_DIGITS = 40
"""Digits of a number that is still believed."""

# One @, something before it and a domain after it: whether an address works only a message can tell.
_EMAIL = re.compile(r"[^@\s]{1,64}@[^@\s.]+(\.[^@\s.]+)+")
_FILE_ID = re.compile(r"[A-Za-z0-9._~-]{1,200}")
_YES, _NO = frozenset({"true", "yes", "on", "1", "checked"}), frozenset({"false", "no", "off", "0", "unchecked"})


SUBJECT = ("case", "enrollment", "step", "comment", "accepted", "document", "base_version")
"""What a field can mean that says what a submission is about."""


class Unfit(ValueError):
    """An answer that does not fit its question."""


def definition_of(form: str, forms: Mapping[str, FormDefinition]) -> tuple[str, FormDefinition] | None:
    """The form of a key or of a Wix form's id, with its key; None if nobody knows it."""
    if form in forms:
        return form, forms[form]
    return next(((key, definition) for key, definition in forms.items() if form in definition.wix_forms), None)


def read_submission(definition: FormDefinition, values: Mapping[str, Any]) -> Reading:
    """What was answered. Numbers in ``values`` are decimal texts, or any JSON number; a value that nobody asked for is left out."""
    answers: dict[str, Any] = {}
    about: dict[str, str] = {}
    files: list[AttachedFile] = []
    faults: list[str] = []
    for field in definition.fields:
        value = values.get(field.target)
        if _is_empty(value):
            if field.required:
                faults.append(f"{field.label}: is missing")
            continue
        try:
            if field.kind == "files":
                attached = _files(value)
                files += attached
                # Whoever reads the request can open the files where they are; one that was uploaded is private, and is only named.
                answers[field.name] = [{"name": file.name, **({"url": file.url} if file.url else {})} for file in attached]
            elif field.meaning is not None:
                about[field.meaning] = str(_READERS[field.kind](field, value))
            else:
                answers[field.name] = _READERS[field.kind](field, value)
        except Unfit as fault:
            faults.append(f"{field.label}: {fault}")
    identifiers = {scheme: identifier for scheme in IdentifierScheme if (identifier := normalised(scheme, about.get(scheme.value, "")))}
    return Reading(
        answers=answers,
        name=about.get("name", ""),
        email=about.get("email", ""),
        company=about.get("company", ""),
        identifiers=identifiers,
        subject={meaning: about[meaning] for meaning in SUBJECT if meaning in about},
        files=tuple(files),
        trapped="honeypot" in about,
        faults=tuple(faults),
    )


def normalised(scheme: IdentifierScheme, text: str) -> str:
    """An identifier in the form in which it is compared; "" if it is none.

    A GLN has 13 digits and a D-U-N-S number 9; people write both with blanks and hyphens.
    """
    if scheme is IdentifierScheme.TRADING_ADDRESS:
        qualifier, colon, identifier = text.strip().upper().partition(":")
        return f"{qualifier.strip()}:{identifier.strip()}" if colon and qualifier.strip() and identifier.strip() else ""
    digits = re.sub(r"[\s-]", "", text)
    length = 13 if scheme is IdentifierScheme.GLN else 9
    return digits if digits.isascii() and digits.isdigit() and len(digits) == length else ""


def _is_empty(value: Any) -> bool:
    return value is None or (isinstance(value, str) and not value.strip()) or (isinstance(value, list) and not value)


def _text(field: FormField, value: Any) -> str:
    if isinstance(value, dict | list | bool):
        raise Unfit("is not a text")
    text = str(value).replace("\r\n", "\n").strip()
    if len(text) > field.max_length:
        raise Unfit(f"is longer than {field.max_length} characters")
    if any(ord(character) < 32 and character not in "\n\t" for character in text) or not _is_unicode(text):
        raise Unfit("holds characters that are no text")
    return text


def _is_unicode(text: str) -> bool:
    # A lone surrogate comes out of JSON's escapes and can be stored nowhere.
    return not any("\ud800" <= character <= "\udfff" for character in text)


def _email(field: FormField, value: Any) -> str:
    text = _text(field, value)
    if not _EMAIL.fullmatch(text):
        raise Unfit("is not an e-mail address")
    return text


def _decimal(field: FormField, value: Any) -> str:
    text = _text(field, value)
    try:
        number = Decimal(text)
    except InvalidOperation:
        raise Unfit("is not a number") from None
    exponent = number.as_tuple().exponent
    if not isinstance(exponent, int) or len(number.as_tuple().digits) + abs(exponent) > MAX_DIGITS:
        raise Unfit("is not a number")
    return f"{number:f}"


def _integer(field: FormField, value: Any) -> int:
    number = Decimal(_decimal(field, value))
    if number != number.to_integral_value():
        raise Unfit("is not a whole number")
    return int(number)


def _boolean(field: FormField, value: Any) -> bool:
    if isinstance(value, bool):
        return value
    word = _text(field, value).lower()
    if word not in _YES | _NO:
        raise Unfit("is neither yes nor no")
    return word in _YES


def _date(field: FormField, value: Any) -> str:
    try:
        return date.fromisoformat(_text(field, value)[:10]).isoformat()
    except ValueError:
        raise Unfit("is not a date") from None


def _choice(field: FormField, value: Any) -> str:
    text = _text(field, value)
    if text not in field.choices:
        raise Unfit("is none of the choices")
    return text


_READERS: Mapping[str, Callable[[FormField, Any], Any]] = {
    "text": _text,
    "email": _email,
    "integer": _integer,
    "decimal": _decimal,
    "boolean": _boolean,
    "date": _date,
    "choice": _choice,
}


def _files(value: Any) -> Sequence[AttachedFile]:
    """Wix's file objects: ``{fileId, displayName, url, fileSize, ...}``. Those of a form have an address, those that the site's code has uploaded an id."""
    found: list[AttachedFile] = []
    for file in value if isinstance(value, list) else [value]:
        said = file if isinstance(file, dict) else {}
        url, file_id = (one if isinstance(one := said.get(member, ""), str) else "" for member in ("url", "fileId"))
        if not (url or _FILE_ID.fullmatch(file_id)) or len(found) >= MAX_FILES:
            raise Unfit("is no list of files")
        name = next((said[key] for key in ("displayName", "fileName", "name") if isinstance(said.get(key), str)), "") or url.rpartition("/")[2]
        size = next((said[key] for key in ("fileSize", "sizeInBytes", "size") if said.get(key) is not None), None)
        found.append(AttachedFile(url, name[:255], None if size is None else _size(size), "" if url else file_id))
    return found


def _size(value: Any) -> int:
    """A size in bytes as Wix says it: a number, or its decimal digits."""
    text = str(value)
    if not (text.isascii() and text.isdigit() and len(text) <= MAX_DIGITS):
        raise Unfit("is no list of files")
    return int(text)
