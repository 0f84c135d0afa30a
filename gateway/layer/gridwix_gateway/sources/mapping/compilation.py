"""Compiles a source's declared mapping, and maps rows to records. Pure.

>>> from gridwix_gateway.sources.mapping.declaration import MappingDeclaration
>>> declaration = MappingDeclaration.model_validate({
...     "columns": {
...         "buid": {"heading": "BUID", "type": "text", "required": True},
...         "state": {"heading": "State", "type": "code", "codes": {"Live": "active"}},
...     },
...     "records": [
...         {"collection": "partners", "id": "row.buid",
...          "fields": {"name": "row.buid", "status": "row.state", "role": "'supplier'"}},
...     ],
... })
>>> mapping = compile_mapping(declaration)
>>> mapping.map_row({"buid": "GC1", "state": "live"}).records[0].fields
{'name': 'GC1', 'status': 'active', 'role': 'supplier'}
>>> mapping.map_row({"buid": "GC1", "state": "gone"}).faults[0].reason
'it is none of Live'
"""

import difflib
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from gridwix_gateway.documents import Document
from gridwix_gateway.profile.nulls import without_forbidden_nulls
from gridwix_gateway.profile.schemas import MemberFault, MemberValidator
from gridwix_gateway.sources.mapping.columns import (
    Column,
    read_column,
    read_member,
    shown_value,
)
from gridwix_gateway.sources.mapping.declaration import (
    MappingDeclaration,
    RecordDeclaration,
    Template,
)
from gridwix_gateway.sources.mapping.expressions import Expression, ExpressionFault
from gridwix_gateway.sources.mapping.members import (
    GATEWAYS_OWN,
    RULES,
    SCHEMAS,
    CollectionRules,
)
from gridwix_gateway.sources.mapping.records import (
    Cell,
    CellFault,
    MappedRecord,
    MappedRow,
)

MAX_RECORD_CHARACTERS = 100_000
"""Maximum characters of a mapped record, as JSON."""

_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._~:-]{0,99}")
"""Form of a record's id, which becomes a segment of a URL and of an event's subject."""

type Place = tuple[str, ...]
"""Path of a value in a declaration: ``("records", "0", "fields", "name")``."""


@dataclass(frozen=True, slots=True)
class DeclarationFault:
    """A fault in a declaration.

    Attributes:
        place: Path of the value at fault in the declaration.
        said: The fault in words.
        fix: How to correct the declaration.
    """

    place: Place
    said: str
    fix: str


class MappingFault(Exception):
    """A mapping cannot be compiled. ``faults`` has the faults of its declaration, at least one."""

    def __init__(self, faults: Sequence[DeclarationFault]) -> None:
        super().__init__("; ".join(f"{'.'.join(one.place)}: {one.said}" for one in faults))
        self.faults = tuple(faults)


@dataclass(frozen=True, slots=True)
class _Leaf:
    place: Place
    expression: Expression


@dataclass(frozen=True, slots=True)
class _CompiledRecord:
    declaration: RecordDeclaration
    rules: CollectionRules
    whole: Expression
    """All members of the record in one expression, which is several times faster to evaluate than
    one expression per member.
    """
    leaves: tuple[_Leaf, ...]
    validator: MemberValidator


