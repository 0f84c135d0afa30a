"""Checks the coded values, such as statuses, that the declaration of a source can give to records.

This module calls such a value a word. No file of the source is read. The values are found in the
declaration itself, as constants and as ``codes`` of columns. The declaration's expressions are
evaluated for made-up rows.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any

from gridwix.configuration.everything import Configuration
from gridwix_gateway.sources.mapping import DeclarationFault, MappingDeclaration
from gridwix_gateway.sources.mapping.columns import BooleanColumn, CodeColumn, Column
from gridwix_gateway.sources.mapping.compilation import Place, member_validator
from gridwix_gateway.sources.mapping.declaration import RecordDeclaration, Template
from gridwix_gateway.sources.mapping.expressions import Expression, ExpressionFault
from gridwix_gateway.sources.mapping.members import RULES
from ops.checks.remark import suggestion
from ops.checks.vocabulary import LABELS, VALUES, label_values

ROLES = ("supplier", "carrier", "distributor", "3pl", "customer")
"""Roles of partners that the profile names. A hub may define others."""

type OpenWords = Mapping[tuple[str, str], frozenset[str]]
"""Known words of members that can have others, by collection and place."""

_SAMPLES: Mapping[str, Any] = {
    "text": "sample",
    "list": ["sample"],
    "integer": 1,
    "decimal": "1",
    "date": "2026-01-01",
    "timestamp": "2026-01-01T00:00:00.000Z",
    "boolean": True,
    "code": "sample",
    "gln": "0614141000418",
    "duns": "041234567",
    "json": {},
}
"""A sample value for each type of column."""


@dataclass(frozen=True, slots=True)
class GivenWord:
    """A coded value, such as a status, that a declaration can give to a member of a record.

    Attributes:
        place: Path of keys to the value in the declaration.
        collection: The record's collection.
        member: Member that gets the value: ``status``, or ``steps.status``.
        word: The value.
    """

    place: Place
    collection: str
    member: str
    word: str


@dataclass(frozen=True, slots=True)
class _Leaf:
    place: Place
    expression: Expression


def known_words(configuration: Configuration | None) -> OpenWords:
    """Return the known coded values of fields in which a hub may also use values of its own.

    The keys are the record's collection and the path of the field, such as ``cases`` and
    ``category``. Values are known if the gateway's API contract (the profile) or
    ``config/labels.yaml`` has them.

    Args:
        configuration: The settings of gridwix with the labels; None if they are invalid.
    """
    phases = _labelled(configuration, "step", "phase")
    return {
        ("partners", "role"): frozenset(ROLES),
        ("cases", "category"): _labelled(configuration, "case", "category"),
        ("compliance-checks", "category"): _labelled(configuration, "check", "category"),
        ("onboarding-programs", "steps.phase"): phases,
        ("enrollments", "steps.phase"): phases,
    }


def unknown_word_text(known: OpenWords, collection: str, member: str, word: str) -> str:
    """Return the remark on a value that neither the profile nor ``config/labels.yaml`` has.

    The profile is the gateway's API contract. The remark suggests the most similar known value.

    Args:
        known: Known values by collection and member.
        collection: Collection of the record, such as ``cases``.
        member: Member that has the value, such as ``category``.
        word: The unknown value.
    """
    words = known[collection, member]
    has_labels = member != "role"
    where = "neither the profile nor config/labels.yaml has" if has_labels else "the profile has no"
    return f"{collection}.{member}: {where} {word}{suggestion(word, words)}"


def word_faults(declaration: MappingDeclaration) -> Iterator[DeclarationFault]:
    """Yield a fault for each value in a declaration that the gateway's API contract forbids.

    The values are constants that the declaration of a source gives to records, and codes into which
    its columns translate texts of the source. A constant that is empty where the contract requires
    a value is a fault, too. The caller has checked before that the mapping of the declaration can
    be compiled.
    """
    for given in given_words(declaration):
        words = RULES[given.collection].words.get(given.member)
        if words is not None and given.word not in words:
            yield DeclarationFault(
                given.place,
                f"{given.collection}.{given.member} cannot be {given.word}",
                f"write one of {', '.join(words)}{suggestion(given.word, words)}",
            )
    for number, record in enumerate(declaration.records):
        yield from _constant_faults(("records", str(number), "fields"), record)


def unknown_words(declaration: MappingDeclaration, known: OpenWords) -> Iterator[tuple[Place, str]]:
    """Yield the place of each value in a declaration that may be misspelled, with a remark.

    Such a value is permitted, but neither the gateway's API contract nor ``config/labels.yaml`` has
    it. The values are constants, and codes into which columns translate texts of the source. The
    place is the path of keys in the declaration.
    """
    for given in given_words(declaration):
        words = known.get((given.collection, given.member))
        if words is not None and given.word not in words:
            yield given.place, unknown_word_text(known, given.collection, given.member, given.word)


def given_words(declaration: MappingDeclaration) -> Iterator[GivenWord]:
    """Yield the coded values, such as statuses, that a declaration can give to fields of records.

    The values are constants in expressions, and codes into which columns translate texts of the
    source. A value that several places of the declaration contain, or that several fields get, is
    yielded for each combination of place and field.
    """
    seen: set[GivenWord] = set()
    for number, record in enumerate(declaration.records):
        top = ("records", str(number), "fields")
        for leaf in _leaves(top, dict(record.fields)):
            for member, word in _results(leaf, len(top), declaration.columns):
                for place in _origins(leaf, word, declaration.columns):
                    given = GivenWord(place, record.collection, member, word)
                    if given not in seen:
                        seen.add(given)
                        yield given


def _labelled(configuration: Configuration | None, kind: Any, field: str) -> frozenset[str]:
    labels = {} if configuration is None else label_values(configuration, LABELS.get((kind, field)))
    return VALUES[kind][field] | labels.keys()


def _leaves(place: Place, template: Template) -> Iterator[_Leaf]:
    match template:
        case str():
            yield _Leaf(place, Expression(template))
        case dict():
            for name, part in template.items():
                yield from _leaves((*place, name), part)
        case list():
            for number, part in enumerate(template):
                yield from _leaves((*place, str(number)), part)


def _results(leaf: _Leaf, depth: int, columns: Mapping[str, Column]) -> Iterator[tuple[str, str]]:
    """Yield the texts that one expression of a declaration (``leaf``) returns for made-up rows.

    Each text comes with the path of its field in the record, such as ``steps.status``. The first
    ``depth`` keys of the expression's place in the declaration are no part of that path. Rows for
    which the expression fails are skipped.
    """
    own = [part for part in leaf.place[depth:] if not part.isdecimal()]
    for row in _sample_rows(leaf, columns):
        try:
            value = leaf.expression.evaluate(row)
        except ExpressionFault:
            continue
        yield from _texts(own, value)


def _sample_rows(leaf: _Leaf, columns: Mapping[str, Column]) -> Iterator[Mapping[str, Any]]:
    """Yield made-up rows of a source, with which an expression (``leaf``) can be evaluated.

    There are two series of rows: in the first, all columns are empty; in the second, all have a
    sample value. Each series begins with such a row. In each further row, one column that the
    expression uses has one of its codes, or True or False, instead.
    """
    empty: dict[str, Any] = dict.fromkeys(columns)
    full = {name: _SAMPLES[column.type] for name, column in columns.items()}
    for row in (empty, full):
        yield row
        for name in sorted(leaf.expression.columns & columns.keys()):
            for value in _values(columns[name]):
                yield {**row, name: value}


def _values(column: Column) -> Iterable[Any]:
    match column:
        case CodeColumn():
            last = () if column.otherwise is None else (column.otherwise,)
            return dict.fromkeys([*column.codes.values(), *last])
        case BooleanColumn():
            return (True, False)
    return ()


def _texts(place: Sequence[str], value: Any) -> Iterator[tuple[str, str]]:
    match value:
        case str():
            yield ".".join(place), value
        case dict():
            for name, part in value.items():
                yield from _texts([*place, str(name)], part)
        case list():
            yield from chain.from_iterable(_texts(place, part) for part in value)


def _origins(leaf: _Leaf, word: str, columns: Mapping[str, Column]) -> Iterator[Place]:
    """Yield the places in a declaration that contain a value (``word``) returned by an expression.

    The expression is ``leaf``. The places are the codes with this value in the columns that the
    expression uses. If there are none, the place is the expression itself, but only if the value
    stands in it as a quoted constant.
    """
    found = False
    for name in sorted(leaf.expression.columns):
        column = columns[name]
        if isinstance(column, CodeColumn):
            for text, code in column.codes.items():
                if code == word:
                    found = True
                    yield "columns", name, "codes", text
            if column.otherwise == word:
                found = True
                yield "columns", name, "otherwise"
    if not found and any(f"{mark}{word}{mark}" in leaf.expression.source for mark in "'\""):
        yield leaf.place


def _constant_faults(place: Place, record: RecordDeclaration) -> Iterator[DeclarationFault]:
    """Yield a fault for each field of a record with a constant that the API contract forbids.

    The contract is that of the gateway. ``record`` is the part of a declaration for one record.
    """
    rules = RULES[record.collection]
    for name, template in record.fields.items():
        leaves = list(_leaves((*place, name), template))
        if any(leaf.expression.columns for leaf in leaves):
            continue
        try:
            value = _constant(template)
        except ExpressionFault as fault:
            yield DeclarationFault((*place, name), str(fault), "correct the expression")
            continue
        if value in (None, "") and name in rules.required:
            said = f"there is no value, and every record of {record.collection} needs one"
            yield DeclarationFault((*place, name), said, "write a value")
            continue
        wrong = member_validator(record.collection, [name], rules).first_error({name: value})
        if value is None or wrong is None or _member(wrong.place) in rules.words:
            continue
        said = f"{record.collection}.{_member(wrong.place)}: {wrong.reason}"
        yield DeclarationFault((*place, *wrong.place), said, "correct the value")


def _member(place: Iterable[str]) -> str:
    return ".".join(part for part in place if not part.isdecimal())


def _constant(template: Template) -> Any:
    match template:
        case str():
            return Expression(template).evaluate({})
        case dict():
            return {name: _constant(part) for name, part in template.items()}
        case list():
            found = [_constant(part) for part in template]
            return [part for part in found if part is not None]
    return template
