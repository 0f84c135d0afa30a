"""Compares the permissions of the deployed IAM roles with ``template.yaml``.

CloudFormation does not notice manual changes, and a function that lacks a permission fails only
when it first needs it. Actions are compared, and not resources: only CloudFormation knows their
ARNs.
"""

from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from gridwix.errors import GridwixError
from ops.consumers import AT_ONCE
from ops.paths import ROOT
from ops.probes import format_count
from ops.stack import Stack

ROLE = "AWS::IAM::Role"
TEMPLATE = ROOT / "template.yaml"

CHANGED_BY_HAND = "docs/runbook.md#something-was-changed-by-hand"

type Policies = Mapping[tuple[str, str], frozenset[str]]
"""Actions by the logical id of a role and the name of its policy."""


class _Loader(yaml.CSafeLoader if yaml.__with_libyaml__ else yaml.SafeLoader):  # type: ignore[misc]
    """YAML loader that reads CloudFormation's short functions (``!Ref``) as plain arguments."""


def _plain(loader: yaml.SafeLoader, _: str, node: yaml.Node) -> Any:
    if isinstance(node, yaml.ScalarNode):
        return loader.construct_scalar(node)
    if isinstance(node, yaml.SequenceNode):
        return loader.construct_sequence(node, deep=True)
    assert isinstance(node, yaml.MappingNode)
    return loader.construct_mapping(node, deep=True)


_Loader.add_multi_constructor("!", _plain)


@cache
def read_template(template: Path = TEMPLATE) -> Mapping[str, Any]:
    """Return the content of a CloudFormation template. Cached."""
    content: Mapping[str, Any] = yaml.load(template.read_text("utf-8"), _Loader)  # noqa: S506 - safe
    return content


def template_policies(template: Path = TEMPLATE) -> Policies:
    """Return the actions that a template allows, by role and policy."""
    return {
        (name, policy["PolicyName"]): allowed_actions(policy["PolicyDocument"])
        for name, resource in read_template(template)["Resources"].items()
        if resource["Type"] == ROLE
        for policy in resource["Properties"].get("Policies", [])
    }


def allowed_actions(document: Mapping[str, Any]) -> frozenset[str]:
    """Return the actions that an IAM policy document allows.

    >>> sorted(allowed_actions({"Statement": {"Effect": "Allow", "Action": "sqs:SendMessage"}}))
    ['sqs:SendMessage']
    """
    return frozenset(_actions(document))


def _actions(document: Mapping[str, Any]) -> Iterator[str]:
    for statement in _listed(document.get("Statement", [])):
        if statement.get("Effect") == "Allow":
            yield from _listed(statement.get("Action", []))


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def check_roles(stack: Stack, policies: Policies | None = None) -> str:
    """Check that the deployed IAM roles allow all actions that the template allows.

    Return a text with the number of roles.

    Args:
        stack: The deployed stack.
        policies: Allowed actions by role and policy; None for those of this checkout's template.

    Raises:
        GridwixError: A role lacks an action or a policy.
    """
    wanted = template_policies() if policies is None else policies
    roles = stack.read_resources().get(ROLE, {})
    asked = [(role, policy) for role, policy in wanted if role in roles]
    with ThreadPoolExecutor(AT_ONCE) as pool:
        found = list(pool.map(lambda one: _deployed_actions(stack, roles[one[0]], one[1]), asked))
    lacking = [
        f"{role} lacks {', '.join(sorted(missing))}"
        for (role, policy), actions in zip(asked, found, strict=True)
        if (missing := wanted[role, policy] - actions)
    ]
    if lacking:
        raise GridwixError(
            f"{'; '.join(lacking)}, which template.yaml allows: deploy, if the stack is older than"
            f" this checkout; if it was removed by hand, see {CHANGED_BY_HAND}"
        )
    return f"{format_count(len({role for role, _ in asked}), 'role')} as in template.yaml"


def _deployed_actions(stack: Stack, role: str, policy: str) -> frozenset[str]:
    iam = stack.aws.iam
    try:
        answer = iam.get_role_policy(RoleName=role, PolicyName=policy)
    except iam.exceptions.NoSuchEntityException:
        return frozenset()
    # boto3 parses the document.
    document: Mapping[str, Any] = answer["PolicyDocument"]
    return allowed_actions(document)
