"""``gridwix config``: check, diff, apply, versions and rollback, against moto's DynamoDB."""

import json
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from typer.testing import CliRunner, Result

from gridwix.clients.aws.configuration_versions import DynamoDBConfigurationVersions
from gridwix.clients.aws.items import encode_item
from gridwix.configuration.everything import Configuration
from gridwix.models.configuration_versions import (
    BUNDLED,
    ConfigurationPointer,
    configuration_digest,
)
from gridwix.runtime.build_report import bundled_version
from ops import confirmation
from ops.aws import Aws
from ops.cli import app
from ops.configuration import FOLDER, ConfigurationFault
from ops.configuration_versions import configuration_in_effect, previous_version
from ops.errors import OpsError
from ops.stack import Stack
from tests.fakes.aws import as_client, create_configuration_table, dynamodb

NOON = datetime(2026, 3, 12, 12, tzinfo=UTC)


class World:
    """A stack with a table of versions, and a copy of ``config/`` to edit."""

    def __init__(self, client: Any, folder: Path) -> None:
        self.client, self.table = client, create_configuration_table(client)
        self.store = DynamoDBConfigurationVersions(as_client(client), self.table)
        aws = cast(Aws, SimpleNamespace(dynamodb=client))
        self.stack = Stack("hub", {"ConfigurationTableName": self.table}, aws)
        self.folder = folder

    def edit(self, name: str, old: str, new: str) -> None:
        text = (self.folder / name).read_text()
        assert old in text
        (self.folder / name).write_text(text.replace(old, new, 1))

    def route_invoices_to(self, team: str) -> None:
        text = (FOLDER / "routing.yaml").read_text()
        (self.folder / "routing.yaml").write_text(
            text.replace("team: ap-disputes", f"team: {team}", 1)
        )

    def damage(self, version: str) -> None:
        self.client.delete_item(
            TableName=self.table, Key=encode_item({"part": "version", "entry": version})
        )

    def run(self, *arguments: str) -> Result:
        return CliRunner().invoke(app, ["config", *arguments, "--stack", "hub"])

    def apply(self, *options: str) -> Result:
        return self.run("apply", str(self.folder), *options)

    @property
    def version(self) -> str:
        return self.store.read_pointer().version

    @property
    def team(self) -> str:
        content = self.store.read_content(self.version)
        assert content is not None
        return Configuration.model_validate_json(content).routing.rules[0].team


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    with dynamodb() as client:
        found = World(client, Path(shutil.copytree(FOLDER, tmp_path / "config")))
        monkeypatch.setattr(Stack, "read", lambda *_: found.stack)
        monkeypatch.setattr("ops.commands.config.Aws", lambda: None)
        yield found


def said(result: Result) -> str:
    return " ".join(result.output.split())


def test_check_of_a_valid_folder_names_its_version(world: World) -> None:
    result = CliRunner().invoke(app, ["config", "check", str(world.folder)])

    assert result.exit_code == 0
    assert f"is valid: version {bundled_version()}" in said(result)


@pytest.mark.parametrize("command", ["check", "diff", "apply"])
def test_invalid_folder_is_refused_with_file_and_line_and_changes_nothing(
    world: World, command: str
) -> None:
    world.edit("routing.yaml", "team: ap-disputes", "team: nobody")
    options = {"check": [], "diff": ["--stack", "hub"], "apply": ["--stack", "hub", "--yes"]}

    result = CliRunner().invoke(app, ["config", command, str(world.folder), *options[command]])

    assert isinstance(result.exception, ConfigurationFault)
    assert "routing.yaml:" in str(result.exception)
    assert "there is no team nobody" in str(result.exception)
    assert world.store.read_pointer() == ConfigurationPointer()


def test_folder_that_does_not_exist_is_said_to_be_none(world: World) -> None:
    result = CliRunner().invoke(app, ["config", "check", str(world.folder / "none")])

    assert isinstance(result.exception, OpsError)
    assert "is no folder" in str(result.exception)