class CompiledMapping:
    """A compiled mapping from a source's rows to records. Each row is mapped on its own.

    Args:
        columns: The typed columns.
        records: The compiled records.
    """

    def __init__(self, columns: Mapping[str, Column], records: Sequence[_CompiledRecord]) -> None:
        self.columns = columns
        self._records = tuple(records)

    @property
    def collections(self) -> frozenset[str]:
        """Names of the collections in which the mapping writes records."""
        return frozenset(one.declaration.collection for one in self._records)

    def read_cells(self, document: Mapping[str, Any]) -> dict[str, Cell]:
        """Return the values of a JSON object by column name, each read at its column's path."""
        return {
            name: read_member(document, column.path)
            for name, column in self.columns.items()
            if column.path is not None
        }

    def map_row(self, cells: Mapping[str, Cell]) -> MappedRow:
        """Map a row to its records, or return all its faults. Never raises for a row's content.

        Args:
            cells: Unparsed values of the row, by column. Absent ones count as empty.

        Returns:
            The records, in the order of the declaration. If there is a fault, the faults and no
            record.
        """
        row: Document = {}
        faults: list[CellFault] = []
        for name, column in self.columns.items():
            value, fault = read_column(name, column, cells.get(name))
            row[name] = value
            if fault is not None:
                faults.append(fault)
        if faults:
            return MappedRow(faults=tuple(faults))
        records: list[MappedRecord] = []
        for compiled in self._records:
            record = _map_record(compiled, row, cells, faults)
            if record is not None:
                records.append(record)
        return MappedRow(faults=tuple(faults)) if faults else MappedRow(tuple(records))


def compile_mapping(
    declaration: MappingDeclaration, rules: Mapping[str, CollectionRules] = RULES
) -> CompiledMapping:
    """Compile a declared mapping, checking every expression, collection, member and column.

    Args:
        declaration: Declaration of the mapping.
        rules: Rules of the collections that the mapping may write.

    Returns:
        The compiled mapping.

    Raises:
        MappingFault: An expression, a collection, a member or a column is unknown or invalid.
    """
    faults: list[DeclarationFault] = []
    compiled = [
        one
        for number, record in enumerate(declaration.records)
        if (one := _compile_record(("records", str(number)), record, rules, faults)) is not None
    ]
    used = {name for one in compiled for leaf in one.leaves for name in leaf.expression.columns}
    faults += [
        DeclarationFault(
            leaf.place,
            f"there is no column {name}",
            f"declare it under columns, or use one of {', '.join(declaration.columns)}",
        )
        for one in compiled
        for leaf in one.leaves
        for name in sorted(leaf.expression.columns - declaration.columns.keys())
    ]
    if not faults:
        faults += [
            DeclarationFault(
                ("columns", name), "no expression uses this column", "use it, or remove it"
            )
            for name, column in declaration.columns.items()
            if name not in used and not column.required
        ]
    if faults:
        raise MappingFault(faults)
    return CompiledMapping(declaration.columns, compiled)


def _compile_record(
    place: Place,
    declaration: RecordDeclaration,
    rules: Mapping[str, CollectionRules],
    faults: list[DeclarationFault],
) -> _CompiledRecord | None:
    before = len(faults)
    faults += _member_faults(place, declaration, rules)
    leaves: list[_Leaf] = []

    def compile_leaf(where: Place, source: str) -> str:
        try:
            leaves.append(_Leaf(where, Expression(source)))
        except ExpressionFault as fault:
            faults.append(DeclarationFault(where, str(fault), "correct the expression"))
        return f"({source})"

    parts = [f'"id": {compile_leaf((*place, "id"), declaration.id)}']
    for name, source in (("when", declaration.when), ("deleted", declaration.deleted)):
        if source is not None:
            parts.append(f'"{name}": {compile_leaf((*place, name), source)}')
    when = f"({declaration.when})" if declaration.when is not None else "true"
    fields = _template_source((*place, "fields"), dict(declaration.fields), compile_leaf)
    if len(faults) > before:
        return None
    # What a row does not give is not evaluated: its columns may be empty.
    whole = f'({when}) == true ? {{{", ".join(parts)}, "fields": {fields}}} : {{"when": {when}}}'
    own = rules[declaration.collection]
    validator = member_validator(declaration.collection, declaration.fields, own)
    return _CompiledRecord(declaration, own, Expression(whole), tuple(leaves), validator)


def member_validator(
    collection: str, members: Iterable[str], rules: CollectionRules
) -> MemberValidator:
    """Return a validator for the record members that a source sets.

    Args:
        collection: Collection of the records, in the community gateway profile.
        members: Names of the members that the source sets.
        rules: The collection's rules.
    """
    # Steps of enrollments get their titles and prerequisites from the program.
    partial = {"steps": ("key",)} if collection == "enrollments" else None
    return MemberValidator(SCHEMAS[collection], members, rules.words, partial)


