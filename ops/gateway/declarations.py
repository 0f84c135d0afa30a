"""Checks ``config/gateway/`` and compiles it into the gateway's layer.

``config/gateway/sources/NAME.yaml`` declares a source, ``config/gateway/targets/NAME.yaml`` a
target. Each fault is reported with file, line and fix. Declarations in a folder ``examples/`` below
these folders are checked, but not compiled.
"""

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from gridwix_gateway.sources.directory.declaration import DirectoryDeclaration
from gridwix_gateway.sources.documents.declaration import DocumentsDeclaration
from gridwix_gateway.sources.documents.mapping import document_faults
from gridwix_gateway.sources.files.declaration import FilesDeclaration
from gridwix_gateway.sources.mapping import (
    DeclarationFault,
    MappingDeclaration,
    MappingFault,
    compile_mapping,
)
from gridwix_gateway.sources.mapping.compilation import Place
from gridwix_gateway.sources.rest.checks import declaration_faults
from gridwix_gateway.sources.rest.declaration import RestDeclaration
from gridwix_gateway.targets.declarations import (
    AnyTarget,
    FilesTarget,
    MailTarget,
    RestTarget,
    template_faults,
)
from ops.checks.remark import suggestion
from ops.gateway.words import OpenWords, unknown_word_text, unknown_words, word_faults
from ops.paths import GATEWAY, ROOT
from ops.report_lines import FIXES, locate_member, report_line, spelling_hint
from ops.yaml_files import YamlFile, read_yaml

EXAMPLES = "examples"
"""Folder of example declarations that are checked, and that no gateway runs."""

NAME = re.compile(r"[a-z][a-z0-9-]{0,39}")
"""Pattern of a declaration's name, which becomes a part of table keys and bucket names."""

_QUOTED = re.compile(r"'([^']*)'")

type Check = Callable[[Any], Iterator[DeclarationFault]]
"""Finds what the model of a declaration cannot know."""


def mapping_faults(declaration: MappingDeclaration) -> Iterator[DeclarationFault]:
    """Yield the faults of a source's mapping, which turns columns into fields of records.

    Faults are in its expressions, columns, collections or fields.
    """
    try:
        compile_mapping(declaration)
    except MappingFault as fault:
        yield from fault.faults


def source_faults(check: Check) -> Check:
    """Return a check of a source's declaration: ``check``, then a search for forbidden values.

    Forbidden are constants and codes in the mapping that the gateway's OpenAPI contract does not
    permit, such as an unknown status. They are searched only if ``check`` finds no fault.
    """

    def find(declaration: Any) -> Iterator[DeclarationFault]:
        faults = list(check(declaration))
        yield from faults or word_faults(declaration)

    return find


