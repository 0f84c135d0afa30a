"""Parses and normalizes the answers of a form, by the kind of field. Pure.

The kinds are those of Wix Forms, and three kinds for identifiers of trading partners. Source:
https://dev.wix.com/docs/api-reference/crm/forms/form-schemas/about-form-fields
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from gridwix.configuration.forms import FormField
from gridwix.files.types import safe_name
from gridwix.form_intake.amounts import (
    PROGRAM_LOCALE,
    Amount,
    decimal_text,
    find_locale,
    read_decimal,
)
from gridwix.form_intake.dates import read_date, read_moment, read_time
from gridwix.form_intake.identifiers import read_duns, read_gln, read_trading_address
from gridwix.form_intake.invalid_answer import InvalidAnswer
from gridwix.models.files import AttachedFile

MAX_FILES = 50
MAX_CHOICES = 200
MAX_SIZE_DIGITS = 18
"""Maximum number of digits of a file size in a submission: any real size in bytes fits."""

# Loose on purpose: one @ with a domain after it. Only a message shows if an address works.
_EMAIL = re.compile(r"[^@\s]{1,64}@[^@\s.]+(\.[^@\s.]+)+")
_HOST = re.compile(r"[^\s./?#@:\[\]]+(\.[^\s./?#@:\[\]]+)+")
_FILE_ID = re.compile(r"[A-Za-z0-9._~-]{1,200}")
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")
_YES, _NO = (
    frozenset({"true", "yes", "on", "1", "checked"}),
    frozenset({"false", "no", "off", "0", "unchecked"}),
)

ADDRESS_PARTS = ("addressLine", "addressLine2", "postalCode", "city", "subdivision", "country")
"""The parts of an address, by Wix's names. ``country`` is a code of ISO 3166-1 (``DE``),
``subdivision`` one of ISO 3166-2 (``US-TX``) or a name."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A normalized answer: its ``value``, and the currency if the writer gave one.

    ``currency`` is a code or sign that was written next to a number; "" if there was none.
    """

    value: Any = field(repr=False)
    currency: str = ""


def read_answer(question: FormField, value: Any, locale: str | None) -> Answer:
    """Normalize an answer of any kind but files and signatures.

    Args:
        question: The field of the form.
        value: The value as Wix or the site's code sent it.
        locale: BCP 47 tag of the writer; ``und`` for a program, None if unknown.

    Raises:
        InvalidAnswer: The answer does not fit the question.

    >>> price = FormField(name="a", target="a", label="A", kind="decimal")
    >>> read_answer(price, "1.234,50 EUR", "de-DE").currency
    'EUR'
    """
    if question.kind == "decimal":
        amount = _read_amount(question, value, locale)
        return Answer(decimal_text(amount.number), amount.currency)
    return Answer(_READERS[question.kind](question, value, locale))


def read_files(value: Any) -> Sequence[AttachedFile]:
    """Parse Wix's file objects. Raises InvalidAnswer.

    Files of a Wix form have a URL; files that the site's code has uploaded have an id. A signature
    is an image file.

    >>> read_files({"fileId": "", "displayName": "a.pdf", "url": "https://x.example/a.pdf"})[0].name
    'a.pdf'
    """
    found: list[AttachedFile] = []
    for file in value if isinstance(value, list) else [value]:
        members = file if isinstance(file, dict) else {}
        url, file_id = (
            one if isinstance(one := members.get(name, ""), str) else ""
            for name in ("url", "fileId")
        )
        if not (url or _FILE_ID.fullmatch(file_id)) or len(found) >= MAX_FILES:
            raise InvalidAnswer("not_files")
        name = (
            next(
                (
                    members[key]
                    for key in ("displayName", "fileName", "name")
                    if isinstance(members.get(key), str)
                ),
                "",
            )
            or url.rpartition("/")[2]
        )
        size = next(
            (
                members[key]
                for key in ("fileSize", "sizeInBytes", "size")
                if members.get(key) is not None
            ),
            None,
        )
        # A URL wins: the id of a form's file is not one of an upload by the site's code.
        found.append(
            AttachedFile(
                url,
                safe_name(name),
                None if size is None else _file_size(size),
                "" if url else file_id,
            )
        )
    return found


def is_empty(value: Any) -> bool:
    """Return True if a value is blank, so that its question was not answered.

    >>> is_empty({"city": " ", "country": None}), is_empty(0), is_empty(False)
    (True, False, False)
    """
    if isinstance(value, dict):
        return all(is_empty(member) for member in value.values())
    return (
        value is None
        or (isinstance(value, str) and not value.strip())
        or (isinstance(value, list) and not value)
    )


def _file_size(value: Any) -> int:
    """Parse a size in bytes: a number, or decimal digits. Raises InvalidAnswer."""
    text = str(value)
    # isascii: ``str.isdigit`` accepts superscripts, which ``int`` does not.
    if not (text.isascii() and text.isdigit() and len(text) <= MAX_SIZE_DIGITS):
        raise InvalidAnswer("not_files")
    return int(text)


def _read_text(question: FormField, value: Any, _: str | None = None) -> str:
    """Return the answer as a stripped text.

    Raises InvalidAnswer if it is no text, has control characters or is longer than ``max_length``.
    """
    if isinstance(value, dict | list | bool):
        raise InvalidAnswer("not_text")
    text = str(value).replace("\r\n", "\n").strip()
    if len(text) > question.max_length:
        raise InvalidAnswer("too_long", most=question.max_length)
    if any(
        ord(character) < 32 and character not in "\n\t" for character in text
    ) or not _is_unicode(text):
        raise InvalidAnswer("bad_characters")
    return text


def _is_unicode(text: str) -> bool:
    # JSON escapes can encode a lone surrogate, which no store accepts (it is not valid UTF-8).
    return not any("\ud800" <= character <= "\udfff" for character in text)


def _read_email(question: FormField, value: Any, _: str | None) -> str:
    text = _read_text(question, value)
    if not _EMAIL.fullmatch(text):
        raise InvalidAnswer("not_email")
    return text


def _read_url(question: FormField, value: Any, _: str | None) -> str:
    """Parse a web address; a missing scheme becomes https.

    Only http and https without a user name are allowed, as the reader of the request may click on
    it.
    """
    text = _read_text(question, value)
    # ``example.com:8080`` is a host with a port, not a scheme.
    address = (
        text
        if _SCHEME.match(text) and not _HOST.match(text.partition(":")[0])
        else f"https://{text}"
    )
    try:
        parts = urlsplit(address)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        raise InvalidAnswer("not_url") from None
    if (
        parts.scheme not in ("http", "https")
        or "@" in parts.netloc
        or port == 0
        or not _HOST.fullmatch(host)
        or re.search(r"\s", address)
    ):
        raise InvalidAnswer("not_url")
    return address


def _read_phone(question: FormField, value: Any, locale: str | None) -> str:
    """Normalize a telephone number to E.164, with its extension as in RFC 3966 (``;ext=7``).

    A number without a country code is one of the locale's country.
    """
    from phonenumbers import (
        NumberParseException,
        PhoneNumberFormat,
        format_number,
        is_possible_number,
        parse,
    )

    text = _read_text(question, value)
    known = None if locale is None or locale == PROGRAM_LOCALE else find_locale(locale)
    if known is None and text.startswith("00"):
        # 00 is the international prefix in most countries.
        text = f"+{text[2:]}"
    try:
        number = parse(text, known.territory if known else None)
    except NumberParseException as fault:
        if fault.error_type == NumberParseException.INVALID_COUNTRY_CODE and not text.startswith(
            "+"
        ):
            raise InvalidAnswer("phone_without_country") from None
        raise InvalidAnswer("not_phone") from None
    if not is_possible_number(number):
        raise InvalidAnswer("not_phone")
    extension = f";ext={number.extension}" if number.extension else ""
    return f"{format_number(number, PhoneNumberFormat.E164)}{extension}"


def _read_amount(question: FormField, value: Any, locale: str | None) -> Amount:
    # A JSON number has a decimal point in any locale.
    return read_decimal(
        _read_text(question, value), PROGRAM_LOCALE if isinstance(value, int | float) else locale
    )


def _read_integer(question: FormField, value: Any, locale: str | None) -> int:
    number = _read_amount(question, value, locale).number
    if number != number.to_integral_value():
        raise InvalidAnswer("not_integer")
    return int(number)


def _read_rating(question: FormField, value: Any, locale: str | None) -> int:
    number = _read_integer(question, value, locale)
    if not 1 <= number <= question.highest:
        raise InvalidAnswer("not_rating", highest=question.highest)
    return number


def _read_boolean(question: FormField, value: Any, _: str | None) -> bool:
    if isinstance(value, bool):
        return value
    word = _read_text(question, value).lower()
    if word not in _YES | _NO:
        raise InvalidAnswer("not_boolean")
    return word in _YES


def _read_date(question: FormField, value: Any, locale: str | None) -> str:
    return read_date(_read_text(question, value), locale).isoformat()


def _read_time(question: FormField, value: Any, _: str | None) -> str:
    return read_time(_read_text(question, value))


def _read_moment(question: FormField, value: Any, locale: str | None) -> str:
    return read_moment(_read_text(question, value), locale)


def _read_choice(question: FormField, value: Any, _: str | None) -> str:
    text = _read_text(question, value)
    # Wix sends a visitor's own entry after the label of the free choice.
    if text not in question.choices and not (
        question.other and text.startswith(f"{question.other}: ")
    ):
        raise InvalidAnswer("not_choice")
    return text


def _read_choices(question: FormField, value: Any, locale: str | None) -> list[str]:
    """Return the distinct choices in the order of the form; free entries come last."""
    chosen = value if isinstance(value, list) else [value]
    if len(chosen) > MAX_CHOICES:
        raise InvalidAnswer("too_many_choices")
    found = dict.fromkeys(_read_choice(question, one, locale) for one in chosen)
    order = {choice: place for place, choice in enumerate(question.choices)}
    return sorted(found, key=lambda one: order.get(one, len(order)))


def _read_address(question: FormField, value: Any, _: str | None) -> dict[str, str]:
    """Return the given parts of an address, by Wix's names.

    An address that was sent as a single line has only the part ``formatted``.
    """
    if not isinstance(value, dict):
        return {"formatted": _read_text(question, value)}
    parts = {
        **value,
        "addressLine": value.get("addressLine") or _street_line(value.get("streetAddress")),
    }
    found = {
        part: _read_text(question, parts[part])
        for part in (*ADDRESS_PARTS, "formatted")
        if not is_empty(parts.get(part))
    }
    if not found:
        raise InvalidAnswer("not_address")
    country = found.get("country", "")
    if country and not re.fullmatch(r"[A-Z]{2}", country):
        raise InvalidAnswer("bad_country")
    return found


def _street_line(value: Any) -> str:
    """Return a street in one line, from Wix's older format ``{name, number, apt}``.

    >>> _street_line({"name": "Main St", "number": "12", "apt": "3"})
    '12 Main St 3'
    """
    parts = value if isinstance(value, dict) else {}
    return " ".join(
        str(parts[part])
        for part in ("number", "name", "apt")
        if isinstance(parts.get(part), str | int) and parts[part] != ""
    )


def _identifier_reader(read: Callable[[str], str]) -> Callable[[FormField, Any, str | None], str]:
    return lambda question, value, _: read(_read_text(question, value))


_READERS: Mapping[str, Callable[[FormField, Any, str | None], Any]] = {
    "text": _read_text,
    "email": _read_email,
    "url": _read_url,
    "phone": _read_phone,
    "integer": _read_integer,
    "rating": _read_rating,
    "boolean": _read_boolean,
    "date": _read_date,
    "time": _read_time,
    "datetime": _read_moment,
    "choice": _read_choice,
    "choices": _read_choices,
    "address": _read_address,
    "gln": _identifier_reader(read_gln),
    "duns": _identifier_reader(read_duns),
    "trading_address": _identifier_reader(read_trading_address),
}