def _template_source(place: Place, template: Template, compile_leaf: Any) -> str:
    """Return the source of one CEL expression for a template with texts that are expressions."""
    match template:
        case str():
            return str(compile_leaf(place, template))
        case list():
            items = (
                _template_source((*place, str(number)), item, compile_leaf)
                for number, item in enumerate(template)
            )
            return f"[{', '.join(items)}]"
        case dict():
            pairs = (
                f"{json.dumps(name)}: {_template_source((*place, name), item, compile_leaf)}"
                for name, item in template.items()
            )
            return f"{{{', '.join(pairs)}}}"
    return json.dumps(template)


def _member_faults(
    place: Place, declaration: RecordDeclaration, known: Mapping[str, CollectionRules]
) -> Iterator[DeclarationFault]:
    rules = known.get(declaration.collection)
    if rules is None:
        yield DeclarationFault(
            (*place, "collection"),
            f"{declaration.collection} is no collection that a source can write",
            f"write one of {', '.join(known)}",
        )
        return
    for name in declaration.fields:
        if name in GATEWAYS_OWN:
            yield DeclarationFault(
                (*place, "fields", name), "the gateway writes this member itself", "remove it"
            )
        elif name not in rules.members:
            yield DeclarationFault(
                (*place, "fields", name),
                f"{declaration.collection} have no member {name}",
                f"write {_closest_member(name, rules.members - declaration.fields.keys())}",
            )
    needed = rules.required - rules.computed
    if declaration.owner and (lost := sorted(needed - declaration.fields.keys())):
        yield DeclarationFault(
            (*place, "fields"),
            f"every record of {declaration.collection} needs {', '.join(lost)}",
            "add it, or write owner: false if another source creates the records",
        )
    for name in declaration.gather:
        if not isinstance(declaration.fields.get(name), list):
            yield DeclarationFault(
                (*place, "gather", name), "it is no list member of fields", "write a list"
            )


def _closest_member(name: str, members: Iterable[str]) -> str:
    by_lower = {member.lower(): member for member in members}
    close = difflib.get_close_matches(name.lower(), sorted(by_lower), n=1)
    return by_lower[close[0]] if close else f"one of {', '.join(sorted(by_lower.values()))}"


def _map_record(
    compiled: _CompiledRecord,
    row: Mapping[str, Any],
    cells: Mapping[str, Cell],
    faults: list[CellFault],
) -> MappedRecord | None:
    declaration = compiled.declaration

    def refused(member: str, said: str) -> CellFault:
        return _member_fault(compiled, cells, MemberFault((member,), said))

    try:
        value = compiled.whole.evaluate(row)
    except ExpressionFault as fault:
        faults.append(_expression_fault(compiled, row, str(fault)))
        return None
    if "fields" not in value:
        if value["when"] is not False:
            faults.append(refused("when", "it is neither true nor false"))
        return None
    identifier, deleted = value["id"], value.get("deleted", False)
    if not isinstance(deleted, bool):
        faults.append(refused("deleted", "it is neither true nor false"))
        return None
    if not isinstance(identifier, str) or _ID.fullmatch(identifier) is None:
        said = "there is no id" if identifier in (None, "") else f"{identifier!r:.120} is no id"
        faults.append(refused("id", f"{said}: an id has up to 100 letters, digits and . _ ~ : -"))
        return None
    # CEL's maps have no order; the declaration's is kept, so that plans and events are stable.
    fields = {name: _ordered_json(value["fields"][name]) for name in declaration.fields}
    fault_in_content = None if deleted else _content_fault(compiled, fields)
    if fault_in_content is not None:
        faults.append(_member_fault(compiled, cells, fault_in_content, value["fields"]))
        return None
    return MappedRecord(
        declaration.collection,
        identifier,
        fields,
        deleted,
        dict(declaration.gather),
        declaration.owner,
    )


