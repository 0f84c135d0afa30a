"""The page "Install in an afternoon" names commands, parameters and outputs that there are."""

import inspect
import re
import shlex
from typing import Any

import botocore.session
import pytest
from botocore import xform_name

from ops import local_environment
from ops.causes import WIX_PERMISSIONS
from ops.commands import demo, doctor, members, pause, planning, resync, setup, status, trace
from ops.paths import ROOT
from ops.portal import SAM
from ops.role_probe import read_template
from ops.story import rows
from tests.command_lines import parse_command
from tests.install_page import AWS, LOCAL, TEXT, block_lines, gridwix_commands, local_steps

TEMPLATE = read_template()
MAKEFILE = (ROOT / "Makefile").read_text()
RENAMED = {"subscribe": {"notification-endpoint"}}
"""Options that the AWS command line gives another name than the API: ``--endpoint-url`` is its own.
"""

TOTAL = re.compile(r"^\| \[(\d+)\. [^|]+\]\(#[^)]+\) \| (\d+) minutes \|", re.MULTILINE)


@pytest.mark.parametrize("line", gridwix_commands())
def test_command_of_gridwix_is_one_of_the_command_line(line: str) -> None:
    parse_command(line)


def test_page_has_commands_of_both_parts() -> None:
    assert len(local_steps()) >= 10
    assert len(gridwix_commands()) > len(local_steps())


@pytest.mark.parametrize("line", [one for one in block_lines(TEXT) if one.startswith("aws ")])
def test_command_of_aws_is_an_operation_with_such_parameters(line: str) -> None:
    _, service, operation, *words = shlex.split(line)
    model = botocore.session.get_session().get_service_model(service)
    names = {xform_name(name, "-"): name for name in model.operation_names}
    shape: Any = model.operation_model(names[operation]).input_shape
    known = {xform_name(member, "-") for member in shape.members} | RENAMED.get(operation, set())

    assert {word[2:] for word in words if word.startswith("--")} <= known


def test_target_of_make_is_one_of_the_makefile() -> None:
    targets = re.findall(r"^(?:.*`)?make (\w+)", TEXT, re.MULTILINE)

    assert {"demo", "config"} <= set(targets)
    assert all(re.search(rf"^{target}:", MAKEFILE, re.MULTILINE) for target in targets)


def test_parameters_without_a_default_are_all_named() -> None:
    parameters = TEMPLATE["Parameters"]
    needed = {name for name, one in parameters.items() if "Default" not in one}
    (table,) = re.findall(r"These have no default:\n\n(.*?)\n\n", AWS, re.DOTALL)

    assert set(re.findall(r"^\| `(\w+)`", table, re.MULTILINE)) == needed
    assert "AlarmTopicArn" in parameters
    assert "`AlarmTopicArn`" in AWS


@pytest.mark.parametrize("output", sorted(set(re.findall(r"output `(\w+)`", AWS))))
def test_output_is_one_of_the_template(output: str) -> None:
    assert output in TEMPLATE["Outputs"]


def test_permissions_of_the_api_key_are_those_that_doctor_names() -> None:
    listed = re.findall(r"^- (.+)$", AWS.partition("### 2.")[0], re.MULTILINE)

    assert sorted(listed) == sorted(set(WIX_PERMISSIONS.values()))


def test_times_of_the_steps_add_up_to_the_total() -> None:
    steps = TOTAL.findall(AWS)
    (total,) = re.findall(r"^\| all \| (\d+) minutes \|", AWS, re.MULTILINE)

    assert [int(number) for number, _ in steps] == list(range(1, len(steps) + 1))
    assert sum(int(minutes) for _, minutes in steps) == int(total)
    assert int(total) <= 240, "that is no afternoon"


def test_each_step_of_the_overview_has_its_section() -> None:
    overview = re.findall(r"^\| \[(\d+\. [^\]]+)\]", AWS, re.MULTILINE)
    sections = re.findall(r"^### (\d+\. .+)$", AWS, re.MULTILINE)

    assert overview == sections


def test_times_say_which_of_them_were_measured() -> None:
    assert "measured" in LOCAL
    assert "estimates" in TEXT
    assert "measured" not in AWS


@pytest.mark.parametrize(
    ("words", "place"),
    [
        ("Nothing is wrong", doctor),
        ("Nothing is wrong", status),
        ("The row is up to date", rows),
        ("arrived", trace),
        ("The resync has started", resync),
        ("is paused", pause),
        ("runs again", pause),
        ("collection ", setup),
        ("Nothing would change", planning),
        ("For finance at GC070000000101, once", members),
        ("Done in", demo),
        ("Publishing every partner for the first time", local_environment),
    ],
)
def test_words_that_one_sees_are_printed_by_the_command(words: str, place: Any) -> None:
    source = re.sub(r'"\s*f?"', "", inspect.getsource(place))
    # The names of the example are not in the source.
    printed = [part for part in re.split(r"finance|GC\d+", words) if part.strip()]

    assert words in " ".join(TEXT.split())
    assert [part for part in printed if part.strip() not in source] == []


def test_member_who_enters_the_code_acts_for_no_partner() -> None:
    assert f"{SAM.first_name} {SAM.last_name}, who acts for no partner" in LOCAL
    assert SAM.roles == {}


def test_words_of_the_set_up_are_printed_by_make() -> None:
    (words,) = re.findall(r"`(Setting up: [^`]+)`", LOCAL)

    assert f'"{words}"' in MAKEFILE
