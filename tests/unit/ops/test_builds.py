"""What was deployed, compared with this checkout."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from gridwix.errors import GridwixError
from gridwix.models.configuration_versions import BUNDLED, ConfigurationPointer
from gridwix.runtime.build_report import bundled_version, has_byte_code
from ops.builds import (
    LOGGED_AT,
    TAKEN_WITHIN,
    check_configuration,
    check_template,
    read_builds,
    template_resources,
)
from ops.probes import NotChecked
from ops.role_probe import TEMPLATE, allowed_actions, check_roles, template_policies
from ops.stack import Stack
from tests.fakes.doctor_world import NotThere, Service
from tests.unit.template.rules import load, of_type


def stack(**services: Any) -> Stack:
    return Stack("hub", {}, cast("Any", SimpleNamespace(**services)))


def deployed(kind: str, *names: str) -> Service:
    """CloudFormation with a stack of these resources."""
    listed = [
        {"ResourceType": kind, "LogicalResourceId": name, "PhysicalResourceId": f"hub-{name}"}
        for name in names
    ]
    return Service({"list_stack_resources": lambda **_: {"StackResourceSummaries": listed}})


def test_digest_changes_with_the_settings(tmp_path: Path) -> None:
    one, other = tmp_path / "one.json", tmp_path / "other.json"
    one.write_text("{}")
    other.write_text("[]")

    assert bundled_version(one) != bundled_version(other)


def test_byte_code_counts_only_if_its_file_is_there(tmp_path: Path) -> None:
    compiled = tmp_path / "build_report.cpython-313.pyc"
    missing = has_byte_code(str(compiled))
    has_byte_code.cache_clear()
    compiled.touch()

    assert (missing, has_byte_code(str(compiled)), has_byte_code(None)) == (False, True, False)


def test_functions_that_log_no_build_are_not_judged() -> None:
    silent = Service({"filter_log_events": lambda **_: {"events": []}})

    with pytest.raises(NotChecked, match="not known yet"):
        read_builds(stack(logs=silent), 0.0)


OWN, OTHER = "a" * 16, "b" * 16
"""Versions of the configuration: this checkout's, and another one."""


def used(*versions: str) -> dict[str, dict[str, str]]:
    """Return the builds of functions that use these versions."""
    names = ("form_intake", "partner_messenger")
    return {
        name: {"config_version": version} for name, version in zip(names, versions, strict=True)
    }


def test_function_of_a_release_without_a_digest_has_other_settings() -> None:
    with pytest.raises(GridwixError, match="form_intake run with other settings"):
        check_configuration({"form_intake": {"release": "0.1.0"}}, ConfigurationPointer())


@pytest.mark.parametrize(
    ("pointer", "version", "said"), [(BUNDLED, OWN, "deployed"), (OWN, OWN, "published")]
)
def test_functions_that_use_the_checkouts_configuration_are_right(
    pointer: str, version: str, said: str
) -> None:
    assert said in check_configuration(
        used(version, version), ConfigurationPointer(pointer, 1), OWN
    )


def test_function_is_judged_by_what_it_logged_a_minute_after_the_change() -> None:
    moved = ConfigurationPointer(OWN, 2, moved_at=1000.0)

    def logged(at: float, version: str = OTHER) -> dict[str, dict[str, Any]]:
        return {name: {**one, LOGGED_AT: at} for name, one in used(version, version).items()}

    assert "published" in check_configuration(logged(1000.0, OWN), moved, OWN)
    with pytest.raises(NotChecked, match="a minute ago"):
        check_configuration(logged(1000.0 + TAKEN_WITHIN - 1), moved, OWN)
    with pytest.raises(GridwixError, match="do not use version"):
        check_configuration(logged(1000.0 + TAKEN_WITHIN), moved, OWN)


@pytest.mark.parametrize(
    ("builds", "pointer", "said"),
    [
        (used(OWN, OTHER), BUNDLED, "partner_messenger run with other settings than config/"),
        # A published version wins over what was deployed with the functions, also if it is older.
        (used(OTHER, OTHER), OTHER, f"version {OTHER} is in effect, and config/ of this checkout"),
        # A function that does not read the pointer, or refuses what it names.
        (used(OTHER, OWN), OTHER, "partner_messenger do not use version"),
        (used(OTHER, OTHER), OWN, "form_intake and partner_messenger do not use version"),
    ],
)
def test_configuration_that_is_not_in_effect_or_not_the_checkouts_is_a_finding(
    builds: dict[str, dict[str, str]], pointer: str, said: str
) -> None:
    with pytest.raises(GridwixError, match=said):
        check_configuration(builds, ConfigurationPointer(pointer, 1), OWN)


def test_template_resources_are_those_of_every_stack() -> None:
    found = template_resources()

    assert found["StatusPublisherFunction"] == "AWS::Lambda::Function"
    # SAM gives a layer's version an id of its own, and the archive has a condition.
    assert "CommonLayer" not in found
    assert "BusArchive" not in found


def test_stack_that_lacks_many_resources_names_the_first_and_counts_the_others() -> None:
    with pytest.raises(GridwixError, match=r"lacks WebhookApi, .* and \d+ more\. Deploy"):
        check_template(stack(cloudformation=deployed("AWS::SQS::Queue")))


def test_policies_of_the_template_are_read_as_the_linter_reads_them() -> None:
    wanted = {
        (name, policy["PolicyName"]): allowed_actions(policy["PolicyDocument"])
        for name, properties in of_type(load(TEMPLATE), "AWS::IAM::Role")
        for policy in properties["Policies"]
    }

    assert template_policies() == wanted
    assert all(wanted.values())


def test_role_without_its_policy_lacks_all_of_it() -> None:
    def gone(**_: Any) -> Any:
        raise NotThere("NoSuchEntity")

    roles = stack(
        cloudformation=deployed("AWS::IAM::Role", "ReaderRole"), iam=Service(get_role_policy=gone)
    )

    with pytest.raises(GridwixError, match="ReaderRole lacks dynamodb:GetItem, sqs:SendMessage"):
        check_roles(
            roles, {("ReaderRole", "Read"): frozenset({"sqs:SendMessage", "dynamodb:GetItem"})}
        )


def test_roles_are_asked_for_by_their_names_in_aws() -> None:
    asked: list[str] = []

    def policy(RoleName: str, PolicyName: str) -> Any:  # noqa: N803 - boto3's names
        asked.append(f"{RoleName}/{PolicyName}")
        return {"PolicyDocument": {"Statement": [{"Effect": "Allow", "Action": ["a:B", "c:D"]}]}}

    roles = stack(
        cloudformation=deployed("AWS::IAM::Role", "ReaderRole"),
        iam=Service(get_role_policy=policy),
    )
    wanted = {("ReaderRole", "Read"): frozenset({"a:B"}), ("NewRole", "New"): frozenset({"e:F"})}

    # A role that is not there is the finding of the template.
    assert check_roles(roles, wanted) == "1 role as in template.yaml"
    assert asked == ["hub-ReaderRole/Read"]
