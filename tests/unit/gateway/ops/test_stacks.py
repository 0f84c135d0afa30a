"""``gridwix source plan --stack X``: what is said if X is not the gateway's stack."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from botocore.stub import Stubber
from typer.testing import CliRunner

from ops.aws import Aws
from ops.cli import app
from ops.errors import StackError
from ops.gateway.stacks import read_gateway_stack
from ops.local_cloud import LocalCloud
from ops.paths import ROOT
from ops.stack import GATEWAY_OUTPUT, OWN_OUTPUT, Stack

OUTPUTS = {"gridwix": OWN_OUTPUT, "shop": "ShopUrl", "tg-gateway": GATEWAY_OUTPUT}


def described(name: str, output: str) -> Any:
    """Return a stack as CloudFormation describes it."""
    return {
        "StackName": name,
        "CreationTime": datetime(2026, 3, 12, tzinfo=UTC),
        "StackStatus": "CREATE_COMPLETE",
        "Outputs": [{"OutputKey": output, "OutputValue": "https://x.example"}],
    }


@contextmanager
def account(name: str, gateways: Sequence[str] | None = None) -> Iterator[Aws]:
    """An account that is asked for a stack, and then for all; None: it may not list them."""
    # Nothing reaches this address: answers are stubbed.
    aws = LocalCloud("http://127.0.0.1:9", ROOT).aws()
    with Stubber(aws.cloudformation) as stubber:
        if name in OUTPUTS:
            found = {"Stacks": [described(name, OUTPUTS[name])]}
            stubber.add_response("describe_stacks", found, {"StackName": name})
        else:
            said = f"Stack with id {name} does not exist"
            stubber.add_client_error("describe_stacks", "ValidationError", said, 400)
        if gateways is None:
            stubber.add_client_error("describe_stacks", "AccessDenied", "not authorized", 403)
        else:
            first = {"Stacks": [described("gridwix", OWN_OUTPUT)], "NextToken": "more"}
            last = {"Stacks": [described(one, GATEWAY_OUTPUT) for one in gateways]}
            stubber.add_response("describe_stacks", first, {})
            stubber.add_response("describe_stacks", last, {"NextToken": "more"})
        yield aws


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("gridwix", "gridwix is gridwix's own stack: "),
        ("shop", "shop is no stack of a community gateway: "),
        ("gatway", "there is no stack gatway in this account and region: "),
    ],
)
@pytest.mark.parametrize("gateways", [None, (), ("tg-gateway",), ("tg-test", "tg-gateway")])
def test_stack_that_is_not_the_gateways_is_named_with_those_that_are(
    name: str, said: str, gateways: tuple[str, ...] | None
) -> None:
    with account(name, gateways) as aws, pytest.raises(StackError) as caught:
        read_gateway_stack(name, aws)

    hint = f"give the gateway's stack: {' or '.join(sorted(gateways or ()))}"
    if not gateways:
        hint = (
            "give the name under which gateway/template.yaml was deployed. No gateway was found in"
            " this account and region"
        )
    assert str(caught.value) == said + hint


@pytest.mark.parametrize("command", ["plan", "apply"])
def test_commands_for_sources_take_the_gateways_stack_only(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, command: str
) -> None:
    (tmp_path / "p.csv").write_text("x")
    arguments = [str(tmp_path / "p.csv"), "--source", "onboarding-steps", "--stack", "gridwix"]

    with account("gridwix", ["tg-gateway"]) as aws:
        monkeypatch.setattr("ops.commands.source.Aws", lambda: aws)
        result = CliRunner().invoke(app, ["source", command, *arguments])

    assert str(result.exception) == (
        "gridwix is gridwix's own stack: give the gateway's stack: tg-gateway"
    )


def test_gateways_stack_is_returned() -> None:
    with account("tg-gateway") as aws:
        found = read_gateway_stack("tg-gateway", aws)

    assert found.outputs == {GATEWAY_OUTPUT: "https://x.example"}


def test_command_of_gridwix_says_that_the_stack_is_the_gateways() -> None:
    with account("tg-gateway") as aws:
        found = Stack.read("tg-gateway", aws)

    with pytest.raises(StackError, match="BusName: it is the community gateway's, so give gridwix"):
        found.output("BusName")


@pytest.mark.parametrize(
    ("template", "own", "other"),
    [
        ("template.yaml", OWN_OUTPUT, GATEWAY_OUTPUT),
        ("gateway/template.yaml", GATEWAY_OUTPUT, OWN_OUTPUT),
    ],
)
def test_outputs_tell_the_templates_apart(template: str, own: str, other: str) -> None:
    outputs = (ROOT / template).read_text().partition("\nOutputs:\n")[2]

    assert f"  {own}:\n" in outputs
    assert f"  {other}:\n" not in outputs
