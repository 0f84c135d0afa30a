"""Reads and stores the values of a stack's secrets. A value is never shown.

Secrets Manager labels the value in use ``AWSCURRENT`` and the one before ``AWSPREVIOUS``, and moves
both labels with one call. So the former value is there until the next one is stored.

Two people may change a secret at once. A put has no condition, but a label is moved only from the
version that has it: a compare and swap. So a new value is put without ``AWSCURRENT``, which is then
moved from the version that the command has read:
https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_UpdateSecretVersionStage.html.
"""

import contextlib
import json
import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from ops.errors import OpsError
from ops.secrets.forms import SecretName
from ops.stack import Stack

CURRENT, PREVIOUS = "AWSCURRENT", "AWSPREVIOUS"

UNUSED = "gridwix-unused"
"""Staging label of a stored version of a secret until it gets ``AWSCURRENT``."""


class ChangedMeanwhile(OpsError):
    """Another user has changed the secret since the command read it. That user's change stays."""


@dataclass(frozen=True, slots=True)
class StoredSecret:
    """The value of a secret that is in use.

    ``value`` is {} if the secret has no value, or one that is no JSON object; ``is_readable`` is
    False for the latter. ``version`` is the id of the version, "" without a value. ``stored_at`` is
    in Unix seconds.
    """

    value: Mapping[str, Any] = field(repr=False)
    version: str = ""
    stored_at: float = 0.0
    is_readable: bool = True

    def entries(self, name: str) -> list[Any]:
        """Return the entries of a field that is a list; empty without such a field."""
        found = self.value.get(name)
        return list(found) if isinstance(found, list) else []


def secret_id(stack: Stack, name: SecretName) -> str:
    """Return the full name of a stack's secret in Secrets Manager."""
    return f"{stack.name}/{name}"


def read_secret(stack: Stack, name: SecretName) -> StoredSecret:
    """Return the value of a secret that is in use. Raises botocore's errors."""
    client = stack.aws.secrets
    try:
        answer = client.get_secret_value(SecretId=secret_id(stack, name), VersionStage=CURRENT)
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


def read_change_time(stack: Stack, name: SecretName) -> float:
    """Return the time at which a secret's versions or their labels last changed (Unix seconds).

    For a restored value, this is later than the time at which the value was stored. Raises
    botocore's errors.
    """
    answer = stack.aws.secrets.describe_secret(SecretId=secret_id(stack, name))
    return answer["LastChangedDate"].timestamp()


def store_secret(
    stack: Stack, name: SecretName, before: StoredSecret, value: Mapping[str, Any]
) -> None:
    """Store a new value of a secret, unless another user has changed it (compare and swap).

    The former value becomes the previous one.

    Raises:
        ChangedMeanwhile: The value in use is no longer ``before``.
        OpsError: The stack has no such secret.
        botocore's errors.
    """
    client, identifier, version = stack.aws.secrets, secret_id(stack, name), str(uuid.uuid4())
    try:
        put = client.put_secret_value(
            SecretId=identifier,
            ClientRequestToken=version,
            SecretString=json.dumps(value),
            VersionStages=[UNUSED],
        )
    except client.exceptions.ResourceNotFoundException:
        raise OpsError(
            f"the stack {stack.name} has no secret {identifier}", "deploy the stack again"
        ) from None
    try:
        # AWS makes the first version of a secret the one in use by itself.
        if CURRENT not in put["VersionStages"] and not _use_version(
            stack, identifier, version, before.version
        ):
            raise ChangedMeanwhile(
                f"nothing was stored: somebody else has changed {identifier} since this command"
                " read it, and their value is in use",
                "ask who it was, and run the command again if yours is still needed: a list then"
                " gets your entry as well; another field is replaced, and their value becomes the"
                " previous one",
            )
    finally:
        # AWS deletes a version in time that has no label.
        with contextlib.suppress(ClientError, BotoCoreError):
            client.update_secret_version_stage(
                SecretId=identifier, VersionStage=UNUSED, RemoveFromVersionId=version
            )


@dataclass(frozen=True, slots=True)
class Versions:
    """The ids of two versions of a secret: the one in use and the previous one."""

    current: str
    previous: str


def read_versions(stack: Stack, name: SecretName) -> Versions:
    """Return the ids of two versions of a secret: the one in use, and the previous one.

    Raises:
        OpsError: The secret has no previous value.
        botocore's errors.
    """
    identifier = secret_id(stack, name)
    versions = _labelled_versions(stack, identifier)
    if CURRENT not in versions or PREVIOUS not in versions:
        raise OpsError(
            f"the secret {identifier} has no previous value",
            f"`gridwix secret set {name}` sets a new one",
        )
    return Versions(versions[CURRENT], versions[PREVIOUS])


def restore_secret(stack: Stack, name: SecretName, before: Versions) -> None:
    """Put the previous value of a secret into use again (compare and swap).

    The value in use becomes the previous one. ``before`` are the versions that the caller has read.

    Raises:
        ChangedMeanwhile: Another version is in use than ``before.current``.
        botocore's errors.
    """
    identifier = secret_id(stack, name)
    if not _use_version(stack, identifier, before.previous, before.current):
        raise ChangedMeanwhile(
            f"nothing was changed: somebody else has changed {identifier} since this command read"
            " it, and their value is in use",
            "ask who it was, and run the command again if the value before theirs is the right one",
        )


def _use_version(stack: Stack, identifier: str, version: str, instead_of: str) -> bool:
    """Put a version of a secret into use; return False if another user was faster.

    ``instead_of`` is the id of the version that has to be in use before the call, "" for none.
    """
    removed: Any = {"RemoveFromVersionId": instead_of} if instead_of else {}
    try:
        stack.aws.secrets.update_secret_version_stage(
            SecretId=identifier, VersionStage=CURRENT, MoveToVersionId=version, **removed
        )
    except ClientError:
        found = _labelled_versions(stack, identifier).get(CURRENT, "")
        if found == instead_of:
            raise
        # The answer to the first copy of a call that botocore has repeated may have been lost.
        return found == version
    return True


def _labelled_versions(stack: Stack, identifier: str) -> Mapping[str, str]:
    """Return the ids of a secret's versions by staging label."""
    labels = stack.aws.secrets.describe_secret(SecretId=identifier).get("VersionIdsToStages", {})
    return {label: version for version, has in labels.items() for label in has}


def _parse_object(text: str) -> Mapping[str, Any] | None:
    # The parser's error carries the text, so it must not become the context of another.
    try:
        value = json.loads(text)
    except ValueError:
        return None
    return value if isinstance(value, dict) else None
