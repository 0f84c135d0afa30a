"""Checks that each secret that functions use has a value in the right format. Shows no value."""

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any

from gridwix.errors import ConfigurationError
from gridwix.mapping.secret_entries import entry_faults, read_signing_key
from gridwix.wix_webhook.signatures import read_public_key
from ops.causes import TRADING_GRID, WIX, credentials_capability
from ops.probes import Probe
from ops.secrets.forms import ENTRY_FAULTS
from ops.stack import Stack

type Environment = Mapping[str, str]
type Members = Sequence[str]

CREDENTIALS: Mapping[str, Sequence[Members]] = {
    "apigrid": [("consumerKey", "consumerSecret")],
    "static-bearer": [("token",)],
}
"""Members that the secret for Trading Grid can have, by authentication mode: one group is
needed.
"""

WIX_CREDENTIALS: Sequence[Members] = [("apiKey",), ("appId", "appSecret", "instanceId")]

SECRET_ARN = re.compile(r"arn:.*:secret:(?P<name>.+?)(-[A-Za-z0-9]{6})?")
"""An ARN of Secrets Manager: it ends with six random characters."""

LISTS: Mapping[str, Callable[[object], object]] = {
    "publicKeys": read_public_key,
    "signingSecrets": read_signing_key,
    "secrets": read_signing_key,
}
"""Members of secrets that are lists, each with the function that reads an entry."""

LONGEST_SHOWN = 80
"""Maximum number of characters shown of a secret's name."""


def secret_probes(
    stack: Stack, environments: Mapping[str, Environment], *, mails: bool
) -> list[Probe]:
    """Return one probe for each secret that the functions use: it checks the secret's format.

    Args:
        stack: The deployed stack.
        environments: Environment variables of each function.
        mails: True if an active campaign sends emails. The functions then need the secret with the
            URL of the Wix automation that sends them.
    """
    # A doorbell webhook is unsigned: it needs no secret.
    signed = any(
        environment.get("TRADING_GRID_WEBHOOK_MODE") != "doorbell"
        for environment in environments.values()
        if "TRADING_GRID_WEBHOOK_MODE" in environment
    )
    # With a Wix app, Wix signs webhooks itself, so its public key is needed.
    app = any(
        environment.get("WIX_INSTANCE_ID", "none") != "none"
        for environment in environments.values()
    )
    rung = any(environment.get("PORTAL_RING_URL") for environment in environments.values())
    hooks = [("publicKeys",)] if app else [("signingSecrets",)]
    wanted: list[tuple[str, str, Sequence[Members]]] = [
        ("secret of the webhooks of Wix", "WIX_WEBHOOK_SECRET", hooks)
    ]
    if rung:
        wanted.append(
            ("secret of the rings of the portal", "WIX_WEBHOOK_SECRET", [("signingSecrets",)])
        )
    if signed:
        variable = "TRADING_GRID_WEBHOOK_SECRET"
        wanted.append(("secret of the webhooks of Trading Grid", variable, [("secrets",)]))
    if mails:
        wanted.append(("secret of the mail automation", "WIX_AUTOMATION_SECRET", [("emailUrl",)]))
    modes = {
        environment.get("TRADING_GRID_AUTH_MODE", "apigrid")
        for environment in environments.values()
        if environment.get("TRADING_GRID_CREDENTIALS_SECRET")
    }
    for mode in sorted(modes & CREDENTIALS.keys()):
        capability = credentials_capability(TRADING_GRID)
        wanted.append((capability, "TRADING_GRID_CREDENTIALS_SECRET", CREDENTIALS[mode]))
    if any(environment.get("WIX_CREDENTIALS_SECRET") for environment in environments.values()):
        wanted.append((credentials_capability(WIX), "WIX_CREDENTIALS_SECRET", WIX_CREDENTIALS))

    def state(variable: str, groups: Sequence[Members]) -> str:
        named = sorted(
            {
                environment[variable]
                for environment in environments.values()
                if environment.get(variable)
            }
        )
        if not named:
            raise ConfigurationError(
                "is set for no function", setting=variable, remedy="deploy the stack again"
            )
        return " ".join(check_secret(stack, name, groups) for name in named)

    return [("Stack", what, partial(state, variable, groups)) for what, variable, groups in wanted]


