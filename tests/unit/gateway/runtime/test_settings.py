"""Settings and credentials: what is missing or malformed is named, and no value is."""

import json
import os
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gridwix_gateway.api.authentication import Consumer
from gridwix_gateway.documents import Document
from gridwix_gateway.runtime import logs
from gridwix_gateway.runtime.credentials import (
    MAX_AGE,
    MIN_AGE,
    SecretCredentials,
    parse_secret,
)
from gridwix_gateway.runtime.settings import ApiSettings, ConfigurationError
from ops.paths import ROOT

CONSUMER = {"consumerKey": "portal", "consumerSecret": "portal-secret-0123"}
SECRET: Document = {"consumers": [CONSUMER], "tokenKey": "k" * 32}


def test_settings_name_each_variable_that_is_missing() -> None:
    with pytest.raises(ConfigurationError) as refused:
        ApiSettings.read({"TABLE_NAME": "", "COMPANY_ID": "GC1"})

    assert "TABLE_NAME" in str(refused.value)
    assert "SECRET_ID" in str(refused.value)


def test_secret_has_consumers_and_the_key_of_tokens() -> None:
    desk = {**CONSUMER, "consumerKey": "desk", "scopes": ["community", "desk"]}

    found = parse_secret(json.dumps({**SECRET, "consumers": [CONSUMER, desk]})).credentials

    assert found.consumers == (
        Consumer("portal", "portal-secret-0123", frozenset({"community"})),
        Consumer("desk", "portal-secret-0123", frozenset({"community", "desk"})),
    )
    assert found.token_key == b"k" * 32


@pytest.mark.parametrize(
    "spoilt",
    [
        {"consumers": []},
        {"tokenKey": "confidential"},
        {"consumers": [{**CONSUMER, "consumerSecret": "confidential"}]},
        {"consumers": [{**CONSUMER, "consumerKey": "confidential:key"}]},
        {"consumers": [{**CONSUMER, "scope": "confidential"}]},
        {"more": "confidential"},
    ],
)
def test_malformed_secret_is_refused_without_its_values(spoilt: Document) -> None:
    with pytest.raises(ConfigurationError) as refused:
        parse_secret(json.dumps({**SECRET, **spoilt}))

    assert "confidential" not in str(refused.value)
    assert str(refused.value).startswith("the secret STACK/consumers: ")
    assert str(refused.value).endswith("gateway/README.md#consumers")


UNUSABLE: list[object] = [
    {**CONSUMER, "consumerSecret": "confidential"},
    {**CONSUMER, "consumerKey": "confidential:key"},
    {**CONSUMER, "more": "confidential"},
    {**CONSUMER, "consumerSecret": 4_711_000_000_000_000},
    "confidential",
    7,
    None,
    [],
    {},
]


@given(st.lists(st.sampled_from(UNUSABLE), max_size=6), st.integers(0, 6))
def test_consumer_that_can_be_used_works_wherever_it_stands(
    unusable: list[object], place: int
) -> None:
    consumers = [*unusable[:place], CONSUMER, *unusable[place:]]

    found = parse_secret(json.dumps({**SECRET, "consumers": consumers}))

    assert [one.key for one in found.credentials.consumers] == ["portal"]
    assert [*found.faults] == [
        number for number, one in enumerate(consumers, 1) if one is not CONSUMER
    ]
    assert "confidential" not in str(found.faults)


def test_consumer_that_cannot_be_used_is_counted(capsys: pytest.CaptureFixture[str]) -> None:
    secret = {**SECRET, "consumers": ["confidential", CONSUMER]}

    SecretCredentials(SecretsManager(secret), "gateway").read()

    printed = capsys.readouterr().out
    assert '"SecretEntriesUnusable":[1.0]' in printed.replace(" ", "")
    assert "confidential" not in printed


class SecretsManager:
    """Counts the reads of one secret."""

    def __init__(self, secret: Document = SECRET) -> None:
        self.reads = 0
        self.secret = secret

    def get_secret_value(self, **arguments: str) -> Document:
        assert arguments == {"SecretId": "gateway"}
        self.reads += 1
        return {"SecretString": json.dumps(self.secret)}


def test_credentials_are_kept_and_refreshed_within_bounds() -> None:
    client, now = SecretsManager(), [1_000.0]
    store = SecretCredentials(client, "gateway", lambda: now[0])

    def reads(*, refresh: bool = False) -> int:
        store.read(refresh=refresh)
        return client.reads

    assert [reads(), reads(), reads(refresh=True)] == [1, 1, 1]
    now[0] += MIN_AGE + 1
    assert [reads(), reads(refresh=True), reads(refresh=True)] == [1, 2, 2]
    now[0] += MAX_AGE + 1
    assert reads() == 3


def test_fault_of_the_secret_is_logged_for_the_operator(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    faults: list[Document] = []
    monkeypatch.setattr(logs.logger, "error", lambda _, extra: faults.append(extra))
    spoilt = {**SECRET, "consumers": [{**CONSUMER, "consumerSecret": "tiny-value"}]}

    with pytest.raises(ConfigurationError):
        SecretCredentials(SecretsManager(spoilt), "gateway").read()

    assert "consumers, place 1: consumerSecret" in faults[0]["fault"]
    assert "tiny-value" not in faults[0]["fault"]


def test_cold_start_imports_nothing_that_reads_do_not_need() -> None:
    code = (
        "import sys, runpy; runpy.run_path('gateway/functions/api/app.py');"
        "print([name for name in ('jsonschema_rs', 'yaml', 'duckdb', 'openpyxl', 'cel', 'httpx',"
        " 'aws_lambda_powertools.event_handler') if name in sys.modules])"
    )
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "gateway/layer")}

    found = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )

    assert found.stdout.strip() == "[]"