def target_faults(target: AnyTarget) -> Iterator[DeclarationFault]:
    """Yield the faults of the expressions in a target's declaration."""
    for fault in template_faults(target):
        yield DeclarationFault(fault.path, str(fault), fault.fix)


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of source or target that a declaration can have, such as files or REST.

    Attributes:
        model: The pydantic model of the declarations of this kind.
        check: Finds the faults of a declaration that the model cannot find.
    """

    model: type[BaseModel]
    check: Check


SOURCES: Mapping[str, Kind] = {
    "directory": Kind(DirectoryDeclaration, lambda _: iter(())),
    "documents": Kind(DocumentsDeclaration, document_faults),
    "files": Kind(FilesDeclaration, source_faults(mapping_faults)),
    "rest": Kind(RestDeclaration, source_faults(declaration_faults)),
}
"""Kinds of sources, by the member ``source`` of a declaration."""

TARGETS: Mapping[str, Kind] = {
    "files": Kind(FilesTarget, target_faults),
    "mail": Kind(MailTarget, target_faults),
    "rest": Kind(RestTarget, target_faults),
}
"""Kinds of targets, by the member ``target`` of a declaration."""


@dataclass(frozen=True, slots=True)
class Folder:
    """A folder of declarations (YAML files): that of the gateway's sources, or that of its targets.

    Records come from sources; targets are external systems that the gateway delivers to.

    Attributes:
        name: Name of the folder below ``config/gateway/``.
        member: The field in which a declaration states its kind, such as ``source``.
        kinds: The kinds of sources or targets, by the value of that field.
        output: The file into which the declarations are compiled.
    """

    name: str
    member: str
    kinds: Mapping[str, Kind]
    output: Path


FOLDERS: Sequence[Folder] = (
    Folder(
        "sources",
        "source",
        SOURCES,
        ROOT / "gateway/layer/gridwix_gateway/sources/declarations.json",
    ),
    Folder(
        "targets",
        "target",
        TARGETS,
        ROOT / "gateway/layer/gridwix_gateway/targets/declarations.json",
    ),
)


def compile_declarations(folder: Path) -> tuple[Mapping[Path, str], Sequence[str]]:
    """Check all declarations of sources and targets, and compile them. Writes nothing.

    Args:
        folder: The folder ``config/``.

    Returns:
        The texts of the compiled files by path, and a report line for each fault.
    """
    faults: list[str] = []
    places = {folder / GATEWAY / one.name: one for one in FOLDERS}
    values: dict[str, dict[str, Any]] = {one.name: {} for one in FOLDERS}
    for path in sorted((folder / GATEWAY).rglob("*")):
        if path.name.startswith(".") or not path.is_file():
            continue
        is_example = path.parent.name == EXAMPLES
        found = places.get(path.parent.parent if is_example else path.parent)
        if found is None:
            known = " or ".join(f"config/{GATEWAY}/{one.name}/" for one in FOLDERS)
            faults.append(report_line(path, None, "it is not read here", f"put it into {known}"))
            continue
        file, lines = check_declaration(path, found)
        faults += lines
        if not is_example:
            values[found.name][path.stem] = file.value
    compiled = {
        one.output: json.dumps(values[one.name], indent=1, sort_keys=True, ensure_ascii=False)
        + "\n"
        for one in FOLDERS
    }
    return compiled, faults


def declaration_warnings(folder: Path, known: OpenWords) -> Iterator[str]:
    """Yield a report line for each value in a source's declaration that may be misspelled.

    These are coded values, such as a role, that neither the gateway's OpenAPI contract nor
    ``config/labels.yaml`` has. A value may be right all the same, since the company that runs the
    network (hub) can add its own.

    Args:
        folder: The folder ``config/``. Its declarations have no faults.
        known: The known values of each field of a record that permits other values, too.
    """
    sources = FOLDERS[0]
    for path in sorted((folder / GATEWAY / sources.name).rglob("*.yaml")):
        file = read_yaml(path.read_bytes())
        declaration = sources.kinds[file.value[sources.member]].model.model_validate(file.value)
        for place, said in _source_warnings(declaration, known):
            line, _ = locate_member(file.node, place)
            yield report_line(
                path, line, ".".join(place), said, "correct it, or keep your own word"
            )


def _source_warnings(declaration: BaseModel, known: OpenWords) -> Iterator[tuple[Place, str]]:
    if isinstance(declaration, MappingDeclaration):
        yield from unknown_words(declaration, known)
    elif isinstance(declaration, DirectoryDeclaration):
        role = declaration.new_partner.role
        if role not in known["partners", "role"]:
            place = ("new_partner", "role")
            yield place, unknown_word_text(known, "partners", "role", role)


def check_declaration(path: Path, folder: Folder) -> tuple[YamlFile, Sequence[str]]:
    """Check one declaration of a source or target.

    Args:
        path: The file.
        folder: The kind of folder that the file is in.

    Returns:
        The file's content, and a report line for each fault.
    """
    try:
        file = read_yaml(path.read_bytes())
    except OSError as error:
        said = f"it cannot be read ({type(error).__name__})"
        return YamlFile(None, None), [report_line(path, None, said, "check its permissions")]
    if path.suffix != ".yaml" or not NAME.fullmatch(path.stem):
        said = "a declaration's file is named with small letters, digits and -, and ends in .yaml"
        return file, [report_line(path, None, said, "rename it")]
    if file.faults:
        return file, [report_line(path, one.line, one.said, one.fix) for one in file.faults]
    return file, list(_declaration_faults(path, file, folder))


def _declaration_faults(path: Path, file: YamlFile, folder: Folder) -> Iterator[str]:
    kind_name = file.value.get(folder.member) if isinstance(file.value, dict) else None
    kind = folder.kinds.get(kind_name) if isinstance(kind_name, str) else None
    if kind is None:
        line, _ = locate_member(file.node, [folder.member])
        known = ", ".join(folder.kinds)
        hint = suggestion(str(kind_name)[:60], folder.kinds)
        yield report_line(path, line, f"{folder.member} is none of {known}", f"write one{hint}")
        return
    try:
        declaration = kind.model.model_validate_json(json.dumps(file.value))
    except ValidationError as error:
        for fault in error.errors():
            yield _model_fault_line(path, file.node, fault, kind.model.model_fields)
        return
    for one in kind.check(declaration):
        line, _ = locate_member(file.node, one.place)
        yield report_line(path, line, ".".join(one.place), one.said, one.fix)


def _model_fault_line(
    path: Path, node: yaml.Node | None, fault: ErrorDetails, members: Iterable[str]
) -> str:
    place = written_place(node, [str(part) for part in fault["loc"] if part != "[key]"])
    line, siblings = locate_member(node, place)
    # pydantic puts these words before the message of our own check.
    message = fault["msg"].removeprefix("Value error, ")
    said = f"{message[:1].lower()}{message[1:]}"
    fix = f"{FIXES.get(fault['type'], 'correct it')}{spelling_hint(fault, place, siblings)}"
    if fault["type"] in ("literal_error", "enum", "union_tag_invalid"):
        context = fault.get("ctx", {})
        known = str(context.get("expected") or context.get("expected_tags", ""))
        fix = f"write one of these{suggestion(_given(fault), _QUOTED.findall(known))}"
    if fault["type"] == "extra_forbidden" and len(place) == 1:
        fix += suggestion(place[0], members)
    return report_line(path, line, ".".join(place) or path.stem, said, fix)


def _given(fault: ErrorDetails) -> str:
    context = fault.get("ctx", {})
    return str(context.get("tag", fault["input"]))[:100]


def written_place(node: yaml.Node | None, parts: Sequence[str]) -> Sequence[str]:
    """Return the path to a fault of a declaration, as it is written in the file.

    pydantic's path also names the chosen alternative of a union: ``text`` in
    ``columns.gln.text.max_length``.

    Args:
        node: The content of the file.
        parts: The members, as pydantic names them.

    Returns:
        The members without the names of alternatives.
    """
    place: list[str] = []
    for number, part in enumerate(parts):
        is_last = number == len(parts) - 1
        match node:
            case yaml.MappingNode(value=pairs):
                found = next((value for key, value in pairs if str(key.value) == part), None)
                if found is None and not is_last:
                    continue
                place.append(part)
                node = found
            case yaml.SequenceNode(value=items) if part.isdecimal() and int(part) < len(items):
                place.append(part)
                node = items[int(part)]
            case _:
                break
    return place
