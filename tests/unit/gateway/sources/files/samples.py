"""The declaration that the tests of files share, and what a file makes of it."""

import json
import tempfile
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gridwix_gateway.sources.changes import RecordChange
from gridwix_gateway.sources.files.declaration import FilesDeclaration
from gridwix_gateway.sources.files.faults import RefusedRow
from gridwix_gateway.sources.files.planning import FormerSnapshot, make_plan, mapping_digest

CSV: Mapping[str, Any] = {"type": "csv", "delimiter": ";"}
EXCEL: Mapping[str, Any] = {"type": "excel"}

TABLE: Mapping[str, Any] = {
    "source": "files",
    "kind": "snapshot",
    "key": ["buid"],
    "end": ["Total"],
    "guards": {"refused": 1.0, "missing": 1.0},
    "columns": {
        "buid": {"heading": "BUID", "type": "text", "required": True},
        "name": {"heading": "Name", "type": "text"},
        "gln": {"heading": "GLN", "type": "gln"},
        "duns": {"heading": "DUNS", "type": "duns"},
        "live": {"heading": "Go live", "type": "date", "format": "%d/%m/%Y"},
        "revenue": {"heading": "Revenue", "type": "decimal", "decimal": ",", "grouping": "."},
    },
    "records": [
        {
            "collection": "partners",
            "id": "row.buid",
            "fields": {
                "name": "row.name",
                "role": "'supplier'",
                "status": "'active'",
                "identifiers": [
                    "row.gln == null ? null : {'scheme': 'gln', 'value': row.gln}",
                    "row.duns == null ? null : {'scheme': 'duns', 'value': row.duns}",
                ],
                "legalName": "row.live",
                "mailbox": "row.revenue",
            },
        }
    ],
}


def declare(format_: Mapping[str, Any] = CSV, **changes: Any) -> FilesDeclaration:
    """The shared declaration with another format or other members."""
    return FilesDeclaration.model_validate({**TABLE, "format": format_, **changes})


@dataclass(frozen=True)
class Former:
    """A stored snapshot."""

    base: bytes
    delta: bytes | None
    mapping: str


@dataclass(frozen=True)
class Outcome:
    """What a file became: the partners' values, and the refused rows."""

    values: Mapping[str, tuple[Any, ...]]
    refused: tuple[RefusedRow, ...]
    changes: tuple[RecordChange, ...]
    former: "Former | None"
    """The snapshot after the file; None if no row differs."""
    older: tuple[RefusedRow, ...] = ()

    @property
    def faults(self) -> list[tuple[int, str, str]]:
        return [(row.line, row.column, row.code) for row in self.refused]


def everything(_: str, identifiers: Collection[str]) -> Collection[str]:
    """Every record exists."""
    return identifiers


def plan(
    content: bytes,
    declaration: FilesDeclaration,
    former: Former | None = None,
    known: Any = everything,
    **options: Any,
) -> Outcome:
    """Plan a file with this content. Raises FileFault."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        drop = folder / "drop"
        drop.write_bytes(content)
        snapshot = None
        if former is not None:
            base, delta = folder / "base.parquet", folder / "delta.parquet"
            base.write_bytes(former.base)
            if former.delta is not None:
                delta.write_bytes(former.delta)
            snapshot = FormerSnapshot(base, delta if former.delta else None, former.mapping)
        (folder / "work").mkdir()
        found = make_plan(declaration, drop, snapshot, known, folder / "work", **options)
        changes = tuple(
            RecordChange.from_document(json.loads(line))
            for line in found.changes.read_text("utf-8").splitlines()
        )
        stored: Former | None = None
        if found.base is not None:
            stored = Former(found.base.read_bytes(), None, mapping_digest(declaration))
        elif found.delta is not None:
            assert former is not None
            delta_bytes = found.delta.read_bytes()
            stored = Former(former.base, delta_bytes, mapping_digest(declaration))
    values = {
        change.id: (
            change.new["name"],
            *_identifiers(change.new),
            change.new["legalName"],
            change.new["mailbox"],
        )
        for change in changes
        if change.new is not None and change.collection == "partners" and "mailbox" in change.new
    }
    return Outcome(values, tuple(found.refused), changes, stored, tuple(found.older))


def _identifiers(fields: Mapping[str, Any]) -> tuple[str | None, str | None]:
    by_scheme = {one["scheme"]: one["value"] for one in fields["identifiers"]}
    return by_scheme.get("gln"), by_scheme.get("duns")
