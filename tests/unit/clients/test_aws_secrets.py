import traceback

import boto3
import pytest
from moto import mock_aws

from gridwix.clients.aws.secret_cache import SecretCache
from gridwix.clients.aws.secrets import SecretStore
from gridwix.errors import ConfigurationError, NotFound, Throttled, Unavailable

NAME = "gridwix/wix"


class Vault:
    """A place that holds one secret.

    ``fails`` is raised instead of answering. Time stands still until ``now`` is set.
    """

    def __init__(self, text: str = '{"apiKey":"one"}') -> None:
        self.text = text
        self.fails: Exception | None = None
        self.now = 1000.0
        self.fetches = 0

    def fetch(self, name: str) -> str:
        self.fetches += 1
        if self.fails:
            raise self.fails
        return self.text

    def cache(self) -> SecretCache:
        return SecretCache(self.fetch, lambda: self.now)


def test_secret_is_fetched_once_while_it_is_fresh() -> None:
    vault = Vault()
    cache = vault.cache()

    first = cache.get(NAME)
    vault.now += 299
    second = cache.get(NAME)

    assert first == second == {"apiKey": "one"}
    assert vault.fetches == 1


def test_secret_is_fetched_again_when_it_is_old() -> None:
    vault = Vault()
    cache = vault.cache()
    cache.get(NAME)

    vault.text = '{"apiKey":"two"}'
    vault.now += 300

    assert cache.get(NAME) == {"apiKey": "two"}


def test_secrets_are_kept_apart() -> None:
    vault = Vault()
    cache = vault.cache()
    cache.get(NAME)

    vault.text = '{"consumerKey":"k"}'

    assert cache.get("gridwix/trading-grid") == {"consumerKey": "k"}
    assert cache.get(NAME) == {"apiKey": "one"}


@pytest.mark.parametrize(
    "failure", [Unavailable(system="aws"), Throttled(system="aws"), NotFound(system="aws")]
)
def test_kept_secret_is_served_for_an_hour_while_fetching_fails(failure: Exception) -> None:
    vault = Vault()
    cache = vault.cache()
    cache.get(NAME)
    vault.fails = failure

    vault.now += 3599
    assert cache.get(NAME) == {"apiKey": "one"}
    vault.now += 1

    with pytest.raises((Unavailable, Throttled, ConfigurationError)):
        cache.get(NAME)


def test_failing_fetch_is_not_repeated_within_30_seconds() -> None:
    vault = Vault()
    cache = vault.cache()
    cache.get(NAME)
    vault.fails = Unavailable(system="aws")
    vault.now += 400
    cache.get(NAME)
    before = vault.fetches

    vault.now += 29
    cache.get(NAME)
    assert vault.fetches == before
    vault.now += 1
    cache.get(NAME)

    assert vault.fetches == before + 1


def test_refresh_fetches_at_most_once_in_30_seconds() -> None:
    vault = Vault()
    cache = vault.cache()
    cache.get(NAME)
    vault.text = '{"apiKey":"two"}'

    vault.now += 29
    assert cache.refresh(NAME) == {"apiKey": "one"}
    vault.now += 1
    assert cache.refresh(NAME) == {"apiKey": "two"}
    vault.text = '{"apiKey":"three"}'
    vault.now += 29
    assert cache.refresh(NAME) == {"apiKey": "two"}

    assert vault.fetches == 2


def test_refresh_of_a_secret_that_is_not_kept_fetches_it() -> None:
    assert Vault().cache().refresh(NAME) == {"apiKey": "one"}


def test_first_fetch_that_fails_raises_and_the_next_call_tries_again() -> None:
    vault = Vault()
    cache = vault.cache()
    vault.fails = Unavailable(system="aws")
    with pytest.raises(Unavailable):
        cache.get(NAME)

    vault.fails = None

    assert cache.get(NAME) == {"apiKey": "one"}


@pytest.mark.parametrize(
    "text", ["sesame-not-json", '["sesame"]', '"sesame"', "null", "", '{"apiKey": "sesame"']
)
def test_secret_that_is_not_a_json_object_is_a_configuration_error_that_does_not_tell_it(
    text: str,
) -> None:
    with pytest.raises(ConfigurationError) as raised:
        Vault(text).cache().get(NAME)

    assert NAME in str(raised.value)
    assert raised.value.__context__ is None
    assert "sesame" not in "".join(traceback.format_exception(raised.value))


def test_broken_rotation_does_not_replace_a_secret_that_works() -> None:
    vault = Vault()
    cache = vault.cache()
    cache.get(NAME)
    vault.text = "oops"

    vault.now += 400

    assert cache.get(NAME) == {"apiKey": "one"}


def test_secret_store_reads_secrets_manager() -> None:
    with mock_aws():
        client = boto3.client("secretsmanager", region_name="eu-west-1")
        client.create_secret(Name=NAME, SecretString='{"apiKey":"one"}')
        now = 1000.0
        store = SecretStore(client, lambda: now, max_age=60)

        first = store.get(NAME)
        client.put_secret_value(SecretId=NAME, SecretString='{"apiKey":"two"}')
        now += 60

        assert first == {"apiKey": "one"}
        assert store.get(NAME) == {"apiKey": "two"}


def test_secret_store_names_a_secret_that_is_missing_or_has_no_text() -> None:
    with mock_aws():
        client = boto3.client("secretsmanager", region_name="eu-west-1")
        client.create_secret(Name="binary", SecretBinary=b"sesame")
        store = SecretStore(client, lambda: 1000.0)

        with pytest.raises(ConfigurationError, match="gridwix/wix"):
            store.get(NAME)
        with pytest.raises(ConfigurationError, match="binary"):
            store.get("binary")