def _content_fault(compiled: _CompiledRecord, fields: Document) -> MemberFault | None:
    declaration = compiled.declaration
    for name in sorted(compiled.rules.required & fields.keys()):
        if fields[name] in (None, ""):
            return MemberFault((name,), "there is no value, and every record needs one")
    for name, key in declaration.gather.items():
        keys = [element.get(key) for element in fields[name]]
        if not all(isinstance(one, str) and _ID.fullmatch(one) for one in keys):
            said = f"an element has no {key} of up to 100 letters, digits and . _ ~ : -"
            return MemberFault((name,), said)
        if len(set(keys)) < len(keys):
            return MemberFault((name,), f"two elements have the same {key}")
    if len(json.dumps(fields, ensure_ascii=False)) > MAX_RECORD_CHARACTERS:
        return MemberFault((), f"it has more than {MAX_RECORD_CHARACTERS:,} characters")
    if compiled.validator.first_error(fields) is None:
        return None
    # A member that is null says that there is no value: where null is forbidden, it is left out.
    given = without_forbidden_nulls(SCHEMAS[declaration.collection], fields)
    return compiled.validator.first_error(given)


def _member_fault(
    compiled: _CompiledRecord, cells: Mapping[str, Cell], fault: MemberFault, given: Any = None
) -> CellFault:
    """Return the fault of an invalid record member as a fault of the column that the value is from.

    If the member's expression uses several columns, the fault shows the member's value instead of a
    cell.
    """
    place, text = _written_place(given, fault.place)
    column, value = "", text
    leaf = _leaf_at(compiled, fault.place) or _leaf_at(compiled, ("fields", *place))
    if leaf is not None and len(leaf.expression.columns) == 1:
        (column,) = leaf.expression.columns
        value = shown_value(cells.get(column))
    where = ".".join((compiled.declaration.collection, *fault.place))
    # The word that a cell's word stands for explains the fault.
    became = f" is {text:.60}" if text and text != value else ""
    return CellFault(column, value, "record", f"{where}{became}: {fault.reason}")


def _written_place(value: Any, place: Place) -> tuple[Place, str]:
    """Convert a path in a mapped record to the path in the declared fields; return the text there.

    Only list indexes differ: the declared lists, and those of ``value``, have null elements, which
    the record leaves out. ``value`` has the evaluated fields, with these null elements. Returns the
    path, and the text of ``value`` at that path; "" if there is no text.
    """
    written: list[str] = []
    for part in place:
        number = part
        match value:
            case dict():
                value = value.get(part)
            case list():
                kept = [place for place, element in enumerate(value) if element is not None]
                number, value = str(kept[int(part)]), value[kept[int(part)]]
        written.append(number)
    return tuple(written), shown_value(value) if isinstance(value, str) else ""


def _leaf_at(compiled: _CompiledRecord, place: Place) -> _Leaf | None:
    """Return the expression that computes the value at a path in a record.

    The expression may be declared at this path or above it. None if there is no such expression.
    """
    for leaf in compiled.leaves:
        own = leaf.place[2:]
        if own == place[: len(own)]:
            return leaf
    return None


def _expression_fault(compiled: _CompiledRecord, row: Mapping[str, Any], said: str) -> CellFault:
    """Return the fault of a record with expressions that cannot be evaluated for a row.

    All expressions of a record are evaluated as one. Here each is tried alone, and the first that
    fails is named. If none fails alone, the fault has the reason ``said``.
    """
    for leaf in compiled.leaves:
        try:
            leaf.expression.evaluate(row)
        except ExpressionFault as fault:
            columns = sorted(leaf.expression.columns)
            return CellFault(
                columns[0] if len(columns) == 1 else "",
                "",
                "expression",
                f"{'.'.join(leaf.place)}: {fault}",
            )
    return CellFault("", "", "expression", f"{compiled.declaration.collection}: {said}")


def _ordered_json(value: Any) -> Any:
    """Return a JSON value with sorted member names, and without null elements in lists."""
    if isinstance(value, list):
        return [_ordered_json(item) for item in value if item is not None]
    if isinstance(value, dict):
        return {name: _ordered_json(value[name]) for name in sorted(value)}
    return value
