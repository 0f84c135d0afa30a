"""Faults of ``config/roles.yaml`` are named with file, line and the nearest right name, and the
page of roles is what the file says.
"""

import re
from typing import Any, get_args

import pytest

from gridwix.configuration.campaigns import Role
from gridwix.configuration.forms import FormAction
from gridwix.configuration.roles import (
    ACTION_OF_FORM,
    ROLE_NAMES,
    Classification,
    DocumentCategory,
)
from gridwix.runtime.configuration import configuration
from ops.configuration import ConfigurationFault
from ops.paths import ROOT
from ops.role_page import PAGE, page_with_table, role_table
from ops.yaml_files import load_trusted_yaml
from tests.unit.ops.settings_files import examine_with

ROLE = """
  sections: {sections}
  documents: {{categories: {categories}, classifications: {classifications}}}
  forms: {forms}
  actions: {actions}
"""
DEFAULTS = dict.fromkeys(("sections", "categories", "classifications", "forms", "actions"), "all")


def written(**finance: str) -> bytes:
    """The file, with other lists for one role. Its lists are in the lines 14 to 17."""
    text = "".join(
        f"{role}:{ROLE.format(**{**DEFAULTS, **(finance if role == 'finance' else {})})}"
        for role in ("admin", "edi", "finance", "logistics", "other")
    )
    return re.sub(r"\n\n+", "\n", text).encode()


def faults(**finance: str) -> str:
    with pytest.raises(ConfigurationFault) as raised:
        examine_with({"roles.yaml": written(**finance)})
    return str(raised.value)


@pytest.mark.parametrize(
    ("finance", "line", "meant"),
    [
        ({"sections": "[isues]"}, 12, "issues"),
        ({"sections": "{except: [activty]}"}, 12, "activity"),
        ({"categories": "[tax_forms]"}, 13, "tax_form"),
        ({"classifications": "[privat]"}, 13, ""),
        ({"classifications": "[partners]"}, 13, "partner"),
        ({"forms": "[invoice-questions]"}, 14, "invoice-question"),
        ({"forms": "{except: [invoice-questions]}"}, 14, "invoice-question"),
        ({"actions": "[coment]"}, 15, "comment"),
    ],
)
def test_unknown_name_is_told_with_its_line_and_the_nearest_one(
    finance: dict[str, str], line: int, meant: str
) -> None:
    told = faults(**finance)

    assert told.startswith(f"config/roles.yaml:{line}: "), told
    assert not meant or f"(did you mean {meant}?)" in told


def test_role_that_does_not_exist_or_is_missing_is_told() -> None:
    with pytest.raises(ConfigurationFault, match=r"roles.yaml:\d+: fnance: .*"):
        examine_with({"roles.yaml": written().replace(b"finance:", b"fnance:")})
    with pytest.raises(ConfigurationFault, match=r"roles\.yaml: the file is missing: add it"):
        examine_with({}, without="roles.yaml")


@pytest.mark.parametrize(
    ("finance", "said"),
    [
        (
            {"sections": "[documents]", "actions": "[comment]"},
            "finance may comment, and does not see the section issues",
        ),
        (
            {"sections": "[issues]", "actions": "[comment, upload_version]"},
            "finance may upload_version, and does not see the section documents",
        ),
        (
            {"sections": "{except: [onboarding]}", "actions": "[submit_step]"},
            "finance may submit_step, and does not see the section onboarding",
        ),
        (
            {"sections": "[issues]", "actions": "[answer_request]"},
            "finance may answer_request, and does not see the section requests",
        ),
        (
            {"sections": "[issues]", "forms": "[invoice-question]"},
            "finance may send invoice-question, and does not see the section requests",
        ),
    ],
)
def test_what_a_role_is_named_to_do_in_a_section_that_it_does_not_see_is_an_error(
    finance: dict[str, str], said: str
) -> None:
    assert said in faults(**finance)


@pytest.mark.parametrize("actions", ["all", "{except: [comment]}"])
def test_all_stands_for_what_the_sections_allow(actions: str) -> None:
    found = examine_with({"roles.yaml": written(sections="[issues]", actions=actions)})

    finance = found.configuration.roles.of("finance")
    assert found.warnings == ()
    assert finance.may_act("answer_resolution")
    assert not finance.may_act("submit_step")
    assert not finance.may_send("invoice-question", "request")


def test_documents_of_a_section_that_is_not_seen_are_a_warning() -> None:
    found = examine_with({"roles.yaml": written(sections="[issues]", categories="[agreement]")})

    (warning,) = found.warnings
    assert "does not see the section documents, so its categories have no effect" in warning


def test_shipped_file_allows_everything_to_every_role() -> None:
    for name in ROLE_NAMES:
        assert role_table(configuration()).count(f"| `{name}` | all | all | all | all |") == 1


def test_names_are_those_of_the_profile_of_the_links_and_of_the_forms() -> None:
    profile: Any = load_trusted_yaml((ROOT / "docs/community-gateway.openapi.yaml").read_text())
    document = profile["components"]["schemas"]["NewDocument"]["properties"]

    assert list(get_args(DocumentCategory.__value__)) == document["category"]["enum"]
    assert list(get_args(Classification.__value__)) == document["classification"]["enum"]
    assert (*get_args(Role.__value__), "other") == ROLE_NAMES
    assert {*ACTION_OF_FORM, "request"} == set(get_args(FormAction.__value__))


def test_page_of_roles_is_that_of_the_file() -> None:
    assert page_with_table(PAGE.read_text(), configuration()) == PAGE.read_text(), (
        "make config writes the table anew"
    )


def test_table_says_what_has_an_effect() -> None:
    changed = examine_with(
        {
            "roles.yaml": written(
                sections="[issues, documents]",
                categories="[agreement]",
                classifications="{except: [restricted]}",
            )
        }
    )

    (row,) = [line for line in role_table(changed.configuration).splitlines() if "finance" in line]
    assert row == (
        "| `finance` | `issues`, `documents` | categories: `agreement`; classifications: `public`,"
        " `partner` | none | `comment`, `answer_resolution`, `upload_version` |"
    )
