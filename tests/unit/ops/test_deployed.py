"""The settings of all deployed functions."""

from typing import Any

import boto3
import pytest
from botocore.stub import Stubber

from ops.aws import Aws
from ops.deployed import (
    OWN,
    READERS,
    read_environments,
    settings_disagreements,
    settings_fault,
    settings_probes,
)
from ops.probes import Finding, run_probe
from ops.stack import Stack, snake_case
from tests.unit.template.rules import functions, load

SETTING = {
    "TRADING_GRID_BASE_URL": "https://apigrid.example",
    "TRADING_GRID_COMMUNITY_URL": "https://community.example",
    "TRADING_GRID_COMPANY_ID": "GC1",
}
SETTING |= {
    "TRADING_GRID_CREDENTIALS_SECRET": "arn:secret",
    "BUS_NAME": "bus",
    "CURSOR_TABLE": "cursors",
    "REFUSED_ITEM_TABLE": "refused",
}


def stack(**outputs: str) -> Stack:
    session = boto3.Session(
        aws_access_key_id="x", aws_secret_access_key="x", region_name="us-east-1"
    )
    return Stack("gridwix", outputs, Aws(session, "http://127.0.0.1:9"))


def test_every_function_of_the_template_is_known() -> None:
    assert set(READERS) == {
        snake_case(name.removesuffix("Function")) for name, _ in functions(load())
    }


def test_every_variable_that_functions_share_has_one_value_in_the_template() -> None:
    values: dict[str, set[str]] = {}
    for _, properties in functions(load()):
        for variable, value in properties.get("Environment", {}).get("Variables", {}).items():
            values.setdefault(variable, set()).add(str(value))

    assert {variable for variable, found in values.items() if len(found) > 1} == OWN


def test_functions_that_agree_disagree_about_nothing() -> None:
    assert (
        settings_disagreements(
            {
                "a": {**SETTING, "QUEUE_URL": "1"},
                "b": {**SETTING, "QUEUE_URL": "2"},
                "c": {"BUS_NAME": "bus"},
            }
        )
        == []
    )


def test_a_variable_with_two_values_is_named_with_its_functions() -> None:
    (found,) = settings_disagreements(
        {
            "status_publisher": {"WIX_SITE_ID": "one"},
            "form_intake": {"WIX_SITE_ID": "other"},
            "document_sync": {"WIX_SITE_ID": "one"},
        }
    )

    assert (
        str(found)
        == "WIX_SITE_ID is one for document_sync, status_publisher, but other for form_intake"
    )


def test_settings_of_a_function_that_lacks_some_name_them_once() -> None:
    assert settings_fault("trading_grid_feed", SETTING) is None
    assert "CURSOR_TABLE" in str(
        settings_fault(
            "trading_grid_feed",
            {name: value for name, value in SETTING.items() if name != "CURSOR_TABLE"},
        )
    )
    assert "WEBHOOK_INBOX_TABLE" in str(settings_fault("trading_grid_webhook", {}))


def test_read_environments_asks_every_function() -> None:
    found = stack(TradingGridFeedFunctionName="f-1", WixWebhookFunctionName="w-1")
    with Stubber(found.aws.functions) as stub:
        for name, site in (("f-1", "one"), ("w-1", "two")):
            stub.add_response(
                "get_function_configuration",
                {"Environment": {"Variables": {"WIX_SITE_ID": site}}},
                {"FunctionName": name},
            )

        assert read_environments(found) == {
            "trading_grid_feed": {"WIX_SITE_ID": "one"},
            "wix_webhook": {"WIX_SITE_ID": "two"},
        }


def secret_finding(
    value: dict[str, Any] | str, environment: dict[str, str], capability: str
) -> Finding:
    """Return the finding of the probe of a secret.

    ``value`` is Secrets Manager's answer, or the code of its error.
    """
    found = stack()
    with Stubber(found.aws.secrets) as stub:
        if isinstance(value, str):
            stub.add_client_error("get_secret_value", value)
        else:
            stub.add_response("get_secret_value", value)
        (probe,) = [
            probe
            for probe in settings_probes(found, {"f": environment}, mails=True)
            if probe[1] == capability
        ]
        return run_probe(*probe)


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("ResourceNotFoundException", "has no value"),
        ({"SecretString": "whsec_not-json"}, "is no JSON object"),
        ({"SecretString": '{"secrets": []}'}, "has no secrets"),
        ({"SecretString": "[]"}, "is no JSON object"),
        ({"SecretString": '{"secrets": ["whsec_b2xk", "whsec_#"]}'}, "secrets, place 2, is no"),
    ],
)
def test_a_secret_without_a_usable_value_is_a_fault_that_shows_nothing_of_it(
    value: dict[str, Any] | str, words: str
) -> None:
    found = secret_finding(
        value,
        {"TRADING_GRID_WEBHOOK_SECRET": "arn:1", "TRADING_GRID_WEBHOOK_MODE": "standard-webhooks"},
        "secret of the webhooks of Trading Grid",
    )

    assert found.is_fault
    assert words in found.found
    assert "whsec_" not in found.found


def test_a_secret_with_a_value_works() -> None:
    found = secret_finding(
        {"SecretString": '{"signingSecrets": ["whsec_b2xk"]}'},
        {"WIX_WEBHOOK_SECRET": "arn:1", "WIX_INSTANCE_ID": "none"},
        "secret of the webhooks of Wix",
    )

    assert (found.works, found.found) == (True, "has signingSecrets")


def test_secrets_that_nothing_uses_are_not_asked_for() -> None:
    capabilities = [
        probe[1]
        for probe in settings_probes(
            stack(), {"f": {"TRADING_GRID_WEBHOOK_MODE": "doorbell"}}, mails=False
        )
    ]

    assert capabilities == ["settings", "settings agree", "secret of the webhooks of Wix"]
