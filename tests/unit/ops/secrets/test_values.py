"""Two people who change a secret at once: the second is told, and no value is lost.

Held over moto, and over the fake that the tests of the command use.
"""

import json
from collections.abc import Callable, Iterator
from itertools import count
from types import SimpleNamespace
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from moto import mock_aws

from ops.secrets.forms import SecretName
from ops.secrets.values import (
    CURRENT,
    PREVIOUS,
    UNUSED,
    ChangedMeanwhile,
    StoredSecret,
    read_secret,
    read_versions,
    restore_secret,
    store_secret,
)
from ops.stack import Stack
from tests.fakes.aws import REGION, OneAtATime
from tests.fakes.secrets_manager import FakeSecretsManager

NAME = SecretName.WIX_AUTOMATION
FORMER, FIRST, SECOND = ({"emailUrl": f"https://{one}.example"} for one in ("former", "1", "2"))
stack_numbers = count(1)


@pytest.fixture(scope="module")
def moto() -> Iterator[Any]:
    with mock_aws():
        yield boto3.client("secretsmanager", region_name=REGION)


@pytest.fixture(params=["fake", "moto"])
def stack(request: pytest.FixtureRequest) -> Stack:
    """A stack whose secret has no value yet."""
    name, client = f"stack-{next(stack_numbers)}", FakeSecretsManager()
    if request.param == "moto":
        client = request.getfixturevalue("moto")
        client.create_secret(Name=f"{name}/{NAME}")
    aws: Any = SimpleNamespace(secrets=OneAtATime(client))
    return Stack(name, {}, aws)


def value_with(stack: Stack, label: str) -> Any:
    """Return the value that has a label; None if no version has it."""
    secrets: Any = stack.aws.secrets
    try:
        answer = secrets.get_secret_value(SecretId=f"{stack.name}/{NAME}", VersionStage=label)
    except secrets.exceptions.ResourceNotFoundException:
        return None
    return json.loads(answer["SecretString"])


def store(stack: Stack, *values: Any) -> StoredSecret:
    """Store values, one after the other, and return the last one as it is read."""
    for value in values:
        store_secret(stack, NAME, read_secret(stack, NAME), value)
    return read_secret(stack, NAME)


def interrupt(stack: Stack, call: str, act: Callable[[], object]) -> None:
    """Let somebody else act before the next call of this method."""
    secrets: Any = stack.aws.secrets

    def before(name: str) -> None:
        if name == call:
            secrets.before_call = lambda _: None
            act()

    secrets.before_call = before


@pytest.mark.parametrize("call", ["put_secret_value", "update_secret_version_stage"])
def test_second_who_sets_a_secret_at_once_is_told_and_the_first_value_stays(
    stack: Stack, call: str
) -> None:
    seen = store(stack, FORMER)
    interrupt(stack, call, lambda: store(stack, FIRST))

    with pytest.raises(ChangedMeanwhile, match=r"somebody else .* run the command again"):
        store_secret(stack, NAME, seen, SECOND)

    assert read_secret(stack, NAME).value == FIRST
    assert value_with(stack, PREVIOUS) == FORMER
    assert value_with(stack, UNUSED) is None
    store(stack, SECOND)
    assert value_with(stack, PREVIOUS) == FIRST


def test_first_value_of_a_secret_is_given_once(stack: Stack) -> None:
    seen = read_secret(stack, NAME)
    store(stack, FIRST)

    with pytest.raises(ChangedMeanwhile):
        store_secret(stack, NAME, seen, SECOND)

    assert read_secret(stack, NAME).value == FIRST


def test_restore_is_refused_once_somebody_else_has_set_a_value(stack: Stack) -> None:
    store(stack, FORMER, FIRST)
    seen = read_versions(stack, NAME)
    store(stack, SECOND)

    with pytest.raises(ChangedMeanwhile, match=r"somebody else .* run the command again"):
        restore_secret(stack, NAME, seen)

    assert read_secret(stack, NAME).value == SECOND
    assert value_with(stack, PREVIOUS) == FIRST


def test_two_who_restore_a_value_at_once_both_get_it(stack: Stack) -> None:
    store(stack, FORMER, FIRST)
    seen = read_versions(stack, NAME)

    restore_secret(stack, NAME, seen)
    restore_secret(stack, NAME, seen)

    assert read_secret(stack, NAME).value == FORMER
    assert value_with(stack, PREVIOUS) == FIRST


def test_move_whose_first_answer_was_lost_has_stored_the_value(
    stack: Stack, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = store(stack, FORMER)
    secrets: Any = stack.aws.secrets
    move = secrets.update_secret_version_stage

    def move_twice(**call: Any) -> None:
        move(**call)
        if call["VersionStage"] == CURRENT:
            move(**call)

    monkeypatch.setattr(secrets, "update_secret_version_stage", move_twice, raising=False)
    store_secret(stack, NAME, seen, FIRST)

    assert read_secret(stack, NAME).value == FIRST


def test_error_of_aws_is_no_change_of_somebody_else(
    stack: Stack, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = store(stack, FORMER)
    secrets: Any = stack.aws.secrets

    def refuse(**_: Any) -> None:
        raise ClientError({"Error": {"Code": "AccessDeniedException"}}, "UpdateSecretVersionStage")

    monkeypatch.setattr(secrets, "update_secret_version_stage", refuse, raising=False)
    with pytest.raises(ClientError):
        store_secret(stack, NAME, seen, FIRST)

    assert read_secret(stack, NAME).value == FORMER
