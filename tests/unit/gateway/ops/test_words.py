"""Words of declared sources: what cannot be is a fault, what may be intended is a warning."""

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from ops import configuration
from ops.configuration import FOLDER, load_configuration
from ops.gateway.declarations import FOLDERS, compile_declarations, declaration_warnings
from ops.gateway.sources.preview import load_declaration, preview_file
from ops.gateway.words import ROLES, known_words
from ops.paths import ROOT
from ops.yaml_files import load_trusted_yaml
from tests.unit.gateway.ops.test_sources import PROGRAM

TRACKER = "partner-tracker.yaml"
STEPS = "onboarding-steps.yaml"
CASES = "examples/servicenow-cases.yaml"
DIRECTORY = "examples/directory.yaml"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the project's own declarations."""
    shutil.copytree(FOLDER / "gateway", tmp_path / "config/gateway")
    return tmp_path / "config"


def change(folder: Path, name: str, old: str, new: str) -> tuple[Path, int]:
    """Change a declaration; return its file and the changed line."""
    path = folder / "gateway/sources" / name
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))
    return path, text[: text.index(old)].count("\n") + 1


@pytest.mark.parametrize(
    ("name", "old", "new", "said"),
    [
        (
            TRACKER,
            "Live: active",
            "Live: activ",
            "columns.status.codes.Live: partners.status cannot be activ: write one of active, inv",
        ),
        (
            TRACKER,
            "'on_hold'",
            "'onhold'",
            "records.1.fields.status: enrollments.status cannot be onhold: write one of completed,"
            " expired, in_progress, invited, on_hold, rejected, withdrawn (did you mean on_hold?)",
        ),
        (
            TRACKER,
            "'status': row.insurance}",
            "'status': 'don'}",
            "records.1.fields.steps.2: enrollments.steps.status cannot be don: write one of locked",
        ),
        (
            STEPS,
            "status: \"'published'\"",
            "status: \"'live'\"",
            "records.0.fields.status: onboarding-programs.status cannot be live: write one of",
        ),
        (
            STEPS,
            "Joint: joint",
            "Joint: both",
            "columns.owner.codes.Joint: onboarding-programs.steps.owner cannot be both: write one"
            " of partner, hub, joint",
        ),
        (
            STEPS,
            "name: row.program_name",
            "name: \"''\"",
            "records.0.fields.name: there is no value, and every record of onboarding-programs",
        ),
        (
            STEPS,
            "      steps:\n",
            "      instructionsHtml: 7\n      steps:\n",
            'records.0.fields.instructionsHtml: onboarding-programs.instructionsHtml: the value is'
            ' not of types "null", "string": correct the value',
        ),
    ],
)  # fmt: skip
def test_constant_or_code_that_cannot_be_is_a_fault_with_file_line_and_fix(
    folder: Path, name: str, old: str, new: str, said: str
) -> None:
    path, line = change(folder, name, old, new)

    _, faults = compile_declarations(folder)

    assert any(fault.startswith(f"{path}:{line}: {said}") for fault in faults), faults


def test_word_of_a_column_with_another_rest_is_a_fault(folder: Path) -> None:
    path, _ = change(folder, TRACKER, "codes: {Invited: invited,", "otherwise: odd\n    codes: {")

    _, faults = compile_declarations(folder)

    assert [fault for fault in faults if "columns.status.otherwise: partners.status" in fault]
    assert all(fault.startswith(f"{path}:") for fault in faults)


def test_code_of_a_rest_source_that_cannot_be_is_a_fault(folder: Path) -> None:
    change(folder, CASES, '"1": critical', '"1": urgent')

    _, faults = compile_declarations(folder)

    assert len(faults) == 1
    assert "cases.priority cannot be urgent: write one of low, normal, high, critical" in faults[0]


@pytest.mark.parametrize(
    ("name", "old", "new", "said"),
    [
        (
            TRACKER,
            "Carrier: carrier",
            "Carrier: carier",
            "columns.role.codes.Carrier: partners.role: the profile has no carier"
            " (did you mean carrier?): correct it, or keep your own word",
        ),
        (
            STEPS,
            "Testing: testing",
            "Testing: test",
            "columns.phase.codes.Testing: onboarding-programs.steps.phase: neither the profile nor"
            " config/labels.yaml has test (did you mean testing?)",
        ),
        (
            DIRECTORY,
            "role: supplier",
            "role: suplier",
            "new_partner.role: partners.role: the profile has no suplier (did you mean supplier?)",
        ),
    ],
)
def test_word_that_may_be_intended_is_a_warning_with_file_and_line(
    folder: Path, name: str, old: str, new: str, said: str
) -> None:
    known = known_words(load_configuration())
    assert list(declaration_warnings(folder, known)) == []
    path, line = change(folder, name, old, new)

    (warned,) = declaration_warnings(folder, known)

    assert warned.startswith(f"{path}:{line}: {said}")
    assert compile_declarations(folder)[1] == []


def test_word_that_has_a_label_is_known() -> None:
    settings = load_configuration()
    labels = settings.labels["case.category"]
    own = labels.model_copy(update={"values": {**labels.values, "freight": "Freight"}})
    settings = settings.model_copy(update={"labels": {**settings.labels, "case.category": own}})

    assert "freight" in known_words(settings)["cases", "category"]
    assert "freight" not in known_words(None)["cases", "category"]


def test_roles_are_those_that_the_profile_names() -> None:
    profile = load_trusted_yaml((ROOT / "docs/community-gateway.openapi.yaml").read_text())
    partner = profile["components"]["schemas"]["Partner"]["allOf"][1]

    assert partner["properties"]["role"]["description"].split(", ") == list(ROLES)


def test_make_config_prints_the_warnings(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.copytree(FOLDER, tmp_path / "config")
    change(tmp_path / "config", TRACKER, "Carrier: carrier", "Carrier: carier")
    monkeypatch.setattr(configuration, "FOLDER", tmp_path / "config")
    monkeypatch.setattr(configuration, "FILE", tmp_path / "layer.json")
    monkeypatch.setattr("ops.backend.write_modules", lambda _: None)
    monkeypatch.setattr("ops.gateway.declarations.FOLDERS", written_to(tmp_path))

    assert configuration.main() == 0

    assert "the profile has no carier (did you mean carrier?)" in capsys.readouterr().err


def written_to(folder: Path) -> object:
    """The folders of declarations, whose compiled files are in another folder."""
    return [replace(one, output=folder / f"{one.name}.json") for one in FOLDERS]


def test_preview_counts_words_that_are_not_known(tmp_path: Path) -> None:
    text = PROGRAM.replace(";Compliance;", ";Go-live;")
    (tmp_path / "p.csv").write_text(text)
    declaration = load_declaration("onboarding-steps")
    columns = declaration.model_dump(mode="json", exclude_none=True)
    columns["columns"]["phase"]["codes"] = {"Go-live": "golive"}
    changed = type(declaration).model_validate(columns)

    notes = preview_file(tmp_path / "p.csv", changed, 0).notes

    assert notes == [
        "onboarding-programs.steps.phase: neither the profile nor config/labels.yaml has golive"
        " (did you mean go_live?) (1 record)"
    ]
