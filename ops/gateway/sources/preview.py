"""Previews how the file of a source is mapped to records. Needs no stack, and writes nothing."""

import json
import tempfile
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any, Literal

from gridwix.configuration.everything import Configuration
from gridwix_gateway.sources.changes import RecordChange
from gridwix_gateway.sources.documents.declaration import DocumentsDeclaration
from gridwix_gateway.sources.documents.mapping import DocumentMapping, compile_document_mapping
from gridwix_gateway.sources.files.declaration import FilesDeclaration
from gridwix_gateway.sources.files.faults import FileFault, RefusedRow
from gridwix_gateway.sources.files.planning import Counts, GuardFault, Plan, make_plan
from ops.configuration import FOLDER, ConfigurationFault, load_configuration
from ops.errors import OpsError
from ops.gateway.declarations import FOLDERS, check_declaration
from ops.gateway.words import OpenWords, known_words, unknown_word_text
from ops.paths import GATEWAY, display_path

SCANNED_CHANGES = 10_000
"""Maximum number of changes in which unknown words are searched."""

SHOWN_WORDS = 10
MAX_WORD = 60


@dataclass(frozen=True, slots=True)
class Preview:
    """Result of reading the file of a gateway source and mapping its rows to records.

    Attributes:
        fault: The reason why the file as a whole changes nothing; "" if it would be applied.
        changes: The first changes to records, in the order in which they would be applied.
        refused: The refused rows, with the reasons.
        counts: Numbers of rows and records.
        notes: Remarks for people.
    """

    fault: str
    changes: Sequence[RecordChange]
    refused: Sequence[RefusedRow]
    counts: Counts
    notes: Sequence[str] = ()


def load_declaration(
    name: str, folder: Path = FOLDER, *, as_deployed: bool = False
) -> FilesDeclaration:
    """Return the declaration of a file source from ``config/gateway/sources/``.

    Args:
        name: Name of the source: its file's name without the suffix ``.yaml``.
        folder: The folder ``config/``.
        as_deployed: Sort the columns as in the compiled declarations that a gateway uses. With
            another order, every row would differ from the gateway's last snapshot.

    Returns:
        The declaration.

    Raises:
        OpsError: There is no such source, or its declaration is invalid: the message has a line per
            fault.
    """
    value = _read_source(name, folder)
    if value["source"] != "files":
        raise OpsError(
            f"{name} is a source of the kind {value['source']}, which takes no files",
            "name another with --source",
        )
    if as_deployed:
        value = json.loads(json.dumps(value, sort_keys=True))
    return FilesDeclaration.model_validate(value)


def find_document_mapping(name: str, folder: Path = FOLDER) -> DocumentMapping | None:
    """Return the mapping of a document source, which maps paths of files to documents.

    Returns None for a source of any other kind.

    Args:
        name: Name of the source: the name of its file in ``config/gateway/sources/`` without
            ``.yaml``.
        folder: The folder ``config/``.

    Raises:
        OpsError: There is no such source, or its declaration is invalid: the message has a line per
            fault.
    """
    value = _read_source(name, folder)
    if value["source"] != "documents":
        return None
    return compile_document_mapping(name, DocumentsDeclaration.model_validate(value))


def _read_source(name: str, folder: Path) -> Any:
    sources = folder / GATEWAY / FOLDERS[0].name
    path = sources / f"{name}.yaml"
    if not path.is_file():
        known = ", ".join(sorted(one.stem for one in sources.glob("*.yaml")))
        raise OpsError(f"there is no source {name}", f"choose one of {known}")
    file, faults = check_declaration(path, FOLDERS[0])
    if faults:
        raise OpsError("\n".join(faults), f"correct {display_path(path)}")
    return file.value


def preview_file(path: Path, declaration: FilesDeclaration, shown: int) -> Preview:
    """Return a preview of the records that a file would create as the first file of its source.

    Args:
        path: The file.
        declaration: Declaration of the source.
        shown: Maximum number of changes in the preview.

    Returns:
        The preview. References to other records are not checked: every record counts as known.

    Raises:
        OpsError: There is no such file.
    """
    if not path.is_file():
        raise OpsError(f"there is no file {path}", "correct the path")
    with tempfile.TemporaryDirectory() as name:
        try:
            plan = make_plan(declaration, path, None, _known, Path(name))
        except GuardFault as fault:
            return Preview(str(fault), (), fault.refused, Counts(refused=len(fault.refused)))
        except FileFault as fault:
            return Preview(str(fault), (), (), Counts())
        return shown_plan(plan, shown)


def shown_plan(plan: Plan, shown: int) -> Preview:
    """Return the preview of a plan, which lists the changes that a file makes to records.

    The preview has the first changes, and notes on values that may be misspelled.

    Args:
        plan: Plan that was made from a file and the declaration of its source.
        shown: Maximum number of changes in the preview.

    Returns:
        The preview.
    """
    with plan.changes.open(encoding="utf-8") as lines:
        read = [
            RecordChange.from_document(json.loads(line))
            for line in islice(lines, max(shown, SCANNED_CHANGES))
        ]
    notes = [*plan.notes, *unknown_word_notes(read, known_words(_configuration()))]
    return Preview("", read[:shown], plan.refused, plan.counts, notes)


def unknown_word_notes(changes: Iterable[RecordChange], known: OpenWords) -> Sequence[str]:
    """Return notes on values of changed records that may be misspelled, the most frequent first.

    Such a value is neither in the gateway's OpenAPI contract nor in ``config/labels.yaml``.

    Args:
        changes: Changes of records.
        known: Known values, by collection and field, of the fields of records that permit other
            values, too.
    """
    counts: Counter[tuple[str, str, str]] = Counter()
    for change in changes:
        for (collection, member), words in known.items():
            if change.collection == collection and change.new is not None:
                found = set(_texts_at(change.new, member.split("."))) - words
                counts.update((collection, member, word) for word in found)
    return [
        f"{unknown_word_text(known, *place)} ({count:,} {'record' if count == 1 else 'records'})"
        for place, count in counts.most_common(SHOWN_WORDS)
    ]


def _texts_at(value: Any, place: Sequence[str]) -> Iterator[str]:
    match value:
        case list():
            for element in value:
                yield from _texts_at(element, place)
        case dict() if place:
            yield from _texts_at(value.get(place[0]), place[1:])
        case str() if not place:
            yield value[:MAX_WORD]


def _configuration() -> Configuration | None:
    """Return the settings of ``config/``, which have the labels; None if they are invalid.

    ``gridwix config check`` reports invalid settings.
    """
    try:
        return load_configuration()
    except ConfigurationFault:
        return None


def changed_members(change: RecordChange) -> Mapping[str, Any]:
    """Return the fields of a record that a change adds or changes, with their new values.

    >>> changed_members(RecordChange("partners", "p", {"a": 1, "b": 2}, {"a": 1, "b": 3}))
    {'b': 3}
    """
    old, new = change.old or {}, change.new or {}
    return {name: value for name, value in new.items() if name not in old or old[name] != value}


def change_verb(change: RecordChange) -> Literal["add", "change", "delete"]:
    """Return the effect of a change on its record as a verb: ``add``, ``change`` or ``delete``.

    >>> change_verb(RecordChange("partners", "p", None, {"a": 1}))
    'add'
    """
    if change.old is None:
        return "add"
    return "delete" if change.new is None else "change"


def _known(_: str, identifiers: Collection[str]) -> Collection[str]:
    return identifiers
