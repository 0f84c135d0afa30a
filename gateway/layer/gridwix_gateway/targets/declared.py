"""Reads the declared targets from the file that ``make config`` has compiled."""

import json
from collections.abc import Mapping
from pathlib import Path

from gridwix_gateway.targets.declarations import TARGET, AnyTarget

FILE = Path(__file__).with_name("declarations.json")
"""JSON file in the package with the declared targets by name. ``make config`` writes it."""


def read_targets(file: Path = FILE) -> Mapping[str, AnyTarget]:
    """Return the declarations of all targets by name; an empty mapping if no target is declared."""
    if not file.is_file():
        return {}
    documents = json.loads(file.read_text(encoding="utf-8"))
    return {name: TARGET.validate_python(document) for name, document in documents.items()}
