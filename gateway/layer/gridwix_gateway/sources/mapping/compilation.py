"""Compiles a declared mapping, and maps rows. Pure.

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
from gridwix_gateway.profile.schemas import MemberValidator
from gridwix_gateway.sources.mapping.columns import Column, read_column, read_member
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
    STEP_STATUSES,
    CollectionRules,
)
from gridwix_gateway.sources.mapping.records import (
    Cell,
    CellFault,
    MappedRecord,
    MappedRow,
)

MAX_RECORD_CHARACTERS = 100_000
"""Maximum size of the mapped members of a record, as JSON."""

_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._~:-]{0,99}")
"""An id becomes a segment of a URL and of an event's subject."""

type Place = tuple[str, ...]
"""Members that lead to a value of the declaration: ``("records", "0", "fields", "name")``."""


@dataclass(frozen=True, slots=True)
class DeclarationFault:
    """A fault of a declaration, with its place and its fix."""

    place: Place
    said: str
    fix: str


class MappingFault(Exception):
    """A mapping cannot be compiled. ``faults`` has at least one fault."""

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
    """The whole record in one expression: one evaluation per row is several times faster than one
    per member.
    """
    leaves: tuple[_Leaf, ...]
    validator: MemberValidator


class CompiledMapping:
    """A mapping that is ready to map rows. Rows are independent of each other.

    Args:
        columns: The typed columns.
        records: The compiled records.
    """

    def __init__(self, columns: Mapping[str, Column], records: Sequence[_CompiledRecord]) -> None:
        self.columns = columns
        self._records = tuple(records)

    @property
    def collections(self) -> frozenset[str]:
        """The collections that the source writes."""
        return frozenset(one.declaration.collection for one in self._records)

    def read_cells(self, document: Mapping[str, Any]) -> dict[str, Cell]:
        """Return the cells of a JSON object, by column."""
        return {
            name: read_member(document, column.path)
            for name, column in self.columns.items()
            if column.path is not None
        }

    def map_row(self, cells: Mapping[str, Cell]) -> MappedRow:
        """Return the records of a row, or all its faults. Never raises for a row's content.

        Args:
            cells: The row's values as they were read, by column. Absent ones are empty.

        Returns:
            The records, in the order of the declaration; none if there is a fault.
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
            record = _map_record(compiled, row, faults)
            if record is not None:
                records.append(record)
        return MappedRow(faults=tuple(faults)) if faults else MappedRow(tuple(records))


def compile_mapping(
    declaration: MappingDeclaration, rules: Mapping[str, CollectionRules] = RULES
) -> CompiledMapping:
    """Return the compiled mapping.

    Args:
        declaration: The mapping.
        rules: The collections that it may write.

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
    # Steps of enrollments get their titles and prerequisites from the program.
    completed = {"steps"} if declaration.collection == "enrollments" else set[str]()
    validator = MemberValidator(
        SCHEMAS[declaration.collection], declaration.fields.keys() - completed
    )
    return _CompiledRecord(
        declaration, rules[declaration.collection], Expression(whole), tuple(leaves), validator
    )


def _template_source(place: Place, template: Template, compile_leaf: Any) -> str:
    """Return a template as the source of one expression."""
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
    compiled: _CompiledRecord, row: Mapping[str, Any], faults: list[CellFault]
) -> MappedRecord | None:
    declaration = compiled.declaration
    try:
        value = compiled.whole.evaluate(row)
    except ExpressionFault as fault:
        faults.append(_expression_fault(compiled, row, str(fault)))
        return None
    if "fields" not in value:
        if value["when"] is not False:
            faults.append(_record_fault(declaration, "when", "it is neither true nor false"))
        return None
    identifier, deleted = value["id"], value.get("deleted", False)
    if not isinstance(deleted, bool):
        faults.append(_record_fault(declaration, "deleted", "it is neither true nor false"))
        return None
    if not isinstance(identifier, str) or _ID.fullmatch(identifier) is None:
        said = "there is no id" if identifier in (None, "") else f"{identifier!r:.120} is no id"
        faults.append(
            _record_fault(
                declaration, "id", f"{said}: an id has up to 100 letters, digits and . _ ~ : -"
            )
        )
        return None
    # CEL's maps have no order; the declaration's is kept, so that plans and events are stable.
    fields = {name: _ordered_json(value["fields"][name]) for name in declaration.fields}
    fault_in_content = None if deleted else _content_fault(compiled, fields)
    if fault_in_content is not None:
        faults.append(_record_fault(declaration, *fault_in_content))
        return None
    return MappedRecord(
        declaration.collection,
        identifier,
        fields,
        deleted,
        dict(declaration.gather),
        declaration.owner,
    )


def _content_fault(compiled: _CompiledRecord, fields: Document) -> tuple[str, str] | None:
    declaration = compiled.declaration
    rules = compiled.rules
    for name in sorted(rules.required & fields.keys()):
        if fields[name] in (None, ""):
            return name, "there is no value, and every record needs one"
    status = fields.get("status")
    if "status" in fields and status not in rules.statuses:
        return "status", f"{status!s:.60} is no status of {declaration.collection}"
    for step in fields.get("steps", ()) if declaration.collection == "enrollments" else ():
        if step.get("status", "locked") not in STEP_STATUSES:
            return "steps", f"{step['status']!s:.60} is no status of a step"
    for name, key in declaration.gather.items():
        keys = [element.get(key) for element in fields[name]]
        if not all(isinstance(one, str) and _ID.fullmatch(one) for one in keys):
            return name, f"an element has no {key} of up to 100 letters, digits and . _ ~ : -"
        if len(set(keys)) < len(keys):
            return name, f"two elements have the same {key}"
    if len(json.dumps(fields, ensure_ascii=False)) > MAX_RECORD_CHARACTERS:
        return "", f"it has more than {MAX_RECORD_CHARACTERS:,} characters"
    # A member that is null says that there is no value, which a new record leaves out.
    given = {name: value for name, value in fields.items() if value is not None}
    return compiled.validator.first_error(given)


def _expression_fault(compiled: _CompiledRecord, row: Mapping[str, Any], said: str) -> CellFault:
    """Return the fault with the first expression that fails alone."""
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


def _record_fault(declaration: RecordDeclaration, member: str, said: str) -> CellFault:
    where = f"{declaration.collection}.{member}" if member else declaration.collection
    return CellFault("", "", "record", f"{where}: {said}")


def _ordered_json(value: Any) -> Any:
    """Return a value with members in alphabetical order, and lists without null."""
    if isinstance(value, list):
        return [_ordered_json(item) for item in value if item is not None]
    if isinstance(value, dict):
        return {name: _ordered_json(value[name]) for name in sorted(value)}
    return value
