"""What each kind of field takes for an answer, and the form in which the answer is kept. Pure.

The kinds are those of Wix Forms (https://dev.wix.com/docs/api-reference/crm/forms/form-schemas/about-form-fields), and three identifiers of trading partners.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from gridwix.configuration.forms import FormField
from gridwix.form_intake.amounts import PROGRAM, Amount, find_locale, plain_text, read_decimal
from gridwix.form_intake.dates import read_date, read_moment, read_time
from gridwix.form_intake.identifiers import read_duns, read_gln, read_trading_address
from gridwix.form_intake.unfit import Unfit
from gridwix.models.files import AttachedFile

MAX_FILES = 50
MAX_CHOICES = 200
MAX_SIZE_DIGITS = 18

# One @, something before it and a domain after it: whether an address works only a message can tell.
_EMAIL = re.compile(r"[^@\s]{1,64}@[^@\s.]+(\.[^@\s.]+)+")
_HOST = re.compile(r"[^\s./?#@:\[\]]+(\.[^\s./?#@:\[\]]+)+")
_FILE_ID = re.compile(r"[A-Za-z0-9._~-]{1,200}")
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")
_YES, _NO = frozenset({"true", "yes", "on", "1", "checked"}), frozenset({"false", "no", "off", "0", "unchecked"})

ADDRESS_PARTS = ("addressLine", "addressLine2", "postalCode", "city", "subdivision", "country")
"""The parts of an address, by Wix's names. ``country`` is a code of ISO 3166-1 (``DE``), ``subdivision`` one of ISO 3166-2 (``US-TX``) or a name."""


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer as it is kept: ``value``, and for a number the ``currency`` that stood beside it, "" if none did."""

    value: Any = field(repr=False)
    currency: str = ""


def read_answer(question: FormField, value: Any, locale: str | None) -> Answer:
    """An answer to a question of any kind but files and signatures. ``locale`` is the BCP 47 tag of who answers, ``und`` for a program. Raises Unfit.

    >>> read_answer(FormField(name="a", target="a", label="A", kind="decimal"), "1.234,50 EUR", "de-DE").currency
    'EUR'
    """
    if question.kind == "decimal":
        amount = _read_amount(question, value, locale)
        return Answer(plain_text(amount.number), amount.currency)
    return Answer(_READERS[question.kind](question, value, locale))


def read_files(value: Any) -> Sequence[AttachedFile]:
    """Wix's file objects: ``{fileId, displayName, url, fileSize, ...}``. Those of a form have an address, those that the site's code has uploaded an id. A
    signature is the picture of one. Raises Unfit."""
    found: list[AttachedFile] = []
    for file in value if isinstance(value, list) else [value]:
        said = file if isinstance(file, dict) else {}
        url, file_id = (one if isinstance(one := said.get(member, ""), str) else "" for member in ("url", "fileId"))
        if not (url or _FILE_ID.fullmatch(file_id)) or len(found) >= MAX_FILES:
            raise Unfit("not_files")
        name = next((said[key] for key in ("displayName", "fileName", "name") if isinstance(said.get(key), str)), "") or url.rpartition("/")[2]
        size = next((said[key] for key in ("fileSize", "sizeInBytes", "size") if said.get(key) is not None), None)
        found.append(AttachedFile(url, name[:255], None if size is None else _file_size(size), "" if url else file_id))
    return found


def is_empty(value: Any) -> bool:
    """Whether a value says nothing, so that its question was not answered."""
    if isinstance(value, dict):
        return all(is_empty(member) for member in value.values())
    return value is None or (isinstance(value, str) and not value.strip()) or (isinstance(value, list) and not value)


def _file_size(said: Any) -> int:
    """A size in bytes as Wix says it: a number, or its decimal digits. ``str.isdigit`` takes superscripts, which ``int`` does not."""
    text = str(said)
    if not (text.isascii() and text.isdigit() and len(text) <= MAX_SIZE_DIGITS):
        raise Unfit("not_files")
    return int(text)


def _read_text(question: FormField, value: Any, _: str | None = None) -> str:
    if isinstance(value, dict | list | bool):
        raise Unfit("not_text")
    text = str(value).replace("\r\n", "\n").strip()
    if len(text) > question.max_length:
        raise Unfit("too_long", most=question.max_length)
    if any(ord(character) < 32 and character not in "\n\t" for character in text) or not _is_unicode(text):
        raise Unfit("bad_characters")
    return text


def _is_unicode(text: str) -> bool:
    # A lone surrogate comes out of JSON's escapes and can be stored nowhere.
    return not any("\ud800" <= character <= "\udfff" for character in text)


def _read_email(question: FormField, value: Any, _: str | None) -> str:
    text = _read_text(question, value)
    if not _EMAIL.fullmatch(text):
        raise Unfit("not_email")
    return text


def _read_url(question: FormField, value: Any, _: str | None) -> str:
    """An address of the web, with its scheme. Only http and https: a reader may click on it."""
    text = _read_text(question, value)
    address = text if _SCHEME.match(text) and not _HOST.match(text.partition(":")[0]) else f"https://{text}"
    try:
        parts = urlsplit(address)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        raise Unfit("not_url") from None
    if parts.scheme not in ("http", "https") or "@" in parts.netloc or port == 0 or not _HOST.fullmatch(host) or re.search(r"\s", address):
        raise Unfit("not_url")
    return address


def _read_phone(question: FormField, value: Any, locale: str | None) -> str:
    """A telephone number in the form of E.164. Without a country code it is read as one of the locale's country. An extension stays behind it (RFC 3966)."""
    from phonenumbers import NumberParseException, PhoneNumberFormat, format_number, is_possible_number, parse

    text = _read_text(question, value)
    known = None if locale is None or locale == PROGRAM else find_locale(locale)
    if known is None and text.startswith("00"):
        # The prefix for calls abroad in most countries, in the place of the plus sign.
        text = f"+{text[2:]}"
    try:
        number = parse(text, known.territory if known else None)
    except NumberParseException as fault:
        if fault.error_type == NumberParseException.INVALID_COUNTRY_CODE and not text.startswith("+"):
            raise Unfit("phone_without_country") from None
        raise Unfit("not_phone") from None
    if not is_possible_number(number):
        raise Unfit("not_phone")
    extension = f";ext={number.extension}" if number.extension else ""
    return f"{format_number(number, PhoneNumberFormat.E164)}{extension}"


