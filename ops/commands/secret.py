"""``gridwix secret``: sets the secrets of a stack without showing them, and checks their form."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

import typer
from rich.table import Table

from gridwix.clients.wix.ring_function import RingFunction, ring_client
from gridwix.errors import GridwixError
from gridwix.portal_ringer.settings import RingerSettings
from gridwix.runtime.settings import ClientSettings
from ops.aws import Aws
from ops.command_examples import example
from ops.commands.options import DEFAULT_STACK, Json, StackName, Yes, with_aws_options
from ops.confirmation import confirm_change
from ops.console import console, print_note, print_result, show_spinner
from ops.errors import OpsError
from ops.json_output import print_json_output
from ops.outputs.secrets import (
    SecretCheckOutput,
    SecretRestoreOutput,
    SecretSetOutput,
    SecretVerdict,
)
from ops.ring_probe import FUNCTION as RINGER
from ops.ring_probe import is_rung
from ops.secrets.asking import ask_values, read_values
from ops.secrets.forms import (
    FIELDS,
    SecretName,
    Verdict,
    judge_secret,
    new_value_fault,
)
from ops.secrets.lists import add_entry, usable_places
from ops.secrets.proof import NotAccepted, Unproved, check_replaced, read_uses, try_credentials
from ops.secrets.values import (
    StoredSecret,
    read_change_time,
    read_secret,
    read_versions,
    restore_secret,
    secret_id,
    store_secret,
)
from ops.stack import Stack

CREDENTIALS = frozenset({SecretName.TRADING_GRID_CREDENTIALS, SecretName.WIX_CREDENTIALS})
"""Secrets with credentials: they are tried against the real service before they are stored."""

NEXT_STEPS: Mapping[str, str] = {
    "secrets": "Now have Trading Grid sign with it, unless it comes from there",
    "publicKeys": "Nothing else is to be done if it comes from the dashboard of the Wix app",
    "signingSecrets": (
        "Now give it to the site: its secret gridwix-signing-secret. `gridwix form-address FORM`"
        " prints the new address of a form automation"
    ),
}
"""Advice after a list of keys or tokens has a new first entry: how to make its sender use it, by
field.
"""

secret = typer.Typer(
    help="Set the secrets of a stack without showing them, and check their form.",
    no_args_is_help=True,
)

Name = Annotated[SecretName, typer.Argument(metavar="NAME", help="The secret, without the stack.")]


@dataclass(frozen=True, slots=True)
class Change:
    """A planned change of a secret.

    ``value`` is the secret's new value, ``fields`` the fields that change, ``question`` the
    question that asks the user to confirm the change, and ``removed`` the number of entries that
    are removed from a list. ``kind`` is ``none`` if nothing changes.
    """

    value: Mapping[str, Any]
    fields: tuple[str, ...]
    kind: Literal["set", "added", "removed", "none"]
    question: str
    removed: int = 0


@secret.command("set")
@example("gridwix secret set wix/credentials --stack prod")
@with_aws_options
def set_(
    name: Name,
    field: Annotated[
        list[str] | None,
        typer.Option("--field", help="A field of the secret; repeatable. Others stay as they are."),
    ] = None,
    file: Annotated[
        Path | None,
        typer.Option(
            "--file",
            metavar="FILE",
            help="Read the value from a file, or with - from standard input: the text of one field,"
            " or a JSON object of several. Without it the command asks, and shows nothing.",
        ),
    ] = None,
    remove_old: Annotated[
        bool,
        typer.Option(
            "--remove-old",
            help="Of a list: remove all entries but the first, once it was seen to work.",
        ),
    ] = False,
    remove_unusable: Annotated[
        bool,
        typer.Option(
            "--remove-unusable",
            help="Of a list: remove entries that cannot be used, or repeat another.",
        ),
    ] = False,
    untried: Annotated[
        bool,
        typer.Option(
            "--untried", help="Store, or remove, although it was not seen that the value works."
        ),
    ] = False,
    stack: StackName = DEFAULT_STACK,
    yes: Yes = False,
    as_json: Json = False,
) -> None:
    """Set a secret. Asks for the value without echo, and refuses one that cannot work.

    A list gets a new first entry, and keeps the old ones until --remove-old. Credentials are tried
    against the service first. The former value stays as the previous one.
    """
    found = Stack.read(stack, Aws())
    stored = read_secret(found, name)
    tried: str | None = None
    if remove_old or remove_unusable:
        if file is not None:
            raise typer.BadParameter("--file has no meaning when entries are removed")
        change = plan_removal(name, choose_list(name, field), stored, unusable=not remove_old)
        if remove_old and change.kind != "none" and not untried:
            tried = prove_first(found, name, change.fields[0], stored)
    else:
        fields = choose_fields(found, name, field, stored)
        values = ask_values(fields) if file is None else read_values(file, fields)
        change = plan_values(name, values, stored)
        if name in CREDENTIALS and change.kind != "none" and not untried:
            tried = try_before(found, name, change.value)
    _store(found, name, stored, change, yes=yes)
    if as_json:
        print_json_output(
            SecretSetOutput(
                secret=secret_id(found, name),
                fields=change.fields,
                change=change.kind,
                removed=change.removed,
                tried=tried,
            )
        )
        return
    _report(found, name, change, tried, has_previous=bool(stored.version))


@secret.command("check")
@example("gridwix secret check --stack prod")
@with_aws_options
def check(
    name: Annotated[
        SecretName | None, typer.Argument(metavar="[NAME]", help="Only this secret.")
    ] = None,
    stack: StackName = DEFAULT_STACK,
    as_json: Json = False,
) -> None:
    """Check the form of secrets: each field, and each entry of a field that is a list.

    Entries are shown by their position in the list. Shows no value, and calls no service. Exit code
    1 if a value cannot be used.
    """
    found = Stack.read(stack, Aws())
    stored = {one: read_secret(found, one) for one in ([name] if name else SecretName)}
    verdicts = {one: _verdicts(one, secret) for one, secret in stored.items() if secret.version}
    empty = tuple(secret_id(found, one) for one, secret in stored.items() if not secret.version)
    if as_json:
        print_json_output(
            SecretCheckOutput(
                verdicts=tuple(
                    SecretVerdict(
                        secret=secret_id(found, one),
                        field=each.field or None,
                        place=each.place or None,
                        fault=each.fault or None,
                    )
                    for one, said in verdicts.items()
                    for each in said
                ),
                empty=empty,
            )
        )
    else:
        _print_verdicts(found, verdicts, empty)
    if any(each.fault for said in verdicts.values() for each in said):
        raise typer.Exit(1)


@secret.command("restore")
@example("gridwix secret restore wix/credentials --stack prod")
@with_aws_options
def restore(
    name: Name,
    stack: StackName = DEFAULT_STACK,
    yes: Yes = False,
    as_json: Json = False,
) -> None:
    """Go back to the previous value of a secret. Running it again returns to the newer value."""
    found = Stack.read(stack, Aws())
    # Read before the question: what is agreed to is the previous value of now.
    versions = read_versions(found, name)
    confirm_change(f"Use the previous value of {secret_id(found, name)} again?", yes=yes)
    restore_secret(found, name, versions)
    if as_json:
        print_json_output(SecretRestoreOutput(secret=secret_id(found, name)))
    else:
        print_result(f"The previous value of {secret_id(found, name)} is in use again")


def choose_list(name: SecretName, given: Sequence[str] | None) -> str:
    """Return the field of a secret that is a list of keys or tokens.

    It is the given field, or the only list. Raises typer.BadParameter if the secret has no such
    list, or if it has several and none is given.
    """
    lists = [field for field, form in FIELDS[name].items() if form.is_list]
    if not lists:
        raise typer.BadParameter(f"{name} has no list of entries")
    chosen = list(given or (lists if len(lists) == 1 else ()))
    if len(chosen) != 1 or chosen[0] not in lists:
        raise typer.BadParameter(f"give one --field: {' or '.join(lists)}")
    return chosen[0]


def choose_fields(
    stack: Stack, name: SecretName, given: Sequence[str] | None, stored: StoredSecret
) -> Sequence[str]:
    """Return the fields of a secret to set: the given ones, or else those that the stack needs.

    Raises typer.BadParameter if the secret has no such field.
    """
    known = FIELDS[name]
    if unknown := [one for one in given or () if one not in known]:
        raise typer.BadParameter(
            f"{name} has no field {', '.join(unknown)}; there are {', '.join(known)}"
        )
    if given:
        return tuple(dict.fromkeys(given))
    if any(form.is_list for form in known.values()):
        return (choose_list(name, given),)
    if name is SecretName.WIX_CREDENTIALS:
        is_app = "apiKey" not in stored.value and "appId" in stored.value
        return ("appId", "appSecret", "instanceId") if is_app else ("apiKey",)
    if name is SecretName.WIX_AUTOMATION:
        return ("emailUrl",)
    mode = stack.settings("StatusPublisherFunctionName", ClientSettings).trading_grid_auth_mode
    return ("token",) if mode == "static-bearer" else ("consumerKey", "consumerSecret")


def plan_values(name: SecretName, values: Mapping[str, str], stored: StoredSecret) -> Change:
    """Return the change that sets fields of a secret. Other fields stay as they are.

    A field that is a list gets the value as its new first entry. Raises OpsError for a value that
    cannot be used.
    """
    forms = {field: FIELDS[name][field] for field in values}
    faults = [
        f"{field} {fault}"
        for field, form in forms.items()
        if (fault := new_value_fault(form, values[field]))
    ]
    if faults:
        raise OpsError(f"nothing was stored: {'; '.join(faults)}", "give another value")
    new = dict(stored.value)
    for field, form in forms.items():
        new[field] = (
            add_entry(stored.entries(field), values[field]) if form.is_list else values[field]
        )
    fields = tuple(field for field in values if new[field] != stored.value.get(field))
    if not fields:
        return Change(stored.value, (), "none", "")
    if any(forms[field].is_list for field in fields):
        kept = sum(len(stored.entries(field)) for field in fields)
        question = f"Store the first entry of {' and '.join(fields)}"
        question += f", and keep the {kept} that are there?" if kept else "?"
        return Change(new, fields, "added", question)
    kept_value = " The former value is kept." if stored.version else ""
    return Change(new, fields, "set", f"Set {', '.join(fields)}?{kept_value}")


def plan_removal(name: SecretName, field: str, stored: StoredSecret, *, unusable: bool) -> Change:
    """Return the change that removes entries of a list in a secret.

    Args:
        name: The secret.
        field: The field of the secret that is the list.
        stored: The stored value of the secret.
        unusable: True removes the entries that cannot be used or repeat another entry. False
            removes all entries but the first that can be used.

    Raises OpsError if no entry that can be used would be left.
    """
    entries = stored.entries(field)
    usable = usable_places(FIELDS[name][field], entries)
    if not usable:
        raise OpsError(
            f"no entry of {field} can be used, and one has to stay",
            "add one first, with the same command without --remove-old and --remove-unusable",
        )
    kept = usable if unusable else usable[:1]
    removed = len(entries) - len(kept)
    if not removed:
        return Change(stored.value, (), "none", "")
    value = {**stored.value, field: [entries[place - 1] for place in kept]}
    which = "each that cannot be used or repeats another" if unusable else "all but the first"
    question = f"Remove {removed} of {len(entries)} entries of {field}, {which}?"
    return Change(value, (field,), "removed", question, removed)


def try_before(stack: Stack, name: SecretName, value: Mapping[str, Any]) -> str:
    """Try credentials at the real service; return a text on what they can do there.

    Raises OpsError if they fail or could not be tried. Nothing was stored.
    """
    try:
        with show_spinner("Trying the credentials"):
            return try_credentials(stack, name, value)
    except NotAccepted as error:
        raise OpsError(f"nothing was stored: {error.fault}", error.remedy) from None
    except Unproved as error:
        raise OpsError(
            f"nothing was stored: {error.fault}",
            f"{error.remedy}. --untried stores it all the same",
        ) from None


def prove_first(stack: Stack, name: SecretName, field: str, stored: StoredSecret) -> str:
    """Check that the first entry of a list in a secret works, and that no other entry is used.

    If so, the caller may remove the other entries. The evidence is in the metrics of received
    signatures; for the secret that signs requests to the site, the site has to accept the entry,
    too.

    Returns:
        A sentence for the user with the evidence.

    Raises:
        OpsError: An old entry is still used, or it is not known that the first one works.
    """
    now, entries = time.time(), stored.entries(field)
    places = usable_places(FIELDS[name][field], entries)
    try:
        uses = read_uses(stack, name, field, places, now)
        stored_at = max(stored.stored_at, read_change_time(stack, name))
        check_replaced(uses, stored_at=stored_at, now=now)
        if field == "signingSecrets" and is_rung(stack):
            _check_site(stack, entries[places[0] - 1])
    except (NotAccepted, Unproved) as error:
        raise OpsError(
            f"nothing was removed: {error.fault}",
            f"{error.remedy}. --untried removes the old ones all the same",
        ) from None
    return "requests that the first entry has signed were received"


def _check_site(stack: Stack, signing_secret: str) -> None:
    """Check that the Wix site accepts a request that is signed with this secret alone.

    The request goes to the site's ring function, which tells open portal pages to read their data
    again. It is a test request, for which the function notifies no page. Raises Unproved if the
    site does not accept it.
    """
    url = str(stack.settings(RINGER, RingerSettings).portal_ring_url)
    with ring_client() as http:
        try:
            RingFunction(http, url, lambda: {"signingSecrets": [signing_secret]}).check()
        except GridwixError as error:
            raise Unproved(
                f"the site does not accept what the new one signs ({error.code})",
                "set its secret gridwix-signing-secret to it",
            ) from None


def _store(
    stack: Stack, name: SecretName, stored: StoredSecret, change: Change, *, yes: bool
) -> None:
    if change.kind == "none":
        return
    if not stored.is_readable:
        print_note(("The stored value is no JSON object, and is replaced.", "yellow"))
    confirm_change(f"{secret_id(stack, name)}: {change.question}", yes=yes)
    store_secret(stack, name, stored, change.value)


def _report(
    stack: Stack, name: SecretName, change: Change, tried: str | None, *, has_previous: bool
) -> None:
    shown = secret_id(stack, name)
    if change.kind == "none":
        print_result(f"{shown} is so already: nothing was changed")
        return
    if tried:
        print_note((tried, "dim"))
    print_result(f"{shown}: stored. The functions use it within five minutes")
    if change.kind == "added":
        print_note(NEXT_STEPS[change.fields[0]])
        if len(change.value[change.fields[0]]) > 1:
            print_note(
                "When its sender uses it, end the old ones: gridwix secret set"
                f" {name} --field {change.fields[0]} --remove-old --stack {stack.name}"
            )
    elif change.kind == "set" and has_previous:
        print_note(f"To go back: gridwix secret restore {name} --stack {stack.name}")


def _verdicts(name: SecretName, stored: StoredSecret) -> Sequence[Verdict]:
    if not stored.is_readable:
        return [Verdict("", fault="is no JSON object, perhaps the bare key")]
    return judge_secret(name, stored.value)


def _print_verdicts(
    stack: Stack, verdicts: Mapping[SecretName, Sequence[Verdict]], empty: Sequence[str]
) -> None:
    table = Table("Secret", "Field", "Form")
    for name, said in verdicts.items():
        for each in said:
            table.add_row(
                secret_id(stack, name),
                each.where,
                each.fault or "can be used",
                style="red" if each.fault else None,
            )
    for one in empty:
        table.add_row(one, "", "has no value")
    console.print(table)
    if empty or any(each.fault for said in verdicts.values() for each in said):
        print_note(
            f"To set one: gridwix secret set NAME --stack {stack.name}. To remove entries of a list"
            " that cannot be used: --field FIELD --remove-unusable"
        )