def test_diff_shows_the_settings_and_changes_nothing(world: World) -> None:
    unchanged = world.run("diff", str(world.folder))
    world.route_invoices_to("edi-support")
    differs = world.run("diff", str(world.folder))

    assert "No setting differs" in said(unchanged)
    assert '~ routing.rules.invoice.team: "ap-disputes" -> "edi-support"' in said(differs)
    assert "No published version is in effect" in said(differs)
    assert world.store.read_pointer() == ConfigurationPointer()


def test_diff_with_another_folder_asks_no_stack(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delattr(Stack, "read")
    world.route_invoices_to("edi-support")

    result = CliRunner().invoke(app, ["config", "diff", str(world.folder), "--with", str(FOLDER)])

    assert result.exit_code == 0
    assert '~ routing.rules.invoice.team: "ap-disputes" -> "edi-support"' in said(result)


def test_applied_folder_is_in_effect_and_listed_with_its_note(world: World) -> None:
    world.route_invoices_to("edi-support")

    result = world.apply("--yes", "--note", "invoices to EDI")
    listed = world.run("versions")

    assert (result.exit_code, world.team) == (0, "edi-support")
    assert '"ap-disputes" -> "edi-support"' in said(result)
    assert f"Version {world.version} is in effect" in said(result)
    assert f"{world.version} *" in said(listed)
    assert "invoices to EDI" in said(listed)


def test_folder_that_is_in_effect_already_is_not_applied_again(world: World) -> None:
    world.route_invoices_to("edi-support")
    world.apply("--yes")
    again = world.apply("--yes")

    assert "Nothing to apply" in said(again)
    assert world.store.read_pointer().revision == 1


def test_version_in_effect_that_is_damaged_is_stored_again(world: World) -> None:
    world.route_invoices_to("edi-support")
    world.apply("--yes")
    version = world.version
    world.damage(version)

    result = world.apply("--yes")

    assert f"Version {version} is in effect" in said(result)
    assert (world.team, world.store.read_pointer().revision) == ("edi-support", 2)


def test_folder_as_compiled_in_this_checkout_is_applied_if_nothing_is_published(
    world: World,
) -> None:
    # After the merge of a change the checkout has it compiled, and the deployed layer has not.
    result = world.apply("--yes")

    assert (result.exit_code, world.version) == (0, bundled_version())
    assert "What was deployed is not known here" in said(result)


@pytest.mark.parametrize(
    "content", [b'{"labels": {}}', b"{"], ids=["of another release", "damaged"]
)
def test_version_that_this_release_cannot_read_is_replaced_and_not_compared(
    world: World, content: bytes
) -> None:
    version = world.store.add_version(content)
    world.store.move_pointer(world.store.read_pointer(), version, "apply", NOON)

    compared = world.run("diff", str(world.folder))
    result = world.apply("--yes")

    assert "this one refuses it" in str(compared.exception)
    assert "the differences are not known" in said(result)
    assert (result.exit_code, world.version) == (0, bundled_version())


def test_apply_asks_first_and_in_a_script_changes_nothing(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.route_invoices_to("edi-support")
    unasked = world.apply()
    monkeypatch.setattr(confirmation, "has_terminal", lambda: True)
    refused = CliRunner().invoke(app, ["config", "apply", str(world.folder)], input="n\n")
    nothing = world.version
    agreed = CliRunner().invoke(app, ["config", "apply", str(world.folder)], input="y\n")

    assert (unasked.exit_code, refused.exit_code, nothing) == (2, 1, BUNDLED)
    assert "Repeat the command with --yes" in said(unasked)
    assert (agreed.exit_code, world.team) == (0, "edi-support")


def test_apply_with_json_shows_whoever_is_asked_the_differences_apart_from_the_document(
    world: World,
) -> None:
    world.route_invoices_to("edi-support")

    unasked = world.apply("--json")
    nothing = world.version
    agreed = world.apply("--json", "--yes")

    assert (unasked.exit_code, unasked.stdout, nothing) == (2, "", BUNDLED)
    assert '"ap-disputes" -> "edi-support"' in unasked.stderr
    assert json.loads(agreed.stdout)["version"] == world.version


def test_apply_with_json_over_a_version_that_cannot_be_read_does_not_know_the_differences(
    world: World,
) -> None:
    version = world.store.add_version(b"{")
    world.store.move_pointer(world.store.read_pointer(), version, "apply", NOON)

    document = json.loads(world.apply("--yes", "--json").stdout)

    assert (document["differences"], document["revision"]) == (None, 2)


def test_apply_stops_if_somebody_has_applied_another_folder_since_it_showed_the_differences(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.route_invoices_to("edi-support")
    another = b'{"applied": "by somebody else"}'

    def meanwhile(question: str, *, yes: bool) -> None:
        version = world.store.add_version(another)
        world.store.move_pointer(world.store.read_pointer(), version, "apply", NOON)

    monkeypatch.setattr("ops.commands.config.confirm_change", meanwhile)

    result = world.apply()

    assert isinstance(result.exception, OpsError)
    assert "somebody else has changed the version in effect meanwhile" in str(result.exception)
    assert world.version == configuration_digest(another)
    assert [change.revision for change in world.store.list_changes(10)] == [1]


def test_rollback_goes_back_to_the_version_before_and_the_next_one_forward_again(
    world: World,
) -> None:
    for team in ("edi-support", "transportation"):
        world.route_invoices_to(team)
        world.apply("--yes")

    teams, told = [], []
    for _ in range(2):
        result = world.run("rollback", "--yes")
        assert result.exit_code == 0
        teams.append(world.team)
        told.append(said(result))

    assert teams == ["edi-support", "transportation"]
    assert '"transportation" -> "edi-support"' in told[0]
    assert '"edi-support" -> "transportation"' in told[1]


def test_rollback_of_the_first_version_is_to_the_bundled_one(world: World) -> None:
    world.route_invoices_to("edi-support")
    world.apply("--yes")

    back = world.run("rollback", "--yes")
    again = world.run("rollback", BUNDLED, "--yes")

    assert world.version == BUNDLED
    assert "The bundled configuration is in effect" in said(back)
    assert "the compiled settings of this checkout stand for it" in said(back)
    assert "Nothing to roll back: the bundled configuration is in effect" in said(again)
    assert [change.action for change in world.store.list_changes(10)] == ["rollback", "apply"]


def test_rollback_to_a_named_version_reads_it_first(world: World) -> None:
    for team in ("edi-support", "transportation", "vendor-compliance"):
        world.route_invoices_to(team)
        world.apply("--yes")
    first = world.store.list_changes(10)[-1].version

    unknown = world.run("rollback", "0123456789abcdef", "--yes")
    world.run("rollback", first, "--yes")

    assert "there is no version 0123456789abcdef" in str(unknown.exception)
    assert world.team == "edi-support"


def test_rollback_to_a_version_that_this_release_refuses_is_refused(world: World) -> None:
    version = world.store.add_version(b'{"labels": {}}')

    result = world.run("rollback", version, "--yes")

    assert "is of another release" in str(result.exception)
    assert world.version == BUNDLED


def test_rollback_without_any_change_says_that_there_is_none(world: World) -> None:
    with pytest.raises(OpsError, match="nothing was put into effect yet"):
        previous_version([])
    assert "No version was published" in said(world.run("versions"))


def test_rollback_asks_first(world: World) -> None:
    world.route_invoices_to("edi-support")
    world.apply("--yes")

    result = world.run("rollback")

    assert (result.exit_code, world.team) == (2, "edi-support")


def test_apply_says_which_modules_of_the_site_show_the_old_text(world: World) -> None:
    world.edit("labels.yaml", "de: Neu", "de: Eingegangen")

    result = world.apply("--yes")

    assert "the portal's page shows this from the site's code (texts.js)" in said(result)


@pytest.mark.parametrize("note", ["x" * 201, "two\nlines"])
def test_note_that_is_no_short_line_is_a_usage_error(world: World, note: str) -> None:
    assert world.apply("--yes", "--note", note).exit_code == 2


def test_settings_in_effect_are_the_published_ones_else_those_of_the_folder(world: World) -> None:
    def team() -> str:
        return configuration_in_effect(world.stack).routing.rules[0].team

    bundled = team()
    world.route_invoices_to("edi-support")
    world.apply("--yes")

    assert (bundled, team()) == ("ap-disputes", "edi-support")
    older = Stack("old", {}, world.stack.aws)
    assert configuration_in_effect(older).routing.rules[0].team == "ap-disputes"
