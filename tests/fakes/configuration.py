"""Published configuration versions in memory, and variants of the shipped configuration."""

from functools import cache

from gridwix.configuration.in_effect import ConfigurationSource
from gridwix.errors import GridwixError
from gridwix.models.configuration_versions import (
    BUNDLED,
    ConfigurationPointer,
    configuration_digest,
)
from gridwix.runtime.configuration import FILE

TEAMS = ("ap-disputes", "edi-support", "transportation", "vendor-compliance")
"""Teams to which the variants route invoices."""


@cache
def variant(number: int) -> bytes:
    """Return a compiled configuration. Variant 0 is the shipped one; each routes differently."""
    shipped = FILE.read_bytes()
    routed = b'"team": "%s"' % TEAMS[number].encode()
    before, rule, after = shipped.partition(b'"key": "invoice"')
    # The rule's members are sorted, so its team is the next one.
    return before + rule + after.replace(b'"team": "ap-disputes"', routed, 1)


def version_of(number: int) -> str:
    """Return the name of a variant's version."""
    return configuration_digest(variant(number))


class KeptVersions(ConfigurationSource):
    """Versions by name, and a pointer that a test moves.

    ``error`` is raised by each call while it is set. ``pointer_reads`` and ``content_reads`` count
    the calls.
    """

    def __init__(self, *contents: bytes) -> None:
        self.contents = {configuration_digest(content): content for content in contents}
        self.version, self.revision = BUNDLED, 1
        self.error: GridwixError | None = None
        self.pointer_reads = 0
        self.content_reads = 0

    def read_pointer(self) -> ConfigurationPointer:
        self.pointer_reads += 1
        if self.error is not None:
            raise self.error
        return ConfigurationPointer(self.version, self.revision)

    def read_content(self, version: str) -> bytes | None:
        self.content_reads += 1
        if self.error is not None:
            raise self.error
        return self.contents.get(version)
