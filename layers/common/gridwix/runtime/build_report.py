"""Adds the deployed release and the configuration version in use to each invocation's metrics line.

``gridwix doctor`` compares both with the checkout. They are metadata and no dimensions, so they add
no metric to the bill.
"""

from functools import cache
from pathlib import Path

from gridwix.clients.http import VERSION
from gridwix.models.configuration_versions import configuration_digest
from gridwix.runtime.configuration import FILE, configuration_version
from gridwix.runtime.observability import metrics

RELEASE, CONFIGURATION, BYTE_CODE = "release", "config_version", "byte_code"
"""Members of a metrics line: the release, the version of the configuration in use, and whether the
layer holds byte code (``docs/adr/0022-the-layer-holds-byte-code.md``).
"""

_CACHED = None if __spec__ is None else __spec__.cached


def report_build() -> None:
    """Add facts about the build to this invocation's metrics line.

    These are the release, the version of the configuration, and whether the layer has byte code.
    """
    metrics.add_metadata(key=RELEASE, value=VERSION)
    metrics.add_metadata(key=CONFIGURATION, value=configuration_version())
    metrics.add_metadata(key=BYTE_CODE, value=has_byte_code())


@cache
def bundled_version(file: Path = FILE) -> str:
    """Return the version of the configuration that is compiled into the layer. Cached."""
    return configuration_digest(file.read_bytes())


@cache
def has_byte_code(cached: str | None = _CACHED) -> bool:
    """Return True if the layer was deployed with the compiled byte code of this module. Cached.

    A function cannot write to its layer, so a file with byte code was put there by the build.
    """
    return cached is not None and Path(cached).is_file()
