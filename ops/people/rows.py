"""Reads people from the rows of a table. Pure.

Each fault names the row, the column and the reason.
"""

import difflib
import re
import unicodedata
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from gridwix.models.ids import PartnerId
from gridwix.people.addresses import normal_email
from gridwix.people.persons import Person, PersonKey, Source
from ops.people.tables import Cell, FileRefused, Row, Table

HEADINGS: Mapping[str, Collection[str]] = {
    "partner": ("partner", "partner id", "company id", "buid"),
    "email": ("email", "e mail", "email address", "e mail address"),
    "name": ("name", "full name"),
    "role": ("role",),
    "language": ("language", "locale"),
}
"""Accepted headings of each column, in lowercase and with single spaces in place of other signs."""

REQUIRED = ("partner", "email", "role")

MAX_PARTNER = 100
MAX_NAME = 200
"""Maximum number of characters of a partner's id, and of a person's name."""


@dataclass(frozen=True, slots=True)
class RowFault:
    """A row of a file from which no person is read, with the reason.

    ``column`` is the column at fault, "" for the whole row.
    """

    line: int
    column: str
    reason: str = field(repr=False)

    def __str__(self) -> str:
        place = f"row {self.line}" + (f", {self.column}" if self.column else "")
        return f"{place}: {self.reason}"


