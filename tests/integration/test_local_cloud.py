"""The local cloud itself: it enforces IAM, and the bundle that it runs is complete."""

import subprocess
import sys
from pathlib import Path

import boto3
import pytest
from botocore.exceptions import ClientError

from ops.bundle import build_bundle
from ops.local_cloud import REGION
from ops.local_environment import LocalEnvironment
from ops.paths import ROOT, TOOLS

FUNCTIONS = sorted(path.parent.name for path in (ROOT / "functions").glob("*/handler.py"))


def test_iam_is_enforced_so_that_a_missing_permission_shows(local_cloud: LocalEnvironment) -> None:
    """A role without policies may not do what the stack's roles may."""
    aws, iam = (
        local_cloud.stack.aws,
        _session(local_cloud).client("iam", endpoint_url=local_cloud.cloud.endpoint),
    )
    user = iam.create_user(UserName="nobody")["User"]["UserName"]
    key = iam.create_access_key(UserName=user)["AccessKey"]
    session = boto3.Session(
        aws_access_key_id=key["AccessKeyId"],
        aws_secret_access_key=key["SecretAccessKey"],
        region_name=REGION,
    )
    table = local_cloud.stack.output("LedgerTableName")

    with pytest.raises(ClientError, match="AccessDenied"):
        session.client("dynamodb", endpoint_url=local_cloud.cloud.endpoint).scan(TableName=table)

    assert aws.dynamodb.describe_table(TableName=table)["Table"]["TableName"] == table


@pytest.mark.parametrize("function", FUNCTIONS)
def test_handler_imports_from_the_built_bundle_alone(
    local_cloud: LocalEnvironment, function: str, tmp_path: Path
) -> None:
    """With only the layer and the function on the path.

    Libraries of the test environment cannot stand in for missing ones.
    """
    built = build_bundle(tmp_path / "sam-build.log").parent
    logical_id = "".join(word.capitalize() for word in function.split("_")) + "Function"
    paths = [str(built / logical_id), str(built / "CommonLayer/python")]
    program = f"import sys; sys.path[:0] = {paths!r}; import handler; handler.handler"
    environment = {
        "AWS_REGION": REGION,
        "POWERTOOLS_SERVICE_NAME": function,
        "POWERTOOLS_METRICS_NAMESPACE": "gridwix",
    }

    done = subprocess.run(
        [_bare_python(), "-I", "-S", "-B", "-c", program],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stderr


def _bare_python() -> str:
    """The interpreter without its environment's packages (-S leaves them out)."""
    assert (TOOLS / "sam/bin").is_dir()
    return sys.executable


def _session(local: LocalEnvironment) -> boto3.Session:
    environment = local.cloud.environment()
    return boto3.Session(
        environment["AWS_ACCESS_KEY_ID"], environment["AWS_SECRET_ACCESS_KEY"], region_name=REGION
    )
