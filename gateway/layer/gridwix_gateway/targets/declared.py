"""The active targets, as ``make config`` has compiled them from ``config/gateway/targets/``."""

import json
from collections.abc import Mapping
from pathlib import Path

from gridwix_gateway.targets.declarations import TARGET, AnyTarget

FILE = Path(__file__).with_name("declarations.json")
"""File of the package with the declared targets by name, which ``make config`` writes."""


def read_targets(file: Path = FILE) -> Mapping[str, AnyTarget]:
    """Return the active targets by name; none if the package was made without any."""
    if not file.is_file():
        return {}
    documents = json.loads(file.read_text(encoding="utf-8"))
    return {name: TARGET.validate_python(document) for name, document in documents.items()}
