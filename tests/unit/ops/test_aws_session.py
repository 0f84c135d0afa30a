"""A command speaks to the account and region that it was given."""

from pathlib import Path

import pytest
import typer
from botocore.exceptions import ProfileNotFound
from typer.testing import CliRunner

from ops.aws import Aws
from ops.aws_session import SessionChoice, chosen_session
from ops.commands.options import DEFAULT_STACK, StackName, with_aws_options

CONFIG = """
[profile audit]
region = eu-central-1
aws_access_key_id = AKIAAUDIT
aws_secret_access_key = audit
"""


@pytest.fixture
def seen(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> tuple[typer.Typer, list[str]]:
    """A command that notes the region and the access key with which it would call AWS."""
    (tmp_path / "config").write_text(CONFIG)
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAENVIRONMENT")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "environment")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    monkeypatch.delenv("AWS_PROFILE", raising=False)
    notes: list[str] = []
    app = typer.Typer()

    @app.command()
    @with_aws_options
    def look(stack: StackName = DEFAULT_STACK) -> None:
        client = Aws().sqs
        keys = client._request_signer._credentials  # type: ignore[attr-defined]
        notes.append(f"{stack} {client.meta.region_name} {keys.access_key}")

    return app, notes


@pytest.mark.parametrize(
    ("arguments", "called"),
    [
        ([], "gridwix us-east-1 AKIAENVIRONMENT"),
        (["--region", "eu-west-1"], "gridwix eu-west-1 AKIAENVIRONMENT"),
        # A profile that was named comes before keys of the environment, as in the AWS CLI.
        (["--profile", "audit", "--region", "eu-west-1"], "gridwix eu-west-1 AKIAAUDIT"),
        (["--profile", "audit", "--stack", "s"], "s us-east-1 AKIAAUDIT"),
    ],
)
def test_command_uses_the_profile_and_region_that_it_was_given(
    seen: tuple[typer.Typer, list[str]], arguments: list[str], called: str
) -> None:
    app, notes = seen

    assert CliRunner().invoke(app, arguments).exit_code == 0

    assert notes == [called]


def test_the_next_command_starts_without_the_choice_of_the_last(
    seen: tuple[typer.Typer, list[str]],
) -> None:
    app, notes = seen

    CliRunner().invoke(app, ["--region", "eu-west-1"])
    left = chosen_session()
    CliRunner().invoke(app, [])

    assert [note.split()[1] for note in notes] == ["eu-west-1", "us-east-1"]
    assert left == SessionChoice()


def test_unknown_profile_is_named(seen: tuple[typer.Typer, list[str]]) -> None:
    app, _ = seen

    result = CliRunner().invoke(app, ["--profile", "nobody"])

    assert isinstance(result.exception, ProfileNotFound)
    assert "nobody" in str(result.exception)
