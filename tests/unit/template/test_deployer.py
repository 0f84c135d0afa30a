"""The roles of the pipeline trust one environment of one repository, and can deploy what the
templates hold.
"""

from collections.abc import Iterator
from typing import Any

import pytest

from ops.bundle import GATEWAY, GRIDWIX
from ops.paths import ROOT
from tests.unit.template.rules import load, of_type

DEPLOYER = load(ROOT / "ops/pipeline/deployer.yaml")
SERVICES = {
    "ApiGateway": "apigateway",
    "ApiGatewayV2": "apigateway",
    "CloudWatch": "cloudwatch",
    "CodeDeploy": "codedeploy",
    "DynamoDB": "dynamodb",
    "Events": "events",
    "IAM": "iam",
    "Lambda": "lambda",
    "Logs": "logs",
    "S3": "s3",
    "SQS": "sqs",
    "Scheduler": "scheduler",
    "SecretsManager": "secretsmanager",
    "Serverless": "lambda",
}
"""Prefix of the actions of each service whose resources a template has, by that of its types."""

WITHOUT_RESOURCE = {
    "DeployRole": {
        "cloudformation:GetTemplateSummary",
        "cloudwatch:DescribeAlarms",
        "cloudwatch:GetMetricData",
        "events:ListRules",
        "lambda:ListEventSourceMappings",
    },
    "ExecutionRole": {
        "logs:CreateLogDelivery",
        "logs:DeleteLogDelivery",
        "logs:DescribeLogGroups",
        "logs:DescribeResourcePolicies",
        "logs:GetLogDelivery",
        "logs:ListLogDeliveries",
        "logs:PutResourcePolicy",
        "logs:UpdateLogDelivery",
    },
}
"""Actions that AWS limits to no resource."""


def statements(role: str) -> Iterator[dict[str, Any]]:
    for policy in dict(of_type(DEPLOYER, "AWS::IAM::Role"))[role]["Policies"]:
        yield from policy["PolicyDocument"]["Statement"]


def listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def actions(role: str) -> set[str]:
    return {action for statement in statements(role) for action in listed(statement["Action"])}


@pytest.mark.parametrize("name", ["DeployRole", "ConfigurationRole"])
def test_only_jobs_of_the_environment_of_the_repository_take_on_the_role(name: str) -> None:
    role = DEPLOYER["Resources"][name]["Properties"]
    (statement,) = role["AssumeRolePolicyDocument"]["Statement"]

    assert statement["Action"] == "sts:AssumeRoleWithWebIdentity"
    assert statement["Condition"] == {
        "StringEquals": {
            "token.actions.githubusercontent.com:aud": "sts.amazonaws.com",
            "token.actions.githubusercontent.com:sub": {
                "Fn::Sub": "repo:${Repository}:environment:${Environment}"
            },
        }
    }


@pytest.mark.parametrize("role", WITHOUT_RESOURCE)
def test_statements_for_all_resources_are_those_without_one(role: str) -> None:
    found = {
        action
        for statement in statements(role)
        if "*" in listed(statement["Resource"]) and "Condition" not in statement
        for action in listed(statement["Action"])
    }

    assert found == WITHOUT_RESOURCE[role]


def test_job_makes_no_resource_itself() -> None:
    changing = {
        action
        for action in actions("DeployRole")
        if action.split(":")[1].startswith(("Create", "Delete", "Put", "Update", "Pass", "Execute"))
    }

    assert changing == {
        "cloudformation:CreateChangeSet",
        "cloudformation:DeleteChangeSet",
        "cloudformation:ExecuteChangeSet",
        "dynamodb:PutItem",
        "dynamodb:UpdateItem",
        "events:PutEvents",
        "iam:PassRole",
        "s3:PutObject",
    }


def test_role_of_the_configuration_reaches_the_table_of_its_versions_and_nothing_else() -> None:
    allowed = {
        (action, one["Fn::Sub"].rpartition(":")[2])
        for statement in statements("ConfigurationRole")
        for action in listed(statement["Action"])
        for one in listed(statement["Resource"])
    }

    assert allowed == {
        ("cloudformation:DescribeStacks", "stack/${StackName}/*"),
        ("dynamodb:GetItem", "table/${StackName}-ConfigurationTable-*"),
        ("dynamodb:PutItem", "table/${StackName}-ConfigurationTable-*"),
    }


@pytest.mark.parametrize("application", [GRIDWIX, GATEWAY], ids=["gridwix", "gateway"])
def test_execution_role_covers_every_type_of_resource(application: Any) -> None:
    template = load(ROOT / application.folder / "template.yaml")
    types = {resource["Type"].split("::")[1] for resource in template["Resources"].values()}
    covered = {action.split(":")[0] for action in actions("ExecutionRole")}

    assert {SERVICES[one] for one in types | {"CodeDeploy"}} <= covered


def test_no_other_policy_can_be_attached_to_the_functions_roles() -> None:
    (statement,) = (
        statement
        for statement in statements("ExecutionRole")
        if "iam:AttachRolePolicy" in listed(statement["Action"])
    )

    assert [
        one["Fn::Sub"].partition(":iam:")[2]
        for one in statement["Condition"]["ArnLike"]["iam:PolicyARN"]
    ] == [
        ":${AWS::AccountId}:policy/${StackName}-*",
        ":aws:policy/service-role/AWSCodeDeployRoleForLambda",
    ]


def test_exceptions_of_the_scanner_say_why() -> None:
    templates = [
        *(load(ROOT / one.folder / "template.yaml") for one in (GRIDWIX, GATEWAY)),
        DEPLOYER,
    ]
    skipped = [
        (name, one["id"], one.get("comment", ""))
        for template in templates
        for name, resource in template["Resources"].items()
        for one in resource.get("Metadata", {}).get("checkov", {}).get("skip", [])
    ]
    lines = (ROOT / "ops/checkov.yaml").read_text().partition("skip-check:\n")[2].splitlines()

    assert len(skipped) > 10
    assert [one for one in skipped if len(one[2].split()) < 4] == []
    # A comment stands above each group of checks.
    assert lines[0].startswith("  # ")
    assert sum(line.startswith("  - CKV") for line in lines) == 7
    assert all(line.startswith(("  # ", "  - CKV_")) for line in lines)
