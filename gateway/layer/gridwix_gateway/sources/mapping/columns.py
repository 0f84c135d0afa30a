"""Typed columns: each parses its values by the type and format that the mapping declares.

Nothing is ever detected. ``11/12/2026`` is a date only in a column of type ``date``, and which day
it means is declared by the column's ``format``. A value that does not fit is a fault of its row.
"""

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime, time
from decimal import Decimal
from functools import cache, cached_property
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from gridwix_gateway.sources.mapping.records import Cell, CellError, CellFault, FormattedNumber
from gridwix_gateway.sources.mapping.time_zones import ZoneName, time_zone

SHOWN_CHARACTERS = 200
"""Maximum characters of a value that a fault shows."""

MAX_TEXT = 4_000
"""Default maximum length of a text column, in characters."""

EXACT_DIGITS = 15
"""Digits of a number that a spreadsheet stores exactly; a longer number has lost digits."""

_EDGES = " \t\r\n\u00a0\u2007\u202f\u200b\u200e\u200f\ufeff"
"""Characters trimmed from both ends of a text: spaces, and invisible characters."""
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
_SPACES = re.compile(r"\s+")
_SEPARATORS_OF_DIGITS = re.compile(r"[\s\u00a0\u202f-]")
_EMPTY_DECIMALS = re.compile(r"[.,]0+$")
_SCIENTIFIC = re.compile(r"[+-]?\d+(?:[.,]\d+)?[eE][+-]?\d+")
_DIRECTIVES = frozenset("YymdHMSfbBpIzjaA%")
_YEARS = range(1900, 2200)

ColumnName = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,59}$")]
"""Name of a column, as expressions write it: ``partner_id`` in ``row.partner_id``."""


class Refusal(Exception):
    """A value does not fit its column. ``code`` and ``reason`` say why (see :class:`CellFault`)."""

    def __init__(self, code: str, reason: str) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason


class _Column(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    heading: (
        Annotated[str, Field(min_length=1)] | Annotated[tuple[str, ...], Field(min_length=1)]
    ) = ()
    """Heading of the column in a table. A list: any one of these headings."""
    path: Annotated[str, Field(pattern=r"^[^.\s]+(\.[^.\s]+)*$")] | None = None
    """Path of the value in a JSON object: ``fields.status.name``."""
    required: bool = False
    """If true, a row without a value in this column is refused."""
    empty: tuple[str, ...] = ()
    """Texts that mean "no value", such as ``-`` or ``#N/A``."""

    @model_validator(mode="after")
    def _check_place(self) -> "_Column":
        if bool(self.heading) == (self.path is not None):
            raise ValueError("write either heading (of a table) or path (of a JSON object)")
        return self

    @property
    def headings(self) -> tuple[str, ...]:
        """Accepted headings of the column; none if it is read from a JSON object."""
        return (self.heading,) if isinstance(self.heading, str) else self.heading

    @cached_property
    def _empty_words(self) -> frozenset[str]:
        return frozenset(compared_text(word) for word in ("", *self.empty))

    def read_value(self, cell: Cell) -> Any:
        """Return a cell's value in the column's type; None for an empty cell.

        Raises Refusal if the cell does not fit the column.
        """
        if cell is None:
            value = None
        elif isinstance(cell, CellError):
            if compared_text(cell.code) not in self._empty_words:
                raise Refusal("cell-error", f"the cell holds the error {cell.code}")
            value = None
        elif isinstance(cell, str):
            text = trimmed_text(cell)
            value = None if self._is_empty(text) else self._parse_text(text)
        elif isinstance(cell, FormattedNumber):
            value = self._parse_text(cell.shown)
        else:
            value = self._parse_other(cell)
        if value is None and self.required:
            raise Refusal("missing", "there is no value, and the column needs one")
        return value

    def _is_empty(self, text: str) -> bool:
        if not text:
            return True
        return bool(self.empty) and compared_text(text) in self._empty_words

    def _parse_text(self, text: str) -> Any:
        raise NotImplementedError

    def _parse_other(self, cell: Any) -> Any:
        """Return the value of a cell that is no text.

        By default, the text that a spreadsheet would show is parsed.
        """
        return self._parse_text(_number_text(cell))


class TextColumn(_Column):
    """Column of trimmed texts. A whole number in a spreadsheet becomes its digits."""

    type: Literal["text"]
    max_length: Annotated[int, Field(ge=1, le=32_767)] = MAX_TEXT

    def _parse_text(self, text: str) -> str:
        return plain_text(text, self.max_length)


class ListColumn(_Column):
    """Column of lists of texts: one cell split by a separator, or a JSON list."""

    type: Literal["list"]
    separator: Annotated[str, Field(min_length=1, max_length=5)] = ";"
    max_length: Annotated[int, Field(ge=1, le=32_767)] = MAX_TEXT

    def _parse_text(self, text: str) -> list[str]:
        parts = (
            trimmed_text(part) for part in plain_text(text, self.max_length).split(self.separator)
        )
        return [part for part in parts if part]

    def _parse_other(self, cell: Any) -> list[str]:
        if not isinstance(cell, list):
            return super()._parse_other(cell)  # type: ignore[no-any-return]
        if not all(isinstance(part, str) for part in cell):
            raise Refusal("type", "it is no list of texts")
        return [plain_text(trimmed_text(part), self.max_length) for part in cell]


class IntegerColumn(_Column):
    """Column of whole numbers. ``grouping`` is the thousands separator, if there is one."""

    type: Literal["integer"]
    grouping: Literal[",", ".", " ", "'", ""] = ""

    def _parse_text(self, text: str) -> int:
        number = Decimal(_number(text, self.grouping, ""))
        if abs(number) >= 10**EXACT_DIGITS:
            raise Refusal("range", "the number is too large")
        return int(number)

    def _parse_other(self, cell: Any) -> int:
        number = _exact_number(cell)
        if number != number.to_integral_value():
            raise Refusal("integer", "it is no whole number")
        return int(number)


class DecimalColumn(_Column):
    """Column of decimal numbers. The mapping's CEL expressions see a text: ``"1234.50"``."""

    type: Literal["decimal"]
    decimal: Literal[",", "."]
    """Decimal separator."""
    grouping: Literal[",", ".", " ", "'", ""] = ""
    """Thousands separator, if there is one."""

    @model_validator(mode="after")
    def _check_signs(self) -> "DecimalColumn":
        if self.decimal == self.grouping:
            raise ValueError("decimal and grouping must differ")
        return self

    def _parse_text(self, text: str) -> str:
        return _number(text, self.grouping, self.decimal)

    def _parse_other(self, cell: Any) -> str:
        return f"{_exact_number(cell):f}"


class _Dated(_Column):
    format: str | None = None
    """Format of a text, as for Python's ``strptime``: ``%d.%m.%Y``. Without one, only date cells of
    a spreadsheet are accepted.
    """

    @field_validator("format")
    @classmethod
    def _check_format(cls, format_: str | None) -> str | None:
        if format_ is None:
            return None
        directives = re.findall(r"%(.?)", format_)
        if not set(directives) <= _DIRECTIVES or not {"d", "j"} & set(directives):
            raise ValueError("write a format such as %d.%m.%Y or %Y-%m-%d")
        if not {"Y", "y"} & set(directives):
            raise ValueError("the format has no year (%Y)")
        return format_

    def _parse_moment(self, text: str) -> datetime:
        if self.format is None:
            raise Refusal("date", "it is a text, and the column declares no format for texts")
        try:
            moment = datetime.strptime(text, self.format)  # noqa: DTZ007 - the zone is the column's
        except ValueError:
            raise Refusal("date", f"it does not match the format {self.format}") from None
        return self._check_year(moment)

    @staticmethod
    def _check_year[Moment: date](moment: Moment) -> Moment:
        if moment.year not in _YEARS:
            raise Refusal("date", f"the year {moment.year} is not between 1900 and 2199")
        return moment


class DateColumn(_Dated):
    """Column of dates. The mapping's CEL expressions see a value as a text, ``YYYY-MM-DD``.

    A time of day in a spreadsheet's cell is dropped.
    """

    type: Literal["date"]

    def _parse_text(self, text: str) -> str:
        return self._parse_moment(text).date().isoformat()

    def _parse_other(self, cell: Any) -> str:
        if isinstance(cell, datetime):
            cell = cell.date()
        if not isinstance(cell, date):
            raise Refusal("date", "it is a number or a time that is not formatted as a date")
        return self._check_year(cell).isoformat()


class TimestampColumn(_Dated):
    """Column of times. The mapping's CEL expressions see a value as RFC 3339, in UTC.

    The value has milliseconds. ``zone`` is the time zone of times that are written without one.
    """

    type: Literal["timestamp"]
    zone: ZoneName = "UTC"

    def _parse_text(self, text: str) -> str:
        return self._as_utc(self._parse_moment(text))

    def _parse_other(self, cell: Any) -> str:
        if not isinstance(cell, datetime):
            raise Refusal("date", "it is not formatted as a date with a time")
        return self._as_utc(self._check_year(cell))

    def _as_utc(self, moment: datetime) -> str:
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=time_zone(self.zone))
        return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


