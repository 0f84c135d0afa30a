"""Settings: what is missing or malformed is named, and its value is not."""

import pytest

from gridwix.errors import ConfigurationError
from gridwix.runtime.settings import PublisherSettings

ENVIRONMENT = {
    "TRADING_GRID_BASE_URL": "https://apigrid.example",
    "TRADING_GRID_COMMUNITY_URL": "https://gateway.example/community/v1",
    "TRADING_GRID_COMPANY_ID": "GC00700011NR",
    "TRADING_GRID_CREDENTIALS_SECRET": "tg",
    "WIX_BASE_URL": "https://www.wixapis.com",
    "WIX_SITE_ID": "site",
    "WIX_CREDENTIALS_SECRET": "wix",
    "BUDGET_TABLE": "budget",
    "LEDGER_TABLE": "ledger",
    "REFUSED_ITEM_TABLE": "refused",
    "PORTAL_RING_QUEUE_URL": "https://rings.example",
}


def test_read_of_a_whole_environment_gives_the_settings() -> None:
    settings = PublisherSettings.from_environment(
        ENVIRONMENT | {"WIX_CALLS_PER_MINUTE": "200", "PATH": "/bin"}
    )

    assert (settings.wix_calls_per_minute, settings.wix_call_burst, settings.claim_seconds) == (
        200,
        60,
        90,
    )


@pytest.mark.parametrize("name", ENVIRONMENT)
def test_read_when_a_variable_is_missing_names_it(name: str) -> None:
    with pytest.raises(ConfigurationError, match=name):
        PublisherSettings.from_environment(
            {key: value for key, value in ENVIRONMENT.items() if key != name}
        )


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("WIX_CALLS_PER_MINUTE", "many"),
        ("CLAIM_SECONDS", "-17"),
        ("WIX_BASE_URL", "not-an-address"),
    ],
)
def test_read_when_a_variable_is_malformed_names_it_without_its_value(
    name: str, value: str
) -> None:
    with pytest.raises(ConfigurationError) as caught:
        PublisherSettings.from_environment(ENVIRONMENT | {name: value})

    assert name in str(caught.value)
    assert value not in str(caught.value)


def test_read_when_the_burst_is_not_below_the_rate_says_so() -> None:
    with pytest.raises(
        ConfigurationError, match="WIX_CALL_BURST must be less than WIX_CALLS_PER_MINUTE"
    ):
        PublisherSettings.from_environment(ENVIRONMENT | {"WIX_CALLS_PER_MINUTE": "60"})
