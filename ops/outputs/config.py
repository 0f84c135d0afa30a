"""JSON documents of ``gridwix config check``, ``diff``, ``apply``, ``versions`` and others."""

from collections.abc import Sequence
from datetime import UTC

from pydantic import AwareDatetime

from gridwix.configuration.everything import Configuration
from gridwix.models.configuration_versions import Action, ConfigurationChange
from ops.configuration_diff import changed_modules, compare_configurations
from ops.json_output import JsonOutput


class SettingDifference(JsonOutput):
    """A setting that differs between two configurations."""

    path: str
    """the setting's path, such as ``routing.rules.invoice.team``"""
    before: str | None
    """the setting's value as a JSON text; null if it is new"""
    after: str | None
    """the setting's value as a JSON text; null if it is removed"""


class Differences(JsonOutput):
    """Settings that differ between two configurations, in the order of their paths."""

    settings: tuple[SettingDifference, ...]
    modules: tuple[str, ...]
    """modules of the site's code that differ, which a version does not change"""


class ConfigCheckOutput(JsonOutput):
    """A folder of settings that is valid. For an invalid folder, no document is printed."""

    folder: str
    version: str
    """digest of the settings"""
    warnings: tuple[str, ...]
    """settings that may have no effect"""


class ConfigDiffOutput(JsonOutput):
    """Differences of a folder of settings from the version in effect, or from another folder."""

    version: str
    """digest of the folder"""
    compared_with: str
    """digest of the settings that the folder is compared with"""
    published: bool
    """the folder is compared with a published version; false for another folder, and for the
    compiled settings of this checkout if no version is published"""
    differences: Differences
    warnings: tuple[str, ...]


class ConfigApplyOutput(JsonOutput):
    """The configuration version that is in effect after ``gridwix config apply``."""

    version: str
    revision: int
    """number of the last change, 0 if there was none yet"""
    changed: bool
    """false if the folder's settings were in effect already"""
    differences: Differences | None
    """null if the settings that were in effect before cannot be read"""
    warnings: tuple[str, ...]


class ChangeEntry(JsonOutput):
    """A switch of the stack to another configuration version, by ``apply`` or ``rollback``."""

    revision: int
    version: str
    """a digest, or ``bundled`` for the configuration that was deployed"""
    in_effect: bool
    at: AwareDatetime
    action: Action
    note: str


class ConfigVersionsOutput(JsonOutput):
    """The last switches of the stack to another configuration version, newest first.

    Empty if there was none yet, so that functions use the configuration that was deployed.
    """

    changes: tuple[ChangeEntry, ...]


class ConfigRollbackOutput(JsonOutput):
    """The configuration version that is in effect after ``gridwix config rollback``."""

    version: str
    """a digest, or ``bundled`` for the configuration that was deployed"""
    revision: int
    """number of the last change, 0 if there was none yet"""
    changed: bool
    """false if this version was in effect already"""


def differences_of(before: Configuration, after: Configuration) -> Differences:
    """Return the settings that differ between two configurations, as a part of a JSON document."""
    return Differences(
        settings=tuple(
            SettingDifference(path=one.path, before=one.before, after=one.after)
            for one in compare_configurations(before, after)
        ),
        modules=tuple(changed_modules(before, after)),
    )


def versions_output(changes: Sequence[ConfigurationChange]) -> ConfigVersionsOutput:
    """Return the stack's switches to another configuration version as a JSON document.

    ``changes`` are these switches, newest first: the first one names the version in effect.
    """
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
