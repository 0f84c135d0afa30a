"""``gridwix config``: checks, previews and applies ``config/`` without a deployment."""

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
from gridwix.runtime.configuration import FILE
from ops.aws import Aws
from ops.commands.config_preview import preview
from ops.commands.options import DEFAULT_STACK, StackName, Yes
from ops.configuration import FOLDER, check_folder, layer_json
from ops.configuration_diff import changed_modules, compare_configurations, new_locales
from ops.configuration_versions import (
    MAX_CHANGES,
    MAX_NOTE,
    VersionInEffect,
    apply_configuration,
    previous_version,
    read_version,
    read_version_in_effect,
    roll_back,
    version_store,
)
from ops.confirmation import confirm_change
from ops.console import console, format_minute, print_note, print_result
from ops.errors import OpsError
from ops.stack import Stack

config = typer.Typer(
    help="The configuration: check, preview and change it without a deployment.",
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


@config.command()
def check(folder: Folder = FOLDER) -> None:
    """Check a folder as `make config` does. Writes nothing."""
    found = _checked(folder)
    print_result(f"{folder} is valid: version {_version_of(found)}")


@config.command()
def diff(
    folder: Folder = FOLDER,
    other: Annotated[
        Path | None,
        typer.Option(
            "--with", help="Compare with this folder instead of a stack; needs no credentials."
        ),
    ] = None,
    stack: StackName = DEFAULT_STACK,
) -> None:
    """Show how a folder differs from the version in effect."""
    found = _checked(folder)
    if other is not None:
        before = check_folder(other, datetime.now(UTC).date()).configuration
        _print_differences(before, found)
        return
    in_effect = read_version_in_effect(version_store(Stack.read(stack, Aws())))
    _print_version(in_effect)
    _print_differences(in_effect.configuration, found)


@config.command()
def apply(
    folder: Folder = FOLDER,
    stack: StackName = DEFAULT_STACK,
    note: Note = "",
    yes: Yes = False,
) -> None:
    """Put a folder into effect. Functions take it within a minute."""
    found = _checked(folder)
    _check_note(note)
    store = version_store(Stack.read(stack, Aws()))
    pointer, in_effect = _read_to_replace(store)
    version = _version_of(found)
    # What was deployed may be older than this checkout, so its own settings are published as well.
    if version == pointer.version:
        print_result(f"Nothing to apply: version {version} is in effect")
        return
    bundled = Configuration.model_validate_json(FILE.read_bytes())
    if missing := new_locales(bundled, found):
        raise OpsError(
            f"a form has the locale {', '.join(missing)}, whose number formats the deployed layer"
            " does not hold: deploy this folder (`make config`, `sam build && sam deploy`)"
        )
    if in_effect is not None:
        _print_differences(in_effect, found)
    confirm_change(f"Put version {version} into effect in {stack}?", yes=yes)
    apply_configuration(store, found, pointer, datetime.now(UTC), note)
    _print_changed(version)


@config.command()
def versions(stack: StackName = DEFAULT_STACK) -> None:
    """List the changes of the version in effect, newest first."""
    store = version_store(Stack.read(stack, Aws()))
    changes = store.list_changes(MAX_CHANGES)
    if not changes:
        print_result("No version was published: the functions use what was deployed with them")
        return
    table = Table("Change", "Version", "In effect since", "By", "Note")
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
) -> None:
    """Put an earlier version into effect again. Functions take it within a minute."""
    _check_note(note)
    store = version_store(Stack.read(stack, Aws()))
    pointer = store.read_pointer()
    wanted = version or previous_version(store.list_changes(MAX_CHANGES))
    if wanted == pointer.version:
        print_result(f"Nothing to roll back: version {wanted} is in effect")
        return
    if wanted != BUNDLED:
        # A version that this release refuses would be of no use to the functions.
        read_version(store, wanted)
    confirm_change(f"Put version {wanted} into effect in {stack} again?", yes=yes)
    roll_back(store, pointer, wanted, datetime.now(UTC), note)
    _print_changed(wanted)


def _checked(folder: Path) -> Configuration:
    """Return the settings of a folder, and print warnings. Raises ConfigurationFault."""
    if not folder.is_dir():
        raise OpsError(f"{folder} is no folder: give the one with labels.yaml and routing.yaml")
    found = check_folder(folder, datetime.now(UTC).date())
    for warning in found.warnings:
        print_note(("warning: ", "yellow"), warning)
    return found.configuration


def _read_to_replace(
    store: DynamoDBConfigurationVersions,
) -> tuple[ConfigurationPointer, Configuration | None]:
    """Return the pointer, and the settings in effect; None if this release cannot read them.

    Those of an earlier release must not keep anybody from replacing them.
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
            "No published version is in effect. What was deployed is not known here: compared with"
            " the compiled settings of this checkout"
        )
    else:
        print_note(f"In effect: version {in_effect.version}")


def _print_differences(before: Configuration, wanted: Configuration) -> None:
    changes = compare_configurations(before, wanted)
    if not changes:
        print_result("No setting differs")
        return
    for change in changes:
        print_result(str(change))
    if modules := changed_modules(before, wanted):
        print_note(
            ("note: ", "yellow"),
            f"the portal's page shows this from the site's code ({', '.join(modules)}): also run"
            " `make config` and publish portal/backend on the site"
            " (docs/configuration-changes.md#what-a-version-reaches)",
        )


def _print_changed(version: str) -> None:
    print_result(f"Version {version} is in effect: functions take it within a minute")
    print_note(
        "Rows that exist keep their texts until their records change: `gridwix reconcile` updates"
        " them now, and the nightly run updates them anyway"
    )