def check_secret(stack: Stack, name: str, groups: Sequence[Members]) -> str:
    """Check a secret, and return a text with the names of its fields. Shows no part of its value.

    Args:
        stack: The deployed stack.
        name: Name or ARN of the secret.
        groups: Groups of fields; the secret needs all fields of one group.

    Raises:
        ConfigurationError: The secret has no value, is no JSON object, or lacks a field. Or one of
            its texts begins or ends with a space or a line break, or an entry of a list cannot be
            used.
    """
    shown = secret_name(name)
    remedy = f"{_set_command(stack, shown, groups[0])} asks for it; its form is {_form(groups[0])}"
    client = stack.aws.secrets
    try:
        text = client.get_secret_value(SecretId=name).get("SecretString", "")
    except client.exceptions.ResourceNotFoundException:
        raise ConfigurationError("has no value", secret=shown, remedy=remedy) from None
    value = _parse_json(text)
    if value is None:
        raise ConfigurationError(
            "is no JSON object, perhaps the bare key", secret=shown, remedy=remedy
        )
    group = next((one for one in groups if all(_has(value, member) for member in one)), None)
    if group is None:
        lacking = [member for member in groups[0] if not _has(value, member)]
        raise ConfigurationError(
            f"has no {', '.join(lacking)}",
            secret=shown,
            remedy=f"add it with {_set_command(stack, shown, lacking)}",
        )
    if untrimmed := [member for member, text in _texts(value) if text != text.strip()]:
        raise ConfigurationError(
            "has a line break or a space at the beginning or the end of"
            f" {', '.join(dict.fromkeys(untrimmed))}, which came with a paste or from echo",
            secret=shown,
            remedy="store it without",
        )
    if unusable := _unusable_entries(value, group):
        raise ConfigurationError(
            f"has entries that cannot be used, and are skipped ({'; '.join(unusable)})",
            secret=shown,
            remedy="docs/runbook.md#entries-of-a-secret says what to do",
        )
    return f"has {', '.join(group)}"


def _set_command(stack: Stack, shown: str, members: Members) -> str:
    """Return the ``gridwix secret set`` command that sets fields (``members``) of a secret.

    ``shown`` is the full name of the secret. The command names the fields, because a secret can
    have several lists of keys, and the command changes only a list that is named.
    """
    fields = " ".join(f"--field {member}" for member in members)
    name = shown.removeprefix(f"{stack.name}/")
    return f"`gridwix secret set {name} {fields} --stack {stack.name}`"


def _unusable_entries(value: Mapping[str, Any], members: Members) -> list[str]:
    """Return a text for each entry of the secret's lists that cannot be used: field, place, why."""
    return [
        f"{member}, place {place}, {ENTRY_FAULTS[fault]}"
        for member in members
        if member in LISTS
        for place, fault in entry_faults(
            value[member] if isinstance(value[member], list) else [None], LISTS[member]
        ).items()
    ]


def secret_members(stack: Stack, name: str) -> frozenset[str]:
    """Return the names of a secret's fields; none if it has no value, or is no JSON object.

    Raises botocore's errors.
    """
    client = stack.aws.secrets
    try:
        text = client.get_secret_value(SecretId=name).get("SecretString", "")
    except client.exceptions.ResourceNotFoundException:
        return frozenset()
    return frozenset(_parse_json(text) or ())


def secret_name(name: str) -> str:
    """Return the name of a secret from its ARN, at most ``LONGEST_SHOWN`` characters of it.

    >>> secret_name("arn:aws:secretsmanager:eu-west-1:1:secret:gridwix/wix/webhook-a1B2c3")
    'gridwix/wix/webhook'
    """
    found = SECRET_ARN.fullmatch(name)
    plain = found["name"] if found else name
    return plain if len(plain) <= LONGEST_SHOWN else f"{plain[: LONGEST_SHOWN - 1]}…"


def _parse_json(text: str) -> dict[str, Any] | None:
    # The parser's error carries the text, so it must not become the context of another.
    try:
        value = json.loads(text)
    except ValueError:
        return None
    return value if isinstance(value, dict) else None


def _has(value: Mapping[str, Any], member: str) -> bool:
    return bool(value.get(member))


def _texts(value: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield each text in a secret with the name of its field.

    PEM keys are left out: they may end with a line break.
    """
    for member, content in value.items():
        for one in content if isinstance(content, list) else [content]:
            if isinstance(one, str) and not one.lstrip().startswith("-----BEGIN"):
                yield member, one


def _form(members: Members) -> str:
    """Return a template for the JSON of a secret, to be shown in the advice of an error message.

    A field is a list in the template if it is a list of keys in the secret (``LISTS``).

    >>> _form(["apiKey"]), _form(["secrets"])
    ('{"apiKey": "..."}', '{"secrets": ["..."]}')
    """
    return json.dumps({member: ["..."] if member in LISTS else "..." for member in members})
