"""``gridwix config``: checks, previews and applies ``config/`` without a deployment."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from gridwix.clients.aws.configuration_versions import DynamoDBConfigurationVersions
from gridwix.configuration.everything import Configuration
from gridwix.models.configuration_versions import (
    BUNDLED,
    ConfigurationPointer,
    configuration_digest,
)
from ops.aws import Aws
from ops.command_examples import example
from ops.commands.config_preview import preview
from ops.commands.options import DEFAULT_STACK, Json, StackName, Yes, with_aws_options
from ops.configuration import FOLDER, CheckedConfiguration, check_folder, layer_json
from ops.configuration_diff import SettingChange
from ops.configuration_versions import (
    MAX_CHANGES,
    MAX_NOTE,
    VersionInEffect,
    apply_configuration,
    bundled_configuration,
    check_locales,
    previous_version,
    read_version,
    read_version_in_effect,
    roll_back,
    version_store,
)
from ops.confirmation import confirm_change
from ops.console import console, format_minute, print_note, print_result
from ops.errors import OpsError
from ops.json_output import print_json_output
from ops.outputs.config import (
    ConfigApplyOutput,
    ConfigCheckOutput,
    ConfigDiffOutput,
    ConfigRollbackOutput,
    Differences,
    differences_of,
    versions_output,
)
from ops.stack import Stack

config = typer.Typer(
    help="Check, preview and change the configuration without a deployment.",
    no_args_is_help=True,
)
config.add_typer(preview, name="preview")

Folder = Annotated[
    Path, typer.Argument(metavar="FOLDER", help="The folder with the settings.", show_default=False)
]
Note = Annotated[
    str,
    typer.Option(
        help="A word about the change for the list of versions, such as a commit. It is kept, so"
        " name no persons."
    ),
]


UNKNOWN = "What was deployed is not known here"


@config.command()
@example("gridwix config check config")
def check(folder: Folder = FOLDER, as_json: Json = False) -> None:
    """Check a folder of settings as `make config` does. Writes nothing. Exit code 1: it is
    invalid.
    """
    checked = _checked(folder)
    version = _version_of(checked.configuration)
    if as_json:
        print_json_output(
            ConfigCheckOutput(folder=str(folder), version=version, warnings=checked.warnings)
        )
    else:
        print_result(f"{folder} is valid: version {version}")


@config.command()
@example("gridwix config diff --stack prod")
@with_aws_options
def diff(
    folder: Folder = FOLDER,
    other: Annotated[
        Path | None,
        typer.Option(
            "--with", help="Compare with this folder instead of a stack; needs no credentials."
        ),
    ] = None,
    stack: StackName = DEFAULT_STACK,
    as_json: Json = False,
) -> None:
    """Show how a folder of settings differs from the version in effect."""
    checked = _checked(folder)
    published = False
    if other is not None:
        before = check_folder(other, datetime.now(UTC).date()).configuration
        compared_with = _version_of(before)
    else:
        in_effect = read_version_in_effect(version_store(Stack.read(stack, Aws())))
        _print_version(in_effect)
        before, compared_with = in_effect.configuration, in_effect.version
        published = not in_effect.is_bundled
    differences = differences_of(before, checked.configuration)
    if as_json:
        print_json_output(
            ConfigDiffOutput(
                version=_version_of(checked.configuration),
                compared_with=compared_with,
                published=published,
                differences=differences,
                warnings=checked.warnings,
            )
        )
    else:
        _print_differences(differences, print_result)


@config.command()
@example("gridwix config apply --note 4f2c9d1 --stack prod")
@with_aws_options
def apply(
    folder: Folder = FOLDER,
    stack: StackName = DEFAULT_STACK,
    note: Note = "",
    yes: Yes = False,
    as_json: Json = False,
) -> None:
    """Put the settings of a folder into effect. Functions load them within a minute."""
    checked = _checked(folder)
    found = checked.configuration
    _check_note(note)
    store = version_store(Stack.read(stack, Aws()))
    pointer, in_effect = _read_to_replace(store)
    version = _version_of(found)
    differences = None if in_effect is None else differences_of(in_effect, found)
    # What was deployed may be older than this checkout, so its own settings are published as well.
    # One that is in effect and cannot be read is damaged: it is stored again.
    revision, changed = pointer.revision, version != pointer.version or in_effect is None
    if changed:
        check_locales(found)
        if differences is not None:
            # Whoever is asked has to see them.
            _print_differences(differences, print_note if as_json else print_result)
        confirm_change(f"Put version {version} into effect in {stack}?", yes=yes)
        revision = apply_configuration(store, found, pointer, datetime.now(UTC), note).revision
    if as_json:
        print_json_output(
            ConfigApplyOutput(
                version=version,
                revision=revision,
                changed=changed,
                differences=differences,
                warnings=checked.warnings,
            )
        )
    elif changed:
        _print_changed(version, stack)
    else:
        print_result(f"Nothing to apply: version {version} is in effect")


@config.command()
@example("gridwix config versions --stack prod")
@with_aws_options
def versions(stack: StackName = DEFAULT_STACK, as_json: Json = False) -> None:
    """List the versions of the settings that were put into effect, newest first."""
    store = version_store(Stack.read(stack, Aws()))
    changes = store.list_changes(MAX_CHANGES)
    if as_json:
        print_json_output(versions_output(changes))
        return
    if not changes:
        print_result("No version was published: the functions use what was deployed with them")
        return
    table = Table("Change", "Version", "In effect since", "Command", "Note")
    for position, change in enumerate(changes):
        table.add_row(
            str(change.revision),
            f"{change.version} *" if position == 0 else change.version,
            format_minute(change.at),
            change.action,
            change.note,
        )
    console.print(table)
    print_note(("* in effect now", "dim"))


@config.command()
@example("gridwix config rollback --stack prod")
@with_aws_options
def rollback(
    version: Annotated[
        str,
        typer.Argument(
            metavar="[VERSION]",
            help=(
                f"A version of `gridwix config versions`, or {BUNDLED} for the one that was"
                " deployed; the one before the current one, if left out."
            ),
            show_default=False,
        ),
    ] = "",
    stack: StackName = DEFAULT_STACK,
    note: Note = "",
    yes: Yes = False,
    as_json: Json = False,
) -> None:
    """Put an earlier version of the settings into effect again. Functions load it within a
    minute.
    """
    _check_note(note)
    store = version_store(Stack.read(stack, Aws()))
    wanted = version or previous_version(store.list_changes(MAX_CHANGES))
    pointer, in_effect = _read_to_replace(store)
    revision, changed = pointer.revision, wanted != pointer.version
    if changed:
        # A version that this release refuses would be of no use to the functions.
        after = bundled_configuration() if wanted == BUNDLED else read_version(store, wanted)
        if wanted == BUNDLED:
            print_note(f"{UNKNOWN}: the compiled settings of this checkout stand for it")
        if in_effect is not None:
            # The version before the current one may be one that somebody has taken back.
            _print_differences(
                differences_of(in_effect, after), print_note if as_json else print_result
            )
        confirm_change(f"Put {_named(wanted)} into effect in {stack} again?", yes=yes)
        revision = roll_back(store, pointer, wanted, datetime.now(UTC), note).revision
    if as_json:
        print_json_output(ConfigRollbackOutput(version=wanted, revision=revision, changed=changed))
    elif changed:
        _print_changed(wanted, stack)
    else:
        print_result(f"Nothing to roll back: {_named(wanted)} is in effect")


def _checked(folder: Path) -> CheckedConfiguration:
    """Check a folder of settings, print warnings, and return the checked settings.

    Raises ConfigurationFault if a setting is invalid, and OpsError if there is no such folder.
    """
    if not folder.is_dir():
        raise OpsError(f"{folder} is no folder", "give the one with labels.yaml and routing.yaml")
    found = check_folder(folder, datetime.now(UTC).date())
    for warning in found.warnings:
        print_note(("warning: ", "yellow"), warning)
    return found


def _read_to_replace(
    store: DynamoDBConfigurationVersions,
) -> tuple[ConfigurationPointer, Configuration | None]:
    """Return the pointer to the configuration version in effect, and the settings of that version.

    The settings are None, with a printed warning, if this release cannot read them. So a version of
    another release can be replaced regardless of its faults.
    """
    pointer = store.read_pointer()
    try:
        in_effect = read_version_in_effect(store)
    except OpsError as error:
        print_note(("warning: ", "yellow"), f"the differences are not known: {error}")
        return pointer, None
    _print_version(in_effect)
    # Of the pointer that belongs to the differences.
    return in_effect.pointer, in_effect.configuration


def _version_of(configuration: Configuration) -> str:
    return configuration_digest(layer_json(configuration).encode())


def _check_note(note: str) -> None:
    if len(note) > MAX_NOTE or not note.isprintable():
        raise typer.BadParameter(f"a note has at most {MAX_NOTE} characters, in one line")


def _print_version(in_effect: VersionInEffect) -> None:
    if in_effect.is_bundled:
        print_note(
            f"No published version is in effect. {UNKNOWN}: compared with the compiled settings of"
            " this checkout"
        )
    else:
        print_note(f"In effect: version {in_effect.version}")


def _print_differences(differences: Differences, print_line: Callable[[str], None]) -> None:
    if not differences.settings:
        print_line("No setting differs")
        return
    for one in differences.settings:
        print_line(str(SettingChange(one.path, one.before, one.after)))
    if differences.modules:
        modules = ", ".join(differences.modules)
        print_note(
            ("note: ", "yellow"),
            f"the portal's page shows this from the site's code ({modules}): also run"
            " `make config` and publish portal/backend on the site"
            " (docs/configuration-changes.md#what-a-version-reaches)",
        )


def _named(version: str) -> str:
    return "the bundled configuration" if version == BUNDLED else f"version {version}"


def _print_changed(version: str, stack: str) -> None:
    named = _named(version)
    print_result(f"{named[0].upper()}{named[1:]} is in effect: functions take it within a minute")
    print_note(
        "Rows that exist keep their texts until their records change:"
        f" `gridwix reconcile --stack {stack}` updates them now, and the nightly run updates them"
        " anyway"
    )
