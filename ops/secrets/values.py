"""Reads and stores the values of a stack's secrets. A value is never shown.

Secrets Manager labels the value in use ``AWSCURRENT`` and the one before ``AWSPREVIOUS``, and moves
both labels with one call. So the former value is there until the next one is stored.
"""

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ops.errors import OpsError
from ops.secrets.forms import SecretName
from ops.stack import Stack

CURRENT, PREVIOUS = "AWSCURRENT", "AWSPREVIOUS"


@dataclass(frozen=True, slots=True)
class StoredSecret:
    """The value of a secret in use; {} if it has none, or is no JSON object.

    ``version`` is its id, "" without a value. ``stored_at`` is in Unix seconds.
    """

    value: Mapping[str, Any] = field(repr=False)
    version: str = ""
    stored_at: float = 0.0
    is_readable: bool = True

    def entries(self, name: str) -> list[Any]:
        """Return the entries of a list, none if the field is no list."""
        found = self.value.get(name)
        return list(found) if isinstance(found, list) else []


def secret_id(stack: Stack, name: SecretName) -> str:
    """Return the full name of a secret."""
    return f"{stack.name}/{name}"


def read_secret(stack: Stack, name: SecretName) -> StoredSecret:
    """Return the value of a secret in use. Raises botocore's errors."""
    client = stack.aws.secrets
    try:
        answer = client.get_secret_value(SecretId=secret_id(stack, name))
    except client.exceptions.ResourceNotFoundException:
        return StoredSecret({})
    value = _parse_object(answer.get("SecretString", ""))
    created = answer.get("CreatedDate")
    return StoredSecret(
        value or {},
        answer.get("VersionId", ""),
        created.timestamp() if created is not None else time.time(),
        is_readable=value is not None,
    )


def store_secret(
    stack: Stack, name: SecretName, before: StoredSecret, value: Mapping[str, Any]
) -> None:
    """Store a value. The one before stays, as the previous one.

    Raises:
        OpsError: Somebody else has stored one since ``before`` was read, or there is no secret.
        botocore's errors.
    """
    if read_secret(stack, name).version != before.version:
        raise OpsError("somebody else has stored this secret meanwhile", "run the command again")
    client = stack.aws.secrets
    try:
        client.put_secret_value(SecretId=secret_id(stack, name), SecretString=json.dumps(value))
    except client.exceptions.ResourceNotFoundException:
        raise OpsError(
            f"the stack {stack.name} has no secret {secret_id(stack, name)}",
            "deploy the stack again",
        ) from None


def restore_secret(stack: Stack, name: SecretName) -> None:
    """Make the previous value the one in use; the one in use becomes the previous one.

    Raises:
        OpsError: There is no previous value.
        botocore's errors.
    """
    client, identifier = stack.aws.secrets, secret_id(stack, name)
    labels = client.describe_secret(SecretId=identifier).get("VersionIdsToStages", {})
    current = next((one for one, has in labels.items() if CURRENT in has), None)
    previous = next((one for one, has in labels.items() if PREVIOUS in has), None)
    if current is None or previous is None:
        raise OpsError(
            f"the secret {identifier} has no previous value",
            f"`gridwix secret set {name}` sets a new one",
        )
    client.update_secret_version_stage(
        SecretId=identifier,
        VersionStage=CURRENT,
        RemoveFromVersionId=current,
        MoveToVersionId=previous,
    )


def _parse_object(text: str) -> Mapping[str, Any] | None:
    # The parser's error carries the text, so it must not become the context of another.
    try:
        value = json.loads(text)
    except ValueError:
        return None
    return value if isinstance(value, dict) else None
