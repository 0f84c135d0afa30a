"""Every command prints JSON for programs: one document, of the shape that the docs say."""

import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from ops.schemas import COMMAND_FOLDER, schema_path
from tests.command_output import options, registered_commands
from tests.contract.gateway.test_desk_json import RUNS as DESK_RUNS
from tests.fakes.aws import OneAtATime
from tests.unit.gateway.ops.test_sources_json import RUNS as SOURCE_RUNS
from tests.unit.ops.config_runs import RUNS as CONFIG_RUNS
from tests.unit.ops.json_runs import RUNS as OTHER_RUNS
from tests.unit.ops.json_runs import Deployed
from tests.unit.ops.people_runs import RUNS as PEOPLE_RUNS
from tests.unit.ops.test_apply import RUNS as PLAN_RUNS

WITHOUT_JSON = {
    "demo": "a person watches it",
    "invoke": "prints the function's own answer, which is JSON",
}
"""Commands without ``--json``, and what they print instead."""

RUNS = {**OTHER_RUNS, **CONFIG_RUNS, **PEOPLE_RUNS}

COMMANDS = registered_commands()
WITH_JSON = sorted(name for name, command in COMMANDS.items() if "--json" in options(command))
SCHEMAS = sorted(COMMAND_FOLDER.glob("*.schema.json"))


def test_every_command_has_json_or_a_reason_to_have_none() -> None:
    assert set(COMMANDS) - set(WITH_JSON) == set(WITHOUT_JSON)


def test_every_command_that_prints_json_has_a_run_and_a_schema() -> None:
    assert sorted([*RUNS, *DESK_RUNS, *PLAN_RUNS, *SOURCE_RUNS]) == WITH_JSON
    assert sorted(schema_path(name) for name in WITH_JSON) == SCHEMAS


@pytest.mark.parametrize("command", sorted(RUNS))
def test_output_is_one_document_of_the_commands_schema(
    command: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, tables: OneAtATime
) -> None:
    RUNS[command](Deployed(monkeypatch, tmp_path, tables))


@pytest.mark.parametrize("path", SCHEMAS, ids=lambda path: path.name.partition(".")[0])
def test_schema_is_strict_and_names_its_command(path: Path) -> None:
    schema = json.loads(path.read_text())

    Draft202012Validator.check_schema(schema)
    assert schema["title"] in {f"gridwix {command} --json" for command in WITH_JSON}
    assert schema["description"]
    assert [one for one in _objects(schema) if one.get("additionalProperties") is not False] == []


def _objects(schema: Any) -> list[Any]:
    """Return every part of a schema that names members. A map by other names has none."""
    if isinstance(schema, list):
        return [found for part in schema for found in _objects(part)]
    if not isinstance(schema, dict):
        return []
    own = [schema] if isinstance(schema.get("properties"), dict) and "type" in schema else []
    return own + [found for part in schema.values() for found in _objects(part)]


@pytest.mark.parametrize("command", sorted(COMMANDS))
def test_command_with_a_stack_takes_a_profile_and_a_region(command: str) -> None:
    found = options(COMMANDS[command])

    speaks_to_aws = "--stack" in found
    assert ("--profile" in found) is speaks_to_aws
    assert {"--profile", "--region"} <= found or not speaks_to_aws
