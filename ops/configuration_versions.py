"""Puts configuration versions into effect without a deployment, and rolls them back.

A version is the compiled text of ``config/``. Functions load a new version within a minute.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from pydantic import ValidationError

from gridwix.clients.aws.configuration_versions import DynamoDBConfigurationVersions
from gridwix.configuration.everything import Configuration
from gridwix.models.configuration_versions import (
    BUNDLED,
    Action,
    ConfigurationChange,
    ConfigurationPointer,
    configuration_digest,
)
from gridwix.runtime.configuration import FILE
from ops.configuration import FOLDER, layer_json, load_configuration
from ops.configuration_diff import new_locales
from ops.errors import OpsError
from ops.stack import Stack

MAX_CHANGES = 50
"""Maximum number of past changes that the list shows, and that a rollback looks at."""

MAX_NOTE = 200
"""Maximum number of characters of an operator's note on a change."""


@dataclass(frozen=True, slots=True)
class VersionInEffect:
    """The configuration version that functions use, as the pointer in DynamoDB names it.

    ``version`` is the digest of ``configuration``. If no version is published, the functions use
    the bundle that was deployed. In this case ``version`` and ``configuration`` are those of this
    checkout, which may differ from the bundle (`gridwix doctor` finds that).
    """

    pointer: ConfigurationPointer
    version: str
    configuration: Configuration

    @property
    def is_bundled(self) -> bool:
        """True if no published version is in effect."""
        return self.pointer.version == BUNDLED


OUTPUT = "ConfigurationTableName"
"""Output of a stack with the name of its table of configuration versions."""


def version_store(stack: Stack) -> DynamoDBConfigurationVersions:
    """Return the store of a stack's configuration versions.

    Raises StackError if the stack has none, because its release is too old.
    """
    return DynamoDBConfigurationVersions(stack.aws.dynamodb, stack.output(OUTPUT))


def configuration_in_effect(stack: Stack, folder: Path = FOLDER) -> Configuration:
    """Return the settings that the functions of a stack use.

    If no version is published, these are the settings of ``folder``, which should be those that
    were deployed.

    Raises:
        OpsError: The version in effect cannot be read, or ``folder`` is invalid.
        UpstreamError: AWS cannot be read.
    """
    # A stack of an earlier release has no table.
    if OUTPUT in stack.outputs:
        found = read_version_in_effect(version_store(stack))
        if not found.is_bundled:
            return found.configuration
    return load_configuration(folder)


def read_version_in_effect(store: DynamoDBConfigurationVersions) -> VersionInEffect:
    """Return the configuration version that functions use: a published one, or the bundled one.

    Raises:
        OpsError: The version is missing or damaged, or this release cannot read it.
        UpstreamError: AWS cannot be read.
    """
    pointer = store.read_pointer()
    if pointer.version == BUNDLED:
        content = FILE.read_bytes()
        return VersionInEffect(
            pointer, configuration_digest(content), Configuration.model_validate_json(content)
        )
    return VersionInEffect(pointer, pointer.version, read_version(store, pointer.version))


def bundled_configuration() -> Configuration:
    """Return the compiled settings of this checkout, which a deployment puts into the layer."""
    return Configuration.model_validate_json(FILE.read_bytes())


def read_version(store: DynamoDBConfigurationVersions, version: str) -> Configuration:
    """Return the settings of a published version.

    Raises:
        OpsError: The version is missing or damaged, or the models of this release refuse it.
        UpstreamError: AWS cannot be read.
    """
    content = store.read_content(version)
    if content is None or configuration_digest(content) != version:
        raise OpsError(
            f"there is no version {version} that can be read",
            "`gridwix config versions` lists them",
        )
    try:
        return Configuration.model_validate_json(content)
    except ValidationError as error:
        member = ".".join(map(str, error.errors(include_input=False)[0]["loc"]))
        raise OpsError(
            f"version {version} is of another release, and this one refuses it ({member})",
            "choose another, or apply a folder that `gridwix config check` accepts",
        ) from None


def check_locales(configuration: Configuration) -> None:
    """Raise OpsError if a form needs number formats that the layer of this checkout lacks.

    Raises:
        OpsError: The locale of a form is in a language without number formats.
    """
    if missing := new_locales(bundled_configuration(), configuration):
        raise OpsError(
            f"a form has the locale {', '.join(missing)}, whose number formats the deployed"
            " layer does not hold",
            "deploy this folder (`make config`, `sam build && sam deploy`)",
        )


def apply_configuration(
    store: DynamoDBConfigurationVersions,
    configuration: Configuration,
    expected: ConfigurationPointer,
    at: datetime,
    note: str = "",
) -> ConfigurationPointer:
    """Publish a configuration and put it into effect; return the new pointer to it.

    Args:
        store: The versions of the stack.
        configuration: The validated settings.
        expected: The pointer as it was when the user looked at the differences.
        at: The current time.
        note: What the user wrote about the change.

    Raises:
        OpsError: Another operator has changed the version in effect meanwhile. Nothing has changed.
        ConfigurationError: The configuration is too large.
        UpstreamError: AWS failed.
    """
    version = store.add_version(layer_json(configuration).encode())
    return _move(store, expected, version, "apply", at, note)


def roll_back(
    store: DynamoDBConfigurationVersions,
    expected: ConfigurationPointer,
    version: str,
    at: datetime,
    note: str = "",
) -> ConfigurationPointer:
    """Put an earlier published version, or the bundled configuration, into effect.

    Returns the new pointer. Arguments and errors are those of :func:`apply_configuration`.
    """
    return _move(store, expected, version, "rollback", at, note)


def previous_version(changes: Sequence[ConfigurationChange]) -> str:
    """Return the configuration version that was in effect before the current one.

    Args:
        changes: The recorded changes of which version is in effect, newest first.

    Raises:
        OpsError: No version was put into effect yet.
    """
    if not changes:
        raise OpsError(
            "nothing was put into effect yet, so there is nothing to roll back",
            "deploy an earlier release, whose configuration the functions then use",
        )
    current = changes[0].version
    return next((change.version for change in changes if change.version != current), BUNDLED)


def _move(
    store: DynamoDBConfigurationVersions,
    expected: ConfigurationPointer,
    version: str,
    action: Action,
    at: datetime,
    note: str,
) -> ConfigurationPointer:
    moved = store.move_pointer(expected, version, action, at, note)
    if moved is None:
        raise OpsError(
            "somebody else has changed the version in effect meanwhile, and nothing was"
            " changed now",
            "look at `gridwix config versions` and `gridwix config diff`, then repeat the command",
        )
    return moved
