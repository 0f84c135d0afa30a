"""Preview of a request: the rule that it hits, by the settings of a folder."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from gridwix.configuration.everything import Configuration
from gridwix.form_intake.routing import select_route
from gridwix.runtime.configuration import configuration
from ops.cli import app
from ops.errors import OpsError
from ops.paths import ROOT
from ops.previews.requests import preview_request, read_sample

SAMPLE = ROOT / "events/wix_webhook/form_post.json"
NOW = datetime(2026, 3, 12, 14, 5, tzinfo=UTC)


def written(tmp_path: Path, document: Any) -> Path:
    path = tmp_path / "sample.json"
    path.write_text(document if isinstance(document, str) else json.dumps(document))
    return path


def with_team(key: str, team: str) -> Configuration:
    shipped = configuration()
    rules = tuple(
        rule.model_copy(update={"team": team}) if rule.key == key else rule
        for rule in shipped.routing.rules
    )
    return shipped.model_copy(
        update={"routing": shipped.routing.model_copy(update={"rules": rules})}
    )


def test_sample_event_hits_the_rule_that_the_form_intake_selects() -> None:
    submission = read_sample(SAMPLE, None, NOW)
    shipped = configuration()

    shown = preview_request(submission, shipped)

    assert (shown.form, shown.type, shown.held) == ("partner-question", "support", "")
    assert shown.route == select_route(
        "support", {"topic": "orders"}, submission.received_at, shipped.routing
    )
    assert shown.position == (6, 6)


def test_preview_is_by_the_settings_that_it_is_given() -> None:
    submission = read_sample(SAMPLE, None, NOW)

    shown = preview_request(submission, with_team("anything_else", "edi-support"))

    assert shown.route is not None
    assert shown.route.team == "edi-support"


@pytest.mark.parametrize("nested", [True, False], ids=["post", "answers alone"])
def test_body_or_answers_alone_need_the_form(tmp_path: Path, nested: bool) -> None:
    answers = {"topic": "tax", "question": "?", "your_name": "D", "email": "d@partner.example"}
    path = written(tmp_path, {"values": answers} if nested else answers)

    shown = preview_request(read_sample(path, "partner-question", NOW), configuration())

    assert shown.route is not None
    assert (shown.route.rule, shown.position) == ("tax_bank_insurance", (3, 6))
    with pytest.raises(OpsError, match="give the form's key with --form"):
        read_sample(path, None, NOW)


def test_invalid_answer_is_named_by_its_field_and_never_by_its_value(tmp_path: Path) -> None:
    path = written(tmp_path, {"topic": "orders", "question": "?", "email": "no address"})

    shown = preview_request(read_sample(path, "partner-question", NOW), configuration())

    assert shown.held.startswith("an answer is invalid: ")
    assert "email" in shown.held
    assert "no address" not in shown.held


def test_form_that_makes_no_request_is_routed_by_no_rule(tmp_path: Path) -> None:
    path = written(tmp_path, {"comment": "Still open"})

    shown = preview_request(read_sample(path, "issue-comment", NOW), configuration())

    assert (shown.type, shown.route) == ("", None)


@pytest.mark.parametrize("text", ["[]", "{", '"text"'], ids=["list", "no JSON", "text"])
def test_file_without_answers_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(OpsError):
        read_sample(written(tmp_path, text), "partner-question", NOW)


def test_unknown_form_names_those_that_exist(tmp_path: Path) -> None:
    submission = read_sample(written(tmp_path, {"a": "b"}), "none", NOW)

    with pytest.raises(OpsError, match=r"there is no form none, .* partner-question"):
        preview_request(submission, configuration())


def test_command_prints_rule_team_and_due_date_and_no_answer() -> None:
    result = CliRunner().invoke(app, ["config", "preview", "request", str(SAMPLE)])

    assert result.exit_code == 0
    shown = " ".join(result.output.split())
    assert "rule anything_else (6 of 6; first match)" in shown
    assert "team partner-desk: Partner desk" in shown
    assert "due 2026-03-16 20:05 UTC" in shown
    assert "Whitfield" not in shown
    assert "4500187734" not in shown