def _read_amount(question: FormField, value: Any, locale: str | None) -> Amount:
    # What was a number in JSON is a program's.
    return read_decimal(_read_text(question, value), PROGRAM if isinstance(value, int | float) else locale)


def _read_integer(question: FormField, value: Any, locale: str | None) -> int:
    number = _read_amount(question, value, locale).number
    if number != number.to_integral_value():
        raise Unfit("not_integer")
    return int(number)


def _read_rating(question: FormField, value: Any, locale: str | None) -> int:
    number = _read_integer(question, value, locale)
    if not 1 <= number <= question.highest:
        raise Unfit("not_rating", highest=question.highest)
    return number


def _read_boolean(question: FormField, value: Any, _: str | None) -> bool:
    if isinstance(value, bool):
        return value
    word = _read_text(question, value).lower()
    if word not in _YES | _NO:
        raise Unfit("not_boolean")
    return word in _YES


def _read_date(question: FormField, value: Any, locale: str | None) -> str:
    return read_date(_read_text(question, value), locale).isoformat()


def _read_time(question: FormField, value: Any, _: str | None) -> str:
    return read_time(_read_text(question, value))


def _read_moment(question: FormField, value: Any, locale: str | None) -> str:
    return read_moment(_read_text(question, value), locale)


def _read_choice(question: FormField, value: Any, _: str | None) -> str:
    text = _read_text(question, value)
    # Wix writes a visitor's own entry behind the label of the free choice.
    if text not in question.choices and not (question.other and text.startswith(f"{question.other}: ")):
        raise Unfit("not_choice")
    return text


def _read_choices(question: FormField, value: Any, locale: str | None) -> list[str]:
    """Several choices, each once, in the order in which the form offers them; a free entry comes last."""
    chosen = value if isinstance(value, list) else [value]
    if len(chosen) > MAX_CHOICES:
        raise Unfit("too_many_choices")
    found = dict.fromkeys(_read_choice(question, one, locale) for one in chosen)
    order = {choice: place for place, choice in enumerate(question.choices)}
    return sorted(found, key=lambda one: order.get(one, len(order)))


def _read_address(question: FormField, value: Any, _: str | None) -> dict[str, str]:
    """An address by its parts, those that are there. One that was written in a single line is its ``formatted`` text."""
    if not isinstance(value, dict):
        return {"formatted": _read_text(question, value)}
    said = {**value, "addressLine": value.get("addressLine") or _street_line(value.get("streetAddress"))}
    found = {part: _read_text(question, said[part]) for part in (*ADDRESS_PARTS, "formatted") if not is_empty(said.get(part))}
    if not found:
        raise Unfit("not_address")
    country = found.get("country", "")
    if country and not re.fullmatch(r"[A-Z]{2}", country):
        raise Unfit("bad_country")
    return found


def _street_line(value: Any) -> str:
    """Wix's older form of a street: ``{name, number, apt}``."""
    said = value if isinstance(value, dict) else {}
    return " ".join(str(said[part]) for part in ("number", "name", "apt") if isinstance(said.get(part), str | int) and said[part] != "")


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
