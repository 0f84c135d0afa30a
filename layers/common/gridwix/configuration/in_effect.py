"""Chooses a function's configuration: the published version in effect, else the bundled one.

The bundled configuration is deployed with the functions. A stored pointer names the version in
effect. A batch uses one configuration from beginning to end, and never fails because of a faulty
version:

==========================================  ====================================================
the pointer                                 the function uses
==========================================  ====================================================
names a version that can be used            that version
names ``bundled``, or there is none         the bundled configuration
cannot be read, or is damaged               what it used before; the bundled one at a cold start
names a version that is missing, damaged    the bundled configuration; the fault is reported at
or refused by this release's models         each check of the pointer
==========================================  ====================================================
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Literal, Protocol

from pydantic import ValidationError

from gridwix.configuration.everything import Configuration
from gridwix.errors import GridwixError
from gridwix.models.configuration_versions import (
    BUNDLED,
    ConfigurationPointer,
    configuration_digest,
)

LOOK_EVERY = 30.0
"""Minimum seconds between two reads of the pointer to the version in effect. A new version is used
from the first batch after that.
"""

MAX_NAMED = 5
"""Maximum number of faulty members of a refused version that a fault names."""

type FaultReason = Literal["unreadable", "missing", "damaged", "refused"]


class ConfigurationSource(Protocol):
    """Store of published configuration versions, and of the pointer to the version in effect.

    Methods raise :class:`gridwix.errors.UpstreamError` if the store cannot be read.
    """

    def read_pointer(self) -> ConfigurationPointer:
        """Return the pointer to the version in effect.

        If no pointer is stored, returns one to the bundled configuration. Raises
        :class:`gridwix.errors.ConfigurationError` if the stored pointer is damaged.
        """

    def read_content(self, version: str) -> bytes | None:
        """Return the compiled text of a version; None if it is missing or cannot be unpacked."""


@dataclass(frozen=True)
class LoadedConfiguration:
    """A configuration with the name of its version.

    ``content`` is the compiled configuration: the files of ``config/`` as one JSON document. The
    property ``configuration`` parses it at the first use.
    """

    version: str
    content: bytes

    @cached_property
    def configuration(self) -> Configuration:
        """The parsed configuration. Raises pydantic's ValidationError if it is not valid."""
        return Configuration.model_validate_json(self.content)


@dataclass(frozen=True, slots=True)
class VersionFault:
    """The reason why a function does not use the configuration version in effect.

    ``version`` is the name of that version; "" if the pointer to it could not be read. ``detail``
    names faulty members of the configuration, or has an error's code, and never a value. ``error``
    is the error of the store; None if the store did not fail.
    """

    reason: FaultReason
    version: str = ""
    detail: str = ""
    error: GridwixError | None = None


@dataclass(frozen=True, slots=True)
class Look:
    """Result of checking which configuration version the stored pointer names.

    ``loaded`` is the configuration to use from now on. ``changed`` is True if no configuration, or
    another version, was used before. ``fault`` says why the pointer, or the version that it names,
    cannot be used; ``loaded`` is then the configuration used before, or the one deployed with the
    function. None if there is no fault.
    """

    loaded: LoadedConfiguration
    changed: bool
    fault: VersionFault | None = None


class ConfigurationInEffect:
    """Holds the configuration that one execution environment uses, and checks for a newer version.

    It never raises an error for a faulty version.

    Args:
        source: Store of the published versions; None if there is no store, as on a developer's
            machine.
        bundled: Returns the compiled text of the bundled configuration.
        clock: Returns Unix seconds.
        missing: Checks whether this deployment can use a configuration. Returns "" if so, else the
            name of the setting that needs something that is not deployed; the version is then
            refused.
    """

    def __init__(
        self,
        source: ConfigurationSource | None,
        bundled: Callable[[], bytes],
        clock: Callable[[], float],
        missing: Callable[[Configuration], str] = lambda _: "",
    ) -> None:
        self._source = source
        self._read_bundled = bundled
        self._clock = clock
        self._missing = missing
        self._loaded: LoadedConfiguration | None = None
        self._looked_at = 0.0
        # With the pointer to it: a version that is put into effect again may be mended.
        self._unusable: tuple[ConfigurationPointer, VersionFault] | None = None

    @property
    def loaded(self) -> LoadedConfiguration | None:
        """The configuration in use; None before the first call of :meth:`look`."""
        return self._loaded

    def look(self) -> Look | None:
        """Read the pointer to the version in effect, and load that version if it is another one.

        Call it before each batch, never within a batch.

        Returns:
            The configuration to use from now on; None if the pointer was read less than
            ``LOOK_EVERY`` seconds ago, so that the configuration stays.
        """
        now = self._clock()
        # A clock that was set back makes a look due as well.
        if self._loaded is not None and 0 <= now - self._looked_at < LOOK_EVERY:
            return None
        self._looked_at = now
        before = self._loaded
        self._loaded, fault = self._choose()
        changed = before is None or before.version != self._loaded.version
        return Look(self._loaded, changed, fault)

    def _choose(self) -> tuple[LoadedConfiguration, VersionFault | None]:
        if self._source is None:
            return self._bundled, None
        version = ""
        try:
            pointer = self._source.read_pointer()
            version = pointer.version
            if version in (BUNDLED, self._bundled.version):
                return self._bundled, None
            if self._loaded is not None and self._loaded.version == version:
                return self._loaded, None
            if self._unusable is not None and self._unusable[0] == pointer:
                return self._bundled, self._unusable[1]
            found = _load_version(version, self._source.read_content(version))
        except GridwixError as error:
            fault = VersionFault("unreadable", version, error.code, error)
            return self._loaded or self._bundled, fault
        if isinstance(found, LoadedConfiguration):
            if not (member := self._missing(found.configuration)):
                return found, None
            found = VersionFault("refused", version, member)
        self._unusable = pointer, found
        return self._bundled, found

    @cached_property
    def _bundled(self) -> LoadedConfiguration:
        content = self._read_bundled()
        return LoadedConfiguration(configuration_digest(content), content)


def _load_version(version: str, content: bytes | None) -> LoadedConfiguration | VersionFault:
    """Parse the compiled text of a version; return it, or the reason why it cannot be used."""
    if content is None:
        return VersionFault("missing", version)
    if configuration_digest(content) != version:
        return VersionFault("damaged", version)
    loaded = LoadedConfiguration(version, content)
    try:
        _ = loaded.configuration
    except ValidationError as error:
        faults = error.errors(include_input=False, include_context=False, include_url=False)
        members = sorted({".".join(map(str, fault["loc"])) for fault in faults})
        return VersionFault("refused", version, ", ".join(members[:MAX_NAMED]))
    return loaded
