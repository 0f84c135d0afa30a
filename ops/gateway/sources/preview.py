"""Preview of how a file is read and mapped to records, without a stack and without writing
anything.
"""

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
    """Result of reading and mapping the file of a source.

    Attributes:
        fault: The reason why the file as a whole changes nothing; "" if it would be applied.
        changes: The first changes, in the plan's order.
        refused: The refused rows.
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
    """Return the declaration of a file source from ``config/``.

    Args:
        name: Its name, that of its file in ``config/gateway/sources/``.
        folder: The folder ``config/``.
        as_deployed: Order the columns as the compiled declarations do. A gateway compares rows in
            that order; in another one, all rows of its last snapshot would differ.

    Returns:
        The declaration.

    Raises:
        OpsError: There is none, or it is invalid: the message has a line per fault.
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
    """Return the mapping of a source of documents; None if the source is of another kind.

    Args:
        name: Its name, that of its file in ``config/gateway/sources/``.
        folder: The folder ``config/``.

    Raises:
        OpsError: There is none, or it is invalid: the message has a line per fault.
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
    """Return the records that a file would make as the first drop of a source.

    Args:
        path: The file.
        declaration: The source.
        shown: Number of changes to return.

    Returns:
        The preview. Every record that a row refers to counts as known.

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
    """Return the preview of a plan: its first changes, with notes on words that may be misspelled.

    Args:
        plan: The plan.
        shown: Number of changes to return.

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
    """Return notes on the most frequent words of some changes that neither the profile nor the
    labels have.

    Args:
        changes: The changes.
        known: The known words, by member, of members with an open list of words.
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
    """Return the settings of ``config/``, for their labels; None if they are invalid, which
    ``config check`` reports.
    """
    try:
        return load_configuration()
    except ConfigurationFault:
        return None


def changed_members(change: RecordChange) -> Mapping[str, Any]:
    """Return the members of a record that a change sets, with their new values.

    >>> changed_members(RecordChange("partners", "p", {"a": 1, "b": 2}, {"a": 1, "b": 3}))
    {'b': 3}
    """
    old, new = change.old or {}, change.new or {}
    return {name: value for name, value in new.items() if name not in old or old[name] != value}


def change_verb(change: RecordChange) -> Literal["add", "change", "delete"]:
    """Return the effect of a change on its record.

    >>> change_verb(RecordChange("partners", "p", None, {"a": 1}))
    'add'
    """
    if change.old is None:
        return "add"
    return "delete" if change.new is None else "change"


def _known(_: str, identifiers: Collection[str]) -> Collection[str]:
    return identifiers
