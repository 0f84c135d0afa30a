"""The derived template moves traffic in steps, by what SAM makes of it, and changes no more."""

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from ops.gradual_template import NAME, gradual_template, main, release_digest
from ops.paths import ROOT, TOOLS
from tests.unit.template.rules import Template, functions, load, of_type, walk

TRANSLATE = """
import json, logging, os, sys
from types import SimpleNamespace
logging.disable()
os.environ["AWS_DEFAULT_REGION"] = "us-east-1"
from samtranslator.translator.transform import transform
policies = SimpleNamespace(load=dict)
json.dump([transform(one, {}, policies) for one in json.load(sys.stdin)], sys.stdout)
"""
FIRST, SECOND = release_digest(["1"]), release_digest(["2"])
TEMPLATES = [ROOT / "template.yaml", ROOT / "gateway/template.yaml"]
IDS = ["gridwix", "gateway"]


def packaged(path: Path) -> Template:
    """A template as SAM sends it to CloudFormation, with code in S3."""
    template = load(path)
    for resource in template["Resources"].values():
        for member in ("CodeUri", "ContentUri"):
            if member in resource.get("Properties", {}):
                resource["Properties"][member] = "s3://bucket/key"
    return template


def translated(*templates: Template) -> list[Template]:
    """The templates that SAM's transform makes."""
    done = subprocess.run(
        [TOOLS / "sam/bin/python", "-c", TRANSLATE],
        input=json.dumps(templates),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    made: list[Template] = json.loads(done.stdout)
    return made


@pytest.fixture(scope="module", params=TEMPLATES, ids=IDS)
def stages(request: pytest.FixtureRequest) -> tuple[Template, Template, Template]:
    """What SAM makes of a template, and of its derived templates for two releases."""
    template = packaged(request.param)
    plain, first, second = translated(
        template, gradual_template(template, FIRST), gradual_template(template, SECOND)
    )
    return plain, first, second


def names(template: Template, kind: str) -> set[str]:
    return {name for name, _ in of_type(template, kind)}


def test_every_function_moves_in_steps_and_back_on_its_own_errors(
    stages: tuple[Template, Template, Template],
) -> None:
    _, made, _ = stages
    lambdas = names(made, "AWS::Lambda::Function")
    groups = dict(of_type(made, "AWS::CodeDeploy::DeploymentGroup"))

    assert names(made, "AWS::Lambda::Alias") == {f"{name}Aliaslive" for name in lambdas}
    assert len(groups) == len(lambdas) > 5
    for name in lambdas:
        alias, alarm = (
            made["Resources"][f"{name}Aliaslive"],
            name.replace("Function", "RollbackAlarm"),
        )
        update = alias["UpdatePolicy"]["CodeDeployLambdaAliasUpdate"]
        group = groups[update["DeploymentGroupName"]["Ref"]]
        assert group["AlarmConfiguration"] == {
            "Enabled": True,
            "Alarms": [{"Name": {"Ref": alarm}}],
        }
        assert group["AutoRollbackConfiguration"]["Enabled"]
        assert "Canary10Percent5Minutes" in json.dumps(group["DeploymentConfigName"])
        dimensions = made["Resources"][alarm]["Properties"]["Dimensions"]
        assert dimensions[1] == {"Name": "Resource", "Value": {"Fn::Sub": f"${{{name}}}:live"}}


def test_queues_and_apis_call_each_function_through_its_alias(
    stages: tuple[Template, Template, Template],
) -> None:
    _, made, _ = stages
    lambdas = names(made, "AWS::Lambda::Function")
    aliases = {f"{name}Aliaslive" for name in lambdas}
    callers = [
        (name, properties)
        for kind in (
            "AWS::Lambda::EventSourceMapping",
            "AWS::Lambda::Permission",
            "AWS::ApiGatewayV2::Integration",
            "AWS::ApiGateway::Method",
        )
        for name, properties in of_type(made, kind)
    ]

    assert len(callers) > len(lambdas)
    for name, properties in callers:
        text = json.dumps(properties)
        assert [alias for alias in aliases if alias in text], name
        for function in lambdas:
            assert f'"{function}"' not in text, name
            assert f"${{{function}.Arn}}" not in text, name


def test_every_release_publishes_a_version_of_each_function(
    stages: tuple[Template, Template, Template],
) -> None:
    """Also one in which only a parameter differs: the digest of the release has the parameters."""
    plain, first, second = stages
    versions = [names(made, "AWS::Lambda::Version") for made in (first, second)]

    assert names(plain, "AWS::Lambda::Version") == set()
    assert len(versions[0]) == len(versions[1]) == len(names(first, "AWS::Lambda::Function"))
    assert versions[0].isdisjoint(versions[1])


@pytest.mark.parametrize("path", TEMPLATES, ids=IDS)
def test_all_else_is_as_in_the_template(path: Path) -> None:
    template = load(path)
    before = json.dumps(template, sort_keys=True)

    derived = gradual_template(template, FIRST)

    assert json.dumps(template, sort_keys=True) == before
    assert {key: derived[key] for key in derived if key != "Resources"} == {
        key: template[key] for key in template if key != "Resources"
    }
    changed = {
        resource["Type"]
        for name, resource in template["Resources"].items()
        if derived["Resources"][name] != resource
    }
    assert changed <= {
        "AWS::Serverless::Function",
        "AWS::ApiGateway::Method",
        "AWS::ApiGatewayV2::Integration",
        "AWS::Lambda::Permission",
    }
    added = derived["Resources"].keys() - template["Resources"].keys()
    assert len(added) == len(list(functions(template)))
    assert {derived["Resources"][name]["Type"] for name in added} == {"AWS::CloudWatch::Alarm"}


def test_alarms_point_at_a_heading_of_the_page() -> None:
    derived = gradual_template(load(), FIRST)
    page = (ROOT / "docs/pipeline.md").read_text()

    found = {
        value
        for path, value in walk(derived["Resources"])
        if path.endswith("RollbackAlarm/Properties/AlarmDescription")
    }

    assert found
    assert all("(docs/pipeline.md#gradual-deployment)" in one for one in found)
    assert "\n## Gradual deployment\n" in page


def test_release_that_is_no_digest_is_refused() -> None:
    with pytest.raises(ValueError, match="SHA-256"):
        gradual_template({"Resources": {}}, "v1")


def test_derived_template_is_written_beside_the_built_one(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    function: dict[str, Any] = {"Type": "AWS::Serverless::Function", "Properties": {}}
    built = tmp_path / "template.yaml"
    built.write_text(yaml.safe_dump({"Resources": {"OneFunction": function}}))

    main([str(built), "commit", "LogLevel=INFO"])

    written = json.loads((tmp_path / NAME).read_text())
    digest = release_digest(["commit", "LogLevel=INFO"])
    assert written["Resources"]["OneFunction"]["Properties"]["AutoPublishCodeSha256"] == digest
    assert capsys.readouterr().out.strip().endswith(NAME)
