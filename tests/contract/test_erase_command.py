"""``gridwix erase`` over moto's AWS and the Wix emulator."""

import contextlib
import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator
from typer.testing import CliRunner, Result

from gridwix.models.ids import WixItemId
from gridwix.models.portal.collection_ids import PARTNER_LINKS
from ops import queues
from ops.cli import app
from ops.commands import erase as module
from ops.connections import Connections
from ops.errors import OpsError
from ops.paths import ROOT
from ops.stack import Stack
from tests.contract.erasure_world import DANA, ERIK, PARTNER, World, a_world, needles
from tests.personal_data import search

type Run = Callable[..., Result]


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    monkeypatch.setattr(queues, "LONG_POLL", 0)
    monkeypatch.setattr(queues, "EMPTY_RECEIVES", 1)
    with a_world(tmp_path) as built:
        yield built


@pytest.fixture
def run(world: World, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run the command against the world; standard input is no terminal."""

    @contextlib.contextmanager
    def connect(_: Stack) -> Iterator[Connections]:
        yield world.connections

    monkeypatch.setattr(Stack, "read", lambda _name, _aws: world.stack)
    monkeypatch.setattr(module, "connect", connect)
    return lambda *arguments: CliRunner().invoke(app, ["erase", *arguments])


def is_linked(world: World) -> bool:
    return world.wix.get_item(PARTNER_LINKS, WixItemId(f"link-{DANA.member}")) is not None


def test_without_an_answer_nothing_is_removed(world: World, run: Run) -> None:
    done = run("--person", DANA.email)

    assert done.exit_code == 2
    assert is_linked(world)


@pytest.mark.parametrize(
    ("who", "of"), [(["--person", DANA.email], "person"), (["--partner", PARTNER], "partner")]
)
def test_json_is_of_the_documented_shape(world: World, run: Run, who: list[str], of: str) -> None:
    schema = json.loads((ROOT / "docs/command/erase.schema.json").read_text())

    documents = [
        json.loads(run(*who, *options, "--json").stdout) for options in (["--dry-run"], ["--yes"])
    ]

    for document in documents:
        Draft202012Validator(schema).validate(document)
    assert [one["outcome"] for one in documents] == ["dry_run", "erased"]
    assert [one["of"] for one in documents] == [of, of]
    assert not is_linked(world)


def test_output_has_what_was_removed_and_what_stays_and_nobody_else(world: World, run: Run) -> None:
    done = run("--person", DANA.member, "--yes")

    assert done.exit_code == 0, done.output
    for text in ("Wix PartnerLinks", "SubmissionTable", "Stays in", "event archive", "UTC"):
        assert text in done.output
    assert not search({"output": done.output.encode()}, [*needles(world, ERIK), DANA.name])


def test_dry_run_asks_nothing_and_removes_nothing(world: World, run: Run) -> None:
    done = run("--person", DANA.member, "--dry-run")

    assert done.exit_code == 0, done.output
    assert is_linked(world)


def test_unknown_person_is_told_to_be_looked_for_by_its_member(run: Run) -> None:
    done = run("--person", "nobody@prairie.example", "--yes")

    assert done.exit_code == 0, done.output
    assert "Nothing to remove was found" in done.output
    assert "no member with this email address" in done.output


@pytest.mark.parametrize(
    "who", [[], ["--partner", " "], ["--person", "a@b.example", "--partner", "GC1"]]
)
def test_person_and_partner_exclude_each_other(run: Run, who: list[str]) -> None:
    assert run(*who).exit_code == 2


def test_anything_but_an_address_or_an_id_is_refused(run: Run) -> None:
    done = run("--person", "Dana")

    assert isinstance(done.exception, OpsError)
    assert "GUID" in str(done.exception)


def test_store_that_fails_is_named_and_the_command_fails(world: World, run: Run) -> None:
    world.site.fault("status", "/wix-data/v2/bulk/items/remove", status=403)

    done = run("--person", DANA.email, "--yes")

    assert isinstance(done.exception, OpsError)
    assert "run the command again" in str(done.exception)
    assert "forbidden" in done.output
    assert "not reached" in done.output
    again = run("--person", DANA.email, "--yes")
    assert again.exit_code == 0, again.output
    assert not is_linked(world)