class BooleanColumn(_Column):
    """Column of booleans. ``true`` and ``false`` list the words for each value. Case is ignored."""

    type: Literal["boolean"]
    true: tuple[str, ...] = ("true",)
    false: tuple[str, ...] = ("false",)

    @model_validator(mode="after")
    def _check_words(self) -> "BooleanColumn":
        if {compared_text(word) for word in self.true} & {
            compared_text(word) for word in self.false
        }:
            raise ValueError("the same word stands for true and for false")
        return self

    def _parse_text(self, text: str) -> bool:
        word = compared_text(text)
        for value, words in ((True, self.true), (False, self.false)):
            if any(compared_text(one) == word for one in words):
                return value
        raise Refusal("unknown-word", f"it is none of {', '.join((*self.true, *self.false))}")

    def _parse_other(self, cell: Any) -> bool:
        return cell if isinstance(cell, bool) else bool(super()._parse_other(cell))


class CodeColumn(_Column):
    """Column of codes: words translated by a table, ``codes: {Live: active}``. Case is ignored.

    A word that is not listed is refused, unless ``otherwise`` gives the code of all other words.
    """

    type: Literal["code"]
    codes: Annotated[Mapping[str, str], Field(min_length=1)]
    otherwise: str | None = None

    @model_validator(mode="after")
    def _check_words(self) -> "CodeColumn":
        if len(self._by_word) < len(self.codes):
            raise ValueError("two words differ only in case or spaces")
        return self

    @cached_property
    def _by_word(self) -> Mapping[str, str]:
        return {compared_text(word): code for word, code in self.codes.items()}

    def _parse_text(self, text: str) -> str:
        code = self._by_word.get(compared_text(text), self.otherwise)
        if code is None:
            raise Refusal("unknown-word", f"it is none of {', '.join(self.codes)}")
        return code


class GlnColumn(_Column):
    """Column of GLNs: 13 digits with a GS1 check digit.

    Leading zeros that a spreadsheet lost are restored if the check digit then proves the number.
    """

    type: Literal["gln"]

    def _parse_text(self, text: str) -> str:
        digits = _identifier_digits(text)
        if not 9 <= len(digits) <= 13:
            raise Refusal("length", f"a GLN has 13 digits, this has {len(digits)}")
        padded = digits.zfill(13)
        if not padded.strip("0") or check_digit(padded[:-1]) != padded[-1]:
            how = "" if len(digits) == 13 else ", also with leading zeros added"
            raise Refusal("check-digit", f"the check digit of the GLN is wrong{how}")
        return padded


class DunsColumn(_Column):
    """Column of D-U-N-S numbers: 9 digits.

    A D-U-N-S number has no check digit. In a number with 7 or 8 digits, leading zeros are restored,
    because spreadsheets lose them. A shorter number is refused, unless the cell's own format says
    nine digits.
    """

    type: Literal["duns"]

    def _parse_text(self, text: str) -> str:
        digits = _identifier_digits(text)
        if not 7 <= len(digits) <= 9:
            raise Refusal("length", f"a D-U-N-S number has 9 digits, this has {len(digits)}")
        padded = digits.zfill(9)
        if not padded.strip("0"):
            raise Refusal("length", "a D-U-N-S number is not all zeros")
        return padded


class JsonColumn(_Column):
    """Column of JSON values (objects, lists), passed on unchanged. Only for JSON sources."""

    type: Literal["json"]

    @model_validator(mode="after")
    def _check_path(self) -> "JsonColumn":
        if self.path is None:
            raise ValueError("a column of type json needs a path")
        return self

    def read_value(self, cell: Cell) -> Any:
        if cell is None and self.required:
            raise Refusal("missing", "there is no value, and the column needs one")
        return cell


type Column = Annotated[
    TextColumn
    | ListColumn
    | IntegerColumn
    | DecimalColumn
    | DateColumn
    | TimestampColumn
    | BooleanColumn
    | CodeColumn
    | GlnColumn
    | DunsColumn
    | JsonColumn,
    Field(discriminator="type"),
]


def read_column(name: str, column: Column, cell: Cell) -> tuple[Any, CellFault | None]:
    """Parse a cell by its column. Return the value and None, or None and the fault.

    Args:
        name: Name of the column, for the fault.
        column: Declaration of the column.
        cell: The value as it was read.

    Returns:
        The value as JSON, None for an empty cell; and the fault, None if the cell fits.
    """
    try:
        return column.read_value(cell), None
    except Refusal as refusal:
        return None, CellFault(name, shown_value(cell), refusal.code, refusal.reason)


def read_member(document: Mapping[str, Any], path: str) -> Cell:
    """Return the value at a dotted path in a JSON object; None if there is none.

    >>> read_member({"fields": {"status": {"name": "Done"}}}, "fields.status.name")
    'Done'

    Args:
        document: The object.
        path: Member names, joined by dots.

    Returns:
        The value.
    """
    value: Any = document
    for part in path.split("."):
        if not isinstance(value, Mapping):
            return None
        value = value.get(part)
    return value  # type: ignore[no-any-return]


