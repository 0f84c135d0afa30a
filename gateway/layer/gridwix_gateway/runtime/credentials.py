"""Reads the credentials of the API's consumers (clients) from Secrets Manager, with a cache."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic.alias_generators import to_camel

from gridwix_gateway.api.authentication import Consumer, Credentials, CredentialStore
from gridwix_gateway.runtime.logs import logger
from gridwix_gateway.runtime.settings import ConfigurationError, validation_faults

SECRET = "the secret STACK/consumers"  # noqa: S105 - what it is called in messages

CORRECT = "store it in the form of gateway/README.md#consumers"

MAX_AGE = 300.0
"""Seconds for which credentials are cached. A removed consumer may be served for so long."""

MIN_AGE = 20.0
"""Age of cached credentials, in seconds, from which a failed authentication reads them again."""


class _SecretModel(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, alias_generator=to_camel)


class SecretConsumer(_SecretModel):
    """An entry in the list ``consumers`` of the secret: a client's consumer key with a secret."""

    consumer_key: str = Field(min_length=1, max_length=200, pattern=r"^[!-9;-~]+$")
    consumer_secret: str = Field(min_length=16, max_length=200, pattern=r"^[!-~]+$")
    scopes: tuple[str, ...] = ("community",)


class SecretDocument(_SecretModel):
    """The JSON document in the secret: the API's consumers (clients) and the key that signs tokens.

    ``{"consumers": [{"consumerKey", "consumerSecret", "scopes"}], "tokenKey"}``.

    Consumers are validated one by one (:class:`SecretConsumer`): an invalid one is skipped, and the
    others are served. To rotate a consumer's secret, add a second entry with the same key, and
    remove the first one when no client uses it anymore. A new ``tokenKey`` ends all tokens; clients
    fetch new ones.
    """

    consumers: tuple[Any, ...] = Field(min_length=1, max_length=50)
    token_key: str = Field(min_length=32, max_length=200)


@dataclass(frozen=True, slots=True)
class SecretReading:
    """The credentials of the API's clients (consumers) in a secret, and the invalid entries.

    ``faults`` has the reason why an entry was skipped as invalid, by the entry's place in the
    secret's list of consumers, counted from 1.
    """

    credentials: Credentials
    faults: Mapping[int, str]


class SecretCredentials(CredentialStore):
    """Reads the credentials of the API's consumers from Secrets Manager, cached for some minutes.

    Args:
        client: botocore's client of Secrets Manager.
        secret_id: The secret's name or ARN.
        monotonic: Returns the seconds of a monotonic clock.
    """

    def __init__(
        self, client: Any, secret_id: str, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._client = client
        self._secret_id = secret_id
        self._monotonic = monotonic
        self._kept: Credentials | None = None
        self._read_at = 0.0

    def read(self, *, refresh: bool = False) -> Credentials:
        age = self._monotonic() - self._read_at
        if self._kept is None or age > (MIN_AGE if refresh else MAX_AGE):
            text = self._client.get_secret_value(SecretId=self._secret_id)["SecretString"]
            try:
                reading = parse_secret(text)
            except ConfigurationError as error:
                # Whoever wrote the secret reads here what is wrong with it; callers get a 500.
                logger.error("credentials_unusable", extra={"fault": str(error)})
                raise
            report_faults(reading.faults)
            self._kept = reading.credentials
            self._read_at = self._monotonic()
        return self._kept


def parse_secret(text: str) -> SecretReading:
    """Parse the secret with the API's consumers, skipping consumers that are invalid.

    Raises:
        ConfigurationError: The secret is malformed, or all of its consumers are invalid. The
            message names the fault, never a value.
    """
    try:
        secret = SecretDocument.model_validate_json(text)
    except ValidationError as error:
        raise ConfigurationError(SECRET, validation_faults(error), CORRECT) from None
    consumers: list[Consumer] = []
    faults: dict[int, str] = {}
    for place, entry in enumerate(secret.consumers, 1):
        try:
            # From JSON the scopes are a list.
            each = SecretConsumer.model_validate(entry)
        except ValidationError as error:
            faults[place] = validation_faults(error)
        else:
            consumers.append(
                Consumer(each.consumer_key, each.consumer_secret, frozenset(each.scopes))
            )
    if not consumers:
        shown = "; ".join(f"consumers, place {place}: {fault}" for place, fault in faults.items())
        raise ConfigurationError(SECRET, shown, CORRECT)
    return SecretReading(Credentials(tuple(consumers), secret.token_key.encode()), faults)


def report_faults(faults: Mapping[int, str]) -> None:
    """Log and count the entries that were skipped as invalid in the secret with the API's clients.

    ``faults`` has the reason by the entry's place in the secret's list of clients (consumers),
    counted from 1.
    """
    if not faults:
        return
    # Imported here: an API whose secret is right needs no metrics, and starts faster without.
    from gridwix_gateway.runtime.metrics import count_unusable_entries

    for place, fault in faults.items():
        logger.warning(
            "secret_entry_unusable",
            extra={"member": "consumers", "place": place, "fault": fault},
        )
    count_unusable_entries(len(faults))
