"""``gridwix config check``, ``diff``, ``apply``, ``versions`` and ``rollback`` with ``--json``."""

from collections.abc import Sequence
from datetime import UTC

from pydantic import AwareDatetime

from gridwix.configuration.everything import Configuration
from gridwix.models.configuration_versions import Action, ConfigurationChange
from ops.configuration_diff import changed_modules, compare_configurations
from ops.json_output import JsonOutput


class SettingDifference(JsonOutput):
    """A setting that differs."""

    path: str
    """its place, such as ``routing.rules.invoice.team``"""
    before: str | None
    """its value as a JSON text; null if it is new"""
    after: str | None
    """its value as a JSON text; null if it is removed"""


class Differences(JsonOutput):
    """Settings that differ, in the order of their paths."""

    settings: tuple[SettingDifference, ...]
    modules: tuple[str, ...]
    """modules of the site's code that differ, which a version does not change"""


class ConfigCheckOutput(JsonOutput):
    """A valid folder. An invalid one prints no document."""

    folder: str
    version: str
    """its digest"""
    warnings: tuple[str, ...]
    """settings that may have no effect"""


class ConfigDiffOutput(JsonOutput):
    """Differences of a folder from the version in effect, or from another folder."""

    version: str
    """digest of the folder"""
    compared_with: str
    """digest of what it is compared with"""
    published: bool
    """it is compared with a published version; false for another folder, and for the compiled
    settings of this checkout if no version is published"""
    differences: Differences
    warnings: tuple[str, ...]


class ConfigApplyOutput(JsonOutput):
    """The version in effect after ``apply``."""

    version: str
    revision: int
    """number of the last change, 0 if there was none yet"""
    changed: bool
    """false if the folder was in effect already"""
    differences: Differences | None
    """null if the former version cannot be read"""
    warnings: tuple[str, ...]


class ChangeEntry(JsonOutput):
    """A change of the version in effect."""

    revision: int
    version: str
    """a digest, or ``bundled`` for the configuration that was deployed"""
    in_effect: bool
    at: AwareDatetime
    action: Action
    note: str


class ConfigVersionsOutput(JsonOutput):
    """The last changes, newest first. Without any the functions use what was deployed."""

    changes: tuple[ChangeEntry, ...]


class ConfigRollbackOutput(JsonOutput):
    """The version in effect after ``rollback``."""

    version: str
    """a digest, or ``bundled`` for the configuration that was deployed"""
    revision: int
    """number of the last change, 0 if there was none yet"""
    changed: bool
    """false if this version was in effect already"""


def differences_of(before: Configuration, after: Configuration) -> Differences:
    """Return the settings that differ, as a part of the document."""
    return Differences(
        settings=tuple(
            SettingDifference(path=one.path, before=one.before, after=one.after)
            for one in compare_configurations(before, after)
        ),
        modules=tuple(changed_modules(before, after)),
    )


def versions_output(changes: Sequence[ConfigurationChange]) -> ConfigVersionsOutput:
    """Return the changes, the newest first, as a document."""
    return ConfigVersionsOutput(
        changes=tuple(
            ChangeEntry(
                revision=one.revision,
                version=one.version,
                in_effect=position == 0,
                at=one.at.astimezone(UTC),
                action=one.action,
                note=one.note,
            )
            for position, one in enumerate(changes)
        )
    )
