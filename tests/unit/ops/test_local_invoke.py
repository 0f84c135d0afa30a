"""``gridwix invoke``: each sample event belongs to a function of one of the two templates."""

from types import SimpleNamespace
from typing import Any, cast

import pytest

from ops.bundle import GATEWAY, GRIDWIX
from ops.errors import OpsError
from ops.local_environment import LocalEnvironment
from ops.local_invoke import Case, invoke_function, list_cases
from ops.paths import ROOT
from tests.unit.template.rules import load


def test_each_sample_event_is_of_a_function_that_its_applications_template_names() -> None:
    templates = {
        application.name: load(ROOT / application.folder / "template.yaml")
        for application in (GRIDWIX, GATEWAY)
    }

    for case in list_cases():
        template = templates[case.application.name]
        assert template["Resources"][case.logical_id]["Type"] == "AWS::Serverless::Function"
        assert f"{case.logical_id}Name" in template["Outputs"]
    assert Case("api", "token").application is GATEWAY
    assert Case("status_publisher", "resync").application is GRIDWIX


def test_invoke_when_the_gateway_is_not_deployed_then_the_error_says_so(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Any
) -> None:
    monkeypatch.setattr("ops.local_invoke.build_bundle", lambda *_: tmp_path)
    monkeypatch.setattr("ops.local_invoke.template_with_endpoint", lambda path: path)
    monkeypatch.setattr("ops.local_invoke._host_address", lambda: "127.0.0.1")
    part = SimpleNamespace(url="http://127.0.0.1:1", endpoint="http://127.0.0.1:1")
    local = SimpleNamespace(run=tmp_path, cloud=part, trading_grid=part, wix=part, own_gateway=None)

    with pytest.raises(OpsError, match="api is a function of the gateway"):
        invoke_function(cast("LocalEnvironment", local), Case("api", "token"))
