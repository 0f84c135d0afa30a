"""Derives a SAM template for gradual (canary) deployment from a built template.

In the derived template, functions are called through an alias. A deployment moves the traffic of
the alias to the new version in steps, and an alarm on the errors of a function moves the traffic
back. A parameter of ``template.yaml`` cannot switch this on, because SAM decides about the alias
before CloudFormation reads conditions
(``docs/adr/0048-a-gradual-deployment-is-a-derived-template.md``).
"""

import copy
import hashlib
import json
import re
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from ops.paths import display_path
from ops.yaml_files import load_trusted_yaml

NAME = "gradual.json"
ALIAS = "live"
"""Name of the alias that callers and event source mappings use."""

STEPS = "Canary10Percent5Minutes"
"""Configuration of CodeDeploy: a tenth of the traffic for five minutes, then all of it."""

FUNCTION = "AWS::Serverless::Function"
CALLERS = frozenset(
    {"AWS::ApiGateway::Method", "AWS::ApiGatewayV2::Integration", "AWS::Lambda::Permission"}
)
"""Types of resources in which references to a function are changed to its alias. SAM itself changes
event source mappings.
"""

type Template = dict[str, Any]


def gradual_template(template: Template, release: str) -> Template:
    """Return a copy of a SAM template in which every function is deployed gradually. Pure.

    Args:
        template: A built template, with CloudFormation's functions in long form (``Fn::Sub``).
        release: SHA-256 digest over code and parameters, in hexadecimal. It makes SAM publish a new
            version of each function with each release. By itself, SAM would publish none if only
            parameters differ, and the alias would keep the former settings.

    Raises:
        ValueError: The release is not a digest of 64 characters.
    """
    if not re.fullmatch(r"[0-9a-f]{64}", release):
        raise ValueError("the release must be a SHA-256 digest in hexadecimal")
    derived = copy.deepcopy(template)
    resources = derived["Resources"]
    functions = [name for name, one in resources.items() if one["Type"] == FUNCTION]
    for name in functions:
        alarm = f"{name.removesuffix('Function')}RollbackAlarm"
        resources[name]["Properties"] |= {
            "AutoPublishAlias": ALIAS,
            "AutoPublishCodeSha256": release,
            "DeploymentPreference": {"Type": STEPS, "Alarms": [{"Ref": alarm}]},
        }
        resources[alarm] = _rollback_alarm(name)
    for name, resource in resources.items():
        if resource["Type"] in CALLERS:
            resources[name] = _through_alias(resource, functions)
    return derived


def release_digest(parts: Sequence[str]) -> str:
    """Return one digest over the texts that identify a release, such as commit and parameters.

    >>> release_digest(["a", "bc"]) == release_digest(["ab", "c"])
    False
    """
    return hashlib.sha256(json.dumps(list(parts)).encode()).hexdigest()


def _rollback_alarm(function: str) -> Mapping[str, Any]:
    """Return the alarm on failed calls of a function's alias, which rolls a deployment back.

    The function's other alarms do not roll back: a dead letter of last week would stop the
    deployment that mends the cause of that dead letter.
    """
    return {
        "Type": "AWS::CloudWatch::Alarm",
        "Properties": {
            "AlarmDescription": "The new version of a function fails: its deployment is rolled back"
            " (docs/pipeline.md#gradual-deployment)",
            "Namespace": "AWS/Lambda",
            "MetricName": "Errors",
            "Dimensions": [
                {"Name": "FunctionName", "Value": {"Ref": function}},
                {"Name": "Resource", "Value": {"Fn::Sub": f"${{{function}}}:{ALIAS}"}},
            ],
            "Statistic": "Sum",
            "Period": 60,
            "EvaluationPeriods": 1,
            "Threshold": 1,
            "ComparisonOperator": "GreaterThanOrEqualToThreshold",
            "TreatMissingData": "notBreaching",
            "AlarmActions": {
                "Fn::If": ["HasAlarmTopic", [{"Ref": "AlarmTopicArn"}], {"Ref": "AWS::NoValue"}]
            },
        },
    }


def _through_alias(node: Any, functions: Sequence[str]) -> Any:
    """Return a part of a template, with references to functions replaced by their aliases."""
    if isinstance(node, list):
        return [_through_alias(one, functions) for one in node]
    if not isinstance(node, dict):
        return node
    match node:
        case {"Ref": str(name)} if name in functions:
            return {"Ref": f"{name}.Alias"}
        case {"Fn::GetAtt": [str(name), "Arn"]} if name in functions:
            return {"Ref": f"{name}.Alias"}
        case {"Fn::GetAtt": str(path)} if path.removesuffix(".Arn") in functions:
            return {"Ref": f"{path.removesuffix('.Arn')}.Alias"}
        case {"Fn::Sub": str(text)}:
            for name in functions:
                text = text.replace(f"${{{name}.Arn}}", f"${{{name}.Alias}}")
            return {"Fn::Sub": text}
    return {key: _through_alias(value, functions) for key, value in node.items()}


def main(arguments: Sequence[str]) -> None:
    """Write the template for gradual deployment beside a built template, and print its path.

    The first argument is the built template. The others identify the release, such as the commit
    and the parameters.
    """
    built, *parts = arguments
    # SAM builds plain YAML: it has written the long forms of CloudFormation's functions.
    template = load_trusted_yaml(Path(built).read_text())
    target = Path(built).with_name(NAME)
    target.write_text(json.dumps(gradual_template(template, release_digest(parts))))
    print(display_path(target))


if __name__ == "__main__":
    main(sys.argv[1:])
