"""Environment variables that several functions read, as models.

A function's own ones are in the ``settings.py`` of its package.

``template.yaml`` sets them; ``docs/settings.md`` explains them.
"""

import os
from collections.abc import Mapping
from typing import Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from gridwix.errors import ConfigurationError
from gridwix.models.ids import CompanyId
from gridwix.models.service_address import ServiceUrl


class Settings(BaseModel):
    """Base of settings models, which are read from environment variables.

    Each field has the name of its variable in lower case; other variables are ignored.
    """

    # Built when it is read: of a function's settings and all their bases that is one model.
    model_config = ConfigDict(
        defer_build=True,
        hide_input_in_errors=True,
        frozen=True,
        extra="ignore",
        alias_generator=str.upper,
    )

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> Self:
        """Return the settings of this function.

        Raises ConfigurationError with the name, not the value, of each missing or malformed
        variable.
        """
        try:
            values = dict(environment)
            return cls.model_validate(values, context=values)
        except ValidationError as error:
            found = [
                (".".join(map(str, fault["loc"])), fault["msg"])
                for fault in error.errors(include_input=False)
            ]
            faults = "; ".join(f"{name}: {said}" for name, said in found)
            names = dict.fromkeys(name for name, _ in found if name)
            raise ConfigurationError(
                f"cannot be used ({faults})",
                setting=", ".join(names) or cls.__name__,
                remedy="deploy the stack again with the parameters that docs/settings.md lists",
            ) from None


class QueueSettings(Settings):
    """Settings of a function that delays messages in its own SQS queue, or sends itself messages.

    ``queue_url`` is the URL of that queue.
    """

    queue_url: str = Field(min_length=1)


class RefusedItemSettings(Settings):
    """Settings of a function that stores portal rows that Wix refused, and unreadable records.

    ``refused_item_days``: time for which they are kept, in days.
    """

    refused_item_table: str = Field(min_length=1)
    refused_item_days: int = Field(default=90, ge=1)


class JournalSettings(Settings):
    """Settings of a function that writes the journal (the result of each message and change).

    ``journal_days``: time for which an entry is kept, in days.
    """

    journal_table: str = Field(min_length=1)
    journal_days: int = Field(default=30, ge=1)


class ConfigurationSettings(Settings):
    """Settings of a function that uses the configuration (``config/``).

    ``configuration_table`` stores its published versions.
    """

    configuration_table: str = Field(min_length=1)


class TradingGridSettings(RefusedItemSettings):
    """Settings of a function that calls Trading Grid.

    ``trading_grid_credentials_secret`` names a secret ``{"consumerKey", "consumerSecret"}`` for the
    mode ``apigrid``, or ``{"token"}`` for ``static-bearer``.
    """

    trading_grid_base_url: ServiceUrl
    trading_grid_auth_mode: str = "apigrid"
    trading_grid_community_url: ServiceUrl
    trading_grid_company_id: CompanyId = Field(min_length=1)
    trading_grid_event_type_prefix: str = "net.example.tg."
    trading_grid_partner_ids_per_call: int = Field(default=50, ge=1, le=50)
    trading_grid_credentials_secret: str = Field(min_length=1)


class WixSettings(Settings):
    """Settings of a function that calls the Wix site, with the rate limit of its calls.

    ``wix_call_burst`` has room for the two calls of an upload, which go together.
    ``wix_credentials_secret`` names a secret ``{"apiKey"}`` or ``{"appId", "appSecret",
    "instanceId"}``.
    """

    wix_base_url: ServiceUrl
    wix_site_id: str = Field(min_length=1)
    wix_credentials_secret: str = Field(min_length=1)
    wix_calls_per_minute: int = Field(default=180, ge=1)
    wix_call_burst: int = Field(default=60, ge=2)
    budget_table: str = Field(min_length=1)

    @model_validator(mode="after")
    def _burst_below_rate(self) -> Self:
        if self.wix_call_burst >= self.wix_calls_per_minute:
            raise ValueError("WIX_CALL_BURST must be less than WIX_CALLS_PER_MINUTE")
        return self


class PollerSettings(TradingGridSettings):
    """Settings of a function that polls Trading Grid and puts events on the bus.

    ``cursor_table`` stores the cursor up to which it has read.
    """

    bus_name: str = Field(min_length=1)
    cursor_table: str = Field(min_length=1)


class BellSettings(Settings):
    """Settings of a function that writes portal rows, and has pages that show them updated.

    ``portal_ring_queue_url`` is the queue of the function ``portal_ringer``, which notifies the
    portal pages that are open in a browser.
    """

    portal_ring_queue_url: str = Field(min_length=1)


class ClientSettings(TradingGridSettings, WixSettings):
    """Settings of the clients of both systems, Trading Grid and Wix.

    Commands read only these settings, so that they also work on a stack of an earlier release, with
    functions that lack newer variables: `gridwix setup` runs before an upgrade.
    """


class PublisherSettings(ClientSettings, BellSettings):
    """Settings of a function that writes rows to the portal.

    ``ledger_table`` records the published versions. ``claim_seconds`` is the time for which one
    worker has the exclusive right to write a row, in seconds
    (``docs/adr/0002-no-stale-overwrite.md``).
    """

    ledger_table: str = Field(min_length=1)
    claim_seconds: float = Field(default=90, gt=0)


class RequestSettings(PublisherSettings):
    """Settings of functions that publish rows of partners' submissions.

    These are ``form_intake`` and ``request_publisher``.
    """

    submission_table: str = Field(min_length=1)


def host_names(text: str) -> frozenset[str]:
    """Parse a setting with hosts that are separated by commas; ``none`` stands for no hosts.

    >>> sorted(host_names("127.0.0.1:8001, Files.example")), host_names("none")
    (['127.0.0.1:8001', 'files.example'], frozenset())
    """
    return frozenset(host.strip().lower() for host in text.split(",") if host.strip()) - {"none"}


class FileSettings(Settings):
    """Settings of a function that downloads and uploads files.

    ``file_hosts`` are hosts, with their ports and separated by commas, that may be called although
    they are not public; ``none`` if there are none.
    """

    file_hosts: str

    @property
    def exempt_hosts(self) -> frozenset[str]:
        return host_names(self.file_hosts)


class DocumentTableSettings(PublisherSettings):
    """Settings of a function that reads the state of document files from ``transfer_table``."""

    transfer_table: str = Field(min_length=1)
