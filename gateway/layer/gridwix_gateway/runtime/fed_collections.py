"""Finds the collections that the gateway fills from other systems (sources) on a schedule.

Sources are declared in the configuration, of which the Lambda layer has a copy.
"""

import json
from collections.abc import Mapping
from functools import cache
from importlib import resources

from gridwix_gateway.documents import Document

DECLARATIONS = "sources/declarations.json"
"""JSON file in the layer with the declared sources by name. ``make config`` writes it."""

PARTNERS = "partners"

DROPPED = frozenset({"files", "documents"})
"""Kinds of sources that read dropped files, so they may have read nothing yet."""


def fed_collections(declarations: Mapping[str, Document]) -> frozenset[str]:
    """Return the collections that a declared source fills on a schedule. Pure.

    A source is a system of the hub from which the gateway reads records. Sources that read files
    from a bucket do not count: before the first file there are no records, and afterwards the
    caller finds the collection by its records.

    >>> sorted(fed_collections({"a": {"source": "rest", "records": [{"collection": "cases"}]}}))
    ['cases']
    >>> sorted(fed_collections({"b": {"source": "files", "records": [{"collection": "cases"}]}}))
    []

    Args:
        declarations: The declarations of sources, by the source's name.
    """
    found: set[str] = set()
    for declaration in declarations.values():
        if declaration["source"] == "directory":
            found.add(PARTNERS)
        elif declaration["source"] not in DROPPED:
            # A source that only adds members to another source's records begins none.
            records = (one for one in declaration["records"] if one.get("owner", True))
            found.update(record["collection"] for record in records)
    return frozenset(found)


@cache
def read_fed_collections() -> frozenset[str]:
    """Return the collections that this release's sources fill on a schedule. Cached."""
    file = resources.files("gridwix_gateway") / DECLARATIONS
    # A gateway can be built without any source.
    if not file.is_file():
        return frozenset()
    return fed_collections(json.loads(file.read_text("utf-8")))
