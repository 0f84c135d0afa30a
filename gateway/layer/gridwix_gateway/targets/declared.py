"""Reads the declarations of targets, external systems that the gateway delivers to.

``make config`` has compiled them into one file.
"""

import json
from collections.abc import Mapping
from pathlib import Path

from gridwix_gateway.targets.declarations import TARGET, AnyTarget

FILE = Path(__file__).with_name("declarations.json")
"""JSON file in the package with the declared targets by name. ``make config`` writes it."""


def read_targets(file: Path = FILE) -> Mapping[str, AnyTarget]:
    """Return the declarations of all external systems to deliver to (targets), by target name.

    A declaration says where and how items from partners are sent. The mapping is empty if no target
    is declared.
    """
    if not file.is_file():
        return {}
    documents = json.loads(file.read_text(encoding="utf-8"))
    return {name: TARGET.validate_python(document) for name, document in documents.items()}
