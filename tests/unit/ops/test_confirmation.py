"""What changes something asks first: in a terminal, and never in a script without ``--yes``."""

import contextlib
from collections.abc import Iterator, Sequence
from types import SimpleNamespace
from typing import Any, Never, cast

import pytest
import typer
from botocore.exceptions import ClientError
from typer.testing import CliRunner

from gridwix.models.portal.collection_ids import PARTNER_STATUS
from ops import confirmation
from ops.aws import Aws
from ops.cli import app
from ops.confirmation import confirm_change
from ops.stack import Stack

PARTNER, MEMBER = "GC070000000101", "0a1b2c3d-0000-4000-8000-000000000001"

CHANGES: Sequence[Sequence[str]] = (
    ["setup"],
    ["setup", "--reconcile"],
    ["redrive", "status-publisher"],
    ["replay", "--since", "2026-11-24"],
    ["resync"],
    ["reconcile"],
    ["reconcile", "--accept-shrink"],
    ["submissions", "--release", "s-1"],
    ["campaign", "failed", "--retry", "d-1"],
    ["invite", PARTNER, "--role", "edi"],
    ["link", MEMBER, PARTNER, "--role", "edi"],
    ["unlink", MEMBER],
    ["unlink", MEMBER, PARTNER],
)
"""Command lines that change something. Further ones are in the tests of their commands: ``pause``
and ``resume``, ``source apply``, ``config apply`` and ``rollback``, ``desk``, and ``test-alarm``.
"""


class Touched(BaseException):
    """AWS or Wix was called. No command catches it."""


class Untouchable:
    """AWS, or Wix, which knows every partner. All other calls raise Touched."""

    exceptions = SimpleNamespace(ConditionalCheckFailedException=ClientError)

    def __getattr__(self, name: str) -> "Untouchable":
        return self

    def __call__(self, *_: object, **__: object) -> Never:
        raise Touched

    def items_where(self, collection: str, *_: object) -> Sequence[str]:
        if collection != PARTNER_STATUS:
            raise Touched
        return ["the partner's row"]


@pytest.fixture(autouse=True)
def stack(monkeypatch: pytest.MonkeyPatch) -> None:
    """A stack of which only the outputs are known."""
    names = "StatusPublisherQueueUrl StatusPublisherDeadLetterQueueUrl ReconcilerQueueUrl"
    names += " TradingGridFeedQueueUrl CursorTableName DispatchTableName SubmissionTableName"
    names += " BusArchiveArn BusArn ReportBucketName JournalTableName"
    outputs = dict.fromkeys(names.split(), "something")
    found = Stack("gridwix", outputs, cast("Aws", Untouchable()))
    monkeypatch.setattr(Stack, "read", lambda *_: found)

    @contextlib.contextmanager
    def connected(_: object) -> Iterator[Any]:
        yield SimpleNamespace(wix=Untouchable(), site=Untouchable())

    monkeypatch.setattr("ops.commands.members.connect", connected)


@pytest.mark.parametrize("arguments", CHANGES, ids=" ".join)
def test_a_change_in_a_script_without_yes_ends_with_2_and_a_sentence(
    arguments: Sequence[str],
) -> None:
    result = CliRunner().invoke(app, arguments)

    assert (result.exit_code, result.stdout) == (2, ""), result.exception
    (line,) = result.stderr.splitlines()
    assert "? Nothing was changed: " in line
    assert line.endswith("--yes")


@pytest.mark.parametrize("arguments", CHANGES, ids=" ".join)
def test_a_change_in_a_terminal_is_not_made_after_a_no(
    arguments: Sequence[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(confirmation, "has_terminal", lambda: True)

    result = CliRunner().invoke(app, arguments, input="\n")

    assert (result.exit_code, result.stdout.strip()) == (1, ""), result.exception
    assert "? [y/N]" in result.stderr


@pytest.mark.parametrize("arguments", CHANGES, ids=" ".join)
def test_a_change_with_yes_is_made_without_a_question(
    arguments: Sequence[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(confirmation, "has_terminal", lambda: pytest.fail("asked"))

    with pytest.raises(Touched):
        CliRunner().invoke(app, [*arguments, "--yes"], catch_exceptions=False)


def test_a_yes_in_a_terminal_agrees(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(confirmation, "has_terminal", lambda: True)
    asked = typer.Typer()

    @asked.command()
    def change() -> None:
        confirm_change("Change it?", yes=False)
        typer.echo("changed")

    answers = {answer: CliRunner().invoke(asked, input=answer) for answer in ("y\n", "n\n", "\n")}

    assert {answer: "changed" in one.stdout for answer, one in answers.items()} == {
        "y\n": True,
        "n\n": False,
        "\n": False,
    }


def test_a_pipe_is_no_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", None)

    assert not confirmation.has_terminal()