def shown_value(cell: Cell) -> str:
    """Return a value as a text of limited length, to show it to people in a report of faults."""
    match cell:
        case None:
            return ""
        case CellError(code=text) | FormattedNumber(shown=text) | str(text):
            pass
        case _:
            text = str(cell)
    return text if len(text) <= SHOWN_CHARACTERS else f"{text[:SHOWN_CHARACTERS]}…"


def trimmed_text(text: str) -> str:
    """Return a text without spaces and invisible characters at its ends."""
    return text.strip(_EDGES)


def compared_text(text: str) -> str:
    """Return a text normalised for comparison: lower case, and single spaces.

    >>> compared_text("  In  Progress ")
    'in progress'
    """
    return trimmed_text(_SPACES.sub(" ", text)).casefold()


def plain_text(text: str, max_length: int) -> str:
    """Return a text with normalised line breaks.

    Args:
        text: A trimmed text.
        max_length: Maximum number of characters.

    Returns:
        The text.

    Raises:
        Refusal: The text is too long or holds control characters.
    """
    if len(text) > max_length:
        raise Refusal("too-long", f"it has {len(text):,} characters; at most {max_length:,} fit")
    if text.isprintable():
        return text
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if found := _CONTROL.search(text):
        raise Refusal("control-character", f"it holds the control character U+{ord(found[0]):04X}")
    return text


def check_digit(digits: str) -> str:
    """Return the GS1 check digit that completes a number's other digits.

    >>> check_digit("061414100041")
    '8'
    """
    total = sum(
        int(digit) * (3 if place % 2 == 0 else 1) for place, digit in enumerate(reversed(digits))
    )
    return str(-total % 10)


def _identifier_digits(text: str) -> str:
    if _SCIENTIFIC.fullmatch(text):
        raise Refusal("digits-lost", "it was saved in scientific notation, so digits are lost")
    # A program that took the number for a decimal one wrote 614141000418.0.
    digits = _SEPARATORS_OF_DIGITS.sub("", _EMPTY_DECIMALS.sub("", text))
    if not (digits.isascii() and digits.isdigit()):
        raise Refusal("digits", "it holds signs other than digits")
    return digits


def _exact_number(cell: Any) -> Decimal:
    if isinstance(cell, bool) or not isinstance(cell, int | float):
        raise Refusal("number", "it is no number")
    number = Decimal(f"{cell:.{EXACT_DIGITS}g}") if isinstance(cell, float) else Decimal(cell)
    if not number.is_finite() or abs(number) >= 10**EXACT_DIGITS:
        raise Refusal("digits-lost", "the number has more than 15 digits, so digits are lost")
    return number


def _number_text(cell: Any) -> str:
    """Return a number or a boolean as a person would type it. Raises Refusal for other values."""
    match cell:
        case bool():
            return "TRUE" if cell else "FALSE"
        case int() | float():
            return f"{_exact_number(cell).normalize():f}"
        case datetime() | date() | time():
            raise Refusal("type", "it is a date or time, and the column is not declared as one")
    raise Refusal("type", "it is a list or an object, and the column needs one value")


@cache
def _number_pattern(grouping: str, decimal: str) -> re.Pattern[str]:
    group = rf"\d{{1,3}}(?:{re.escape(grouping)}\d{{3}})+|" if grouping else ""
    fraction = rf"(?:{re.escape(decimal)}(?P<fraction>\d+))?" if decimal else ""
    return re.compile(rf"(?P<sign>[+-]?)(?P<whole>{group}\d{{1,30}}){fraction}(?P<after>-?)")


def _number(text: str, grouping: str, decimal: str) -> str:
    """Return a number, written with separators, in canonical form, such as ``-1234.50``.

    A trailing minus, as SAP writes it, is accepted. Raises Refusal.
    """
    plain = text.replace("\u2212", "-")
    if grouping == " ":
        plain = re.sub(r"[\u00a0\u202f\u2009]", " ", plain)
    if grouping == "'":
        plain = plain.replace("’", "'")
    found = _number_pattern(grouping, decimal).fullmatch(plain)
    if found is None or (found["sign"] and found["after"]):
        signs = [f"the decimal sign {decimal}"] if decimal else ["no decimals"]
        signs += [f"the grouping sign {grouping!r}" if grouping else "no grouping sign"]
        raise Refusal("number", f"it is no number with {' and '.join(signs)}")
    whole = found["whole"].replace(grouping, "") if grouping else found["whole"]
    fraction = found.groupdict().get("fraction") or ""
    minus = "-" if "-" in (found["sign"], found["after"]) else ""
    return f"{minus}{whole.lstrip('0') or '0'}{'.' + fraction if fraction else ''}"
