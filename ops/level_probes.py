"""Probes for ``gridwix doctor``: parts of the portal with a data source, and the next to connect.

A part, such as onboarding, is hidden from partners until the community gateway has a data source
for its records. Data sources are independent of one another. So the level of a stack is the number
of parts that have a source, and the result of a probe names these parts.
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

import yaml

from gridwix.errors import GridwixError
from ops.connections import Connections
from ops.paths import ROOT
from ops.probes import NotChecked, Probe, SharedRead, WithoutSource, format_count

SYSTEM = "Level"

SOURCES = ROOT / "config/gateway/sources"
"""Folder with the declarations of the community gateway's sources."""

UNTOLD = "shown: this gateway does not tell which collections have a source"


@dataclass(frozen=True, slots=True)
class Level:
    """A part of the portal that partners see once a collection of the gateway has a data source.

    Args:
        name: Name of the part, such as ``onboarding``.
        collection: Collection of the community gateway that has to have a source.
        shows: What partners see in this part.
        file: Name of a file, in the folder ``SOURCES``, that declares a data source with
            records for the collection; empty if no source can have them.
        otherwise: Another way to get records into the collection; empty for none.
    """

    name: str
    collection: str
    shows: str
    file: str
    otherwise: str = ""


LEVELS: Sequence[Level] = (
    Level(
        "directory and Lens",
        "partners",
        "who they are, what they exchange with you, their failures as issues, and their requests",
        "directory.yaml",
    ),
    Level(
        "onboarding",
        "enrollments",
        "their onboarding programs, steps and progress",
        "onboarding.yaml",
    ),
    Level(
        "compliance",
        "compliance-checks",
        "their compliance checks, and what to do about failed ones",
        "compliance.yaml",
    ),
    Level(
        "documents",
        "documents",
        "the document library, with agreements and guides",
        "partner-documents.yaml",
        "a document that is created over the gateway's API (POST /documents) and approved",
    ),
    Level(
        "notices",
        "service-notices",
        "outages and maintenance",
        "notices.yaml",
        "a notice published with gridwix desk",
    ),
)
"""The parts of the portal, in the order in which their sources are usually connected."""


def level_probes(connections: Connections, folder: Path = SOURCES) -> list[Probe]:
    """Return the probes of the data sources that the parts of the portal need.

    There is one probe for each part, such as onboarding. One more counts the collections of the
    gateway that have a source, and another one states the level of the stack: the number of parts
    that have a source. All probes share one call to the gateway. If it fails, the first probe
    reports a fault of Trading Grid, and the others count as not checked.

    Args:
        connections: The clients.
        folder: Folder with this checkout's declarations of data sources.
    """
    read = SharedRead(connections.community.collections_with_source)

    def read_or_skip() -> Collection[str] | None:
        try:
            return read()
        except GridwixError:
            raise NotChecked("not checked: Trading Grid's sources could not be read") from None

    return [
        ("Trading Grid", "sources", lambda: _describe_sources(read())),
        (SYSTEM, "level", lambda: describe_level(read_or_skip())),
        *((SYSTEM, level.name, _probe_level(level, read_or_skip, folder)) for level in LEVELS),
    ]


def _describe_sources(collections: Collection[str] | None) -> str:
    return UNTOLD if collections is None else format_count(len(collections), "collection")


def describe_level(collections: Collection[str] | None) -> str:
    """Return the number of portal parts with a data source, their names, and the next part to add.

    >>> describe_level(["partners", "enrollments"]).partition(".")[0]
    '2 of 5: directory and Lens, onboarding'

    Args:
        collections: The gateway's collections that have a source; None if the gateway does not
            report them.
    """
    if collections is None:
        return UNTOLD
    have = [level for level in LEVELS if level.collection in collections]
    missing = [level for level in LEVELS if level.collection not in collections]
    names = ", ".join(level.name for level in have) or "no source yet"
    reached = f"{len(have)} of {len(LEVELS)}: {names}"
    if not missing:
        return reached
    following = missing[0]
    return f"{reached}. Next: {following.name}, with which partners see {following.shows}"


def _probe_level(
    level: Level, read: Callable[[], Collection[str] | None], folder: Path
) -> Callable[[], str]:
    def probe() -> str:
        collections = read()
        if collections is None:
            return UNTOLD
        if level.collection in collections:
            return f"partners see {level.shows}"
        raise WithoutSource(f"no source, so it is hidden. {_advice(level, folder)}")

    return probe


def _advice(level: Level, folder: Path) -> str:
    """Return the next step towards a data source for a part of the portal (``level``).

    If ``folder`` declares a source already, the step is to upload the source's first file.
    """
    declared = _declared_file(level.collection, folder)
    if declared is not None:
        return f"{declared.name} declares one, which has delivered nothing yet: drop its first file"
    source = f"a source such as config/gateway/sources/{level.file}" if level.file else ""
    ways = ", or ".join(way for way in (source, level.otherwise) if way)
    return f"{ways[:1].upper()}{ways[1:]} shows partners {level.shows}"


def _declared_file(collection: str, folder: Path) -> Path | None:
    """Return the first file in a folder that declares a data source with records for a collection.

    Such a file is YAML, and names the collections of the gateway that get records from the source.
    Return None if there is none. A file that cannot be read is skipped: ``make config`` checks the
    files.
    """
    for path in sorted(folder.glob("*.yaml")):
        try:
            declaration = yaml.safe_load(path.read_text("utf-8"))
        except (OSError, ValueError, yaml.YAMLError):
            continue
        if not isinstance(declaration, dict):
            continue
        if collection == "documents" and declaration.get("source") == "documents":
            return path
        records = declaration.get("records")
        for record in records if isinstance(records, list) else []:
            if isinstance(record, dict) and record.get("collection") == collection:
                return path
    return None