@dataclass(frozen=True, slots=True)
class PeopleFile:
    """The people of a file, the faults of its other rows, and the headings of ignored columns."""

    people: tuple[Person, ...]
    faults: tuple[RowFault, ...]
    ignored: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The values that a file of people may contain: roles, and the languages of the portal."""

    roles: Sequence[str]
    languages: Sequence[str]


class _Fault(Exception):
    """A fault of a cell: its column and the reason."""

    def __init__(self, column: str, reason: str) -> None:
        super().__init__(reason)
        self.column = column
        self.reason = reason


def read_people(
    tables: Sequence[Table],
    vocabulary: Vocabulary,
    known_partners: Callable[[Collection[PartnerId]], Collection[PartnerId]],
) -> PeopleFile:
    """Read the people of a file from its tables.

    Args:
        tables: The tables of the file.
        vocabulary: Roles and languages that the file may contain.
        known_partners: Returns those of the given partners that the portal has. Called once.

    Raises:
        FileRefused: No table or more than one has the required headings, or no person is below the
            headings.
    """
    table, places, ignored = _find_table(tables)
    if len(table.rows) == 1:
        raise FileRefused("there is nobody below the headings", "add a row for each person")
    people: dict[int, Person] = {}
    faults: list[RowFault] = []
    for row in table.rows[1:]:
        try:
            _check_width(row, table.rows[0])
            people[row.line] = _read_person(row, places, vocabulary)
        except _Fault as fault:
            faults.append(RowFault(row.line, fault.column, fault.reason))
    known = known_partners({person.partner_id for person in people.values()})
    faults += _unknown_partners(people, known)
    faults += _doubled(people)
    bad = {fault.line for fault in faults}
    return PeopleFile(
        tuple(person for line, person in people.items() if line not in bad),
        tuple(sorted(faults, key=lambda fault: fault.line)),
        ignored,
    )


def _find_table(tables: Sequence[Table]) -> tuple[Table, Mapping[str, int], tuple[str, ...]]:
    """Return the table that has the required headings of a file of people.

    Return the index of each of its columns, too, and the headings that are ignored. Raises
    FileRefused if no table or more than one table has the headings.
    """
    fitting = [table for table in tables if not _missing(_places(table.rows[0]))]
    if len(fitting) > 1:
        raise FileRefused("more than one sheet has the headings", "keep one of them in the file")
    if not fitting:
        raise FileRefused(
            _heading_fault(tables[0].rows[0]),
            f"write the columns {', '.join(HEADINGS)}, of which name and language may be missing",
        )
    table = fitting[0]
    headings = table.rows[0]
    found = _places(headings)
    for column, places in found.items():
        if len(places) > 1:
            raise FileRefused(
                f"row {headings.line}: two columns are {column}", "remove one, or rename it"
            )
    used = {place for places in found.values() for place in places}
    return (
        table,
        {column: places[0] for column, places in found.items()},
        tuple(
            cell.text
            for place, cell in enumerate(headings.cells)
            if cell.text and place not in used
        ),
    )


def _places(headings: Row) -> Mapping[str, Sequence[int]]:
    written = [_plain(cell.text) for cell in headings.cells]
    found = {
        column: [place for place, text in enumerate(written) if text in names]
        for column, names in HEADINGS.items()
    }
    return {column: places for column, places in found.items() if places}


def _missing(found: Collection[str]) -> Sequence[str]:
    return [column for column in REQUIRED if column not in found]


def _heading_fault(headings: Row) -> str:
    missing = _missing(_places(headings))
    written = {_plain(cell.text): cell.text for cell in headings.cells if cell.text}
    said = []
    for column in missing:
        near = difflib.get_close_matches(column, written, n=1)
        said.append(f"{column} (is {written[near[0]]} meant?)" if near else column)
    return f"row {headings.line}: there is no heading {', '.join(said)}"


def _plain(heading: str) -> str:
    folded = unicodedata.normalize("NFKC", heading).casefold()
    return " ".join(re.findall(r"\w+", folded.replace("_", " ")))


def _check_width(row: Row, headings: Row) -> None:
    """Raise _Fault for a row with more cells than headings.

    An unquoted comma may have split a text.
    """
    width = max(place for place, cell in enumerate(headings.cells, start=1) if cell.text)
    if any(cell.text or cell.fault for cell in row.cells[width:]):
        raise _Fault(
            "",
            f"it has {len(row.cells)} cells, and there are {width} headings: put a text that holds"
            " the sign between cells into quotes",
        )


def _read_person(row: Row, places: Mapping[str, int], vocabulary: Vocabulary) -> Person:
    """Return the person of a row. Raises _Fault if a cell cannot be used."""
    cells = {
        column: _usable(column, row.cells[place] if place < len(row.cells) else Cell(""))
        for column, place in places.items()
    }
    partner = _required("partner", cells)
    if len(partner) > MAX_PARTNER:
        raise _Fault("partner", f"an id has at most {MAX_PARTNER} characters")
    written = _required("email", cells)
    email = normal_email(written)
    if email is None:
        raise _Fault("email", f"{_shown(written)} is no email address of a person")
    name = " ".join(cells.get("name", "").split())
    if len(name) > MAX_NAME:
        raise _Fault("name", f"a name has at most {MAX_NAME} characters")
    return Person(
        PartnerId(partner),
        email,
        _one_of("role", _required("role", cells), vocabulary.roles),
        name=name,
        language=_language(cells.get("language", ""), vocabulary.languages),
        source=Source.FILE,
    )


def _usable(column: str, cell: Cell) -> str:
    if cell.fault:
        raise _Fault(column, cell.fault)
    return cell.text


def _required(column: str, cells: Mapping[str, str]) -> str:
    text = cells[column]
    if not text:
        raise _Fault(column, "it is empty")
    return text


def _one_of(column: str, written: str, known: Sequence[str]) -> str:
    wanted = written.casefold()
    for one in known:
        if one.casefold() == wanted:
            return one
    near = difflib.get_close_matches(wanted, known, n=1)
    hint = f" (is {near[0]} meant?)" if near else ""
    raise _Fault(
        column, f"there is no {column} {_shown(written)}{hint}; there are {', '.join(known)}"
    )


def _language(written: str, known: Sequence[str]) -> str:
    if not written:
        return ""
    # As programs write it: de-AT is German.
    parts = re.split(r"[-_]", written, maxsplit=1)
    return _one_of("language", parts[0] if len(parts[0]) == 2 else written, known)


def _shown(text: str) -> str:
    return repr(text if len(text) <= 60 else f"{text[:60]}…")


def _unknown_partners(
    people: Mapping[int, Person], known: Collection[PartnerId]
) -> Iterator[RowFault]:
    for line, person in people.items():
        if person.partner_id in known:
            continue
        near = difflib.get_close_matches(person.partner_id, known, n=1, cutoff=0.8)
        hint = f" (is {near[0]} meant?)" if near else ""
        yield RowFault(
            line, "partner", f"the portal knows no partner {_shown(person.partner_id)}{hint}"
        )


def _doubled(people: Mapping[int, Person]) -> Iterator[RowFault]:
    """Yield a fault for each row of a person who occurs more than once, the first row included.

    The file does not say which of the rows is right.
    """
    lines: dict[PersonKey, list[int]] = {}
    for line, person in people.items():
        lines.setdefault(person.key, []).append(line)
    for key, found in lines.items():
        if len(found) == 1:
            continue
        roles = {people[line].role for line in found}
        other = "with the same role" if len(roles) == 1 else f"as {' and '.join(sorted(roles))}"
        for line in found:
            rest = ", ".join(str(one) for one in found if one != line)
            yield RowFault(
                line, "email", f"{key.email} is at this partner in row {rest:.60} as well, {other}"
            )
