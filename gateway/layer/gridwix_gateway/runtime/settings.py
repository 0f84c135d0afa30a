"""Environment variables of the gateway's functions, as validated models.

``gateway/template.yaml`` sets them; ``gateway/README.md`` explains them.
"""

import os
from collections.abc import Mapping
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError


class ConfigurationError(Exception):
    """Settings or a secret are incomplete or invalid. The message never holds a value."""

    def __init__(self, named: str, fault: str, remedy: str) -> None:
        """Build the message: what is at fault, why, and how to correct it.

        Args:
            named: The settings or the secret at fault.
            fault: What is wrong with which of their members, without values.
            remedy: What to do, in the imperative.
        """
        super().__init__(f"{named}: {fault}: {remedy}")


class Settings(BaseModel):
    """Environment variables of every function of the gateway.

    Fields are read from environment variables of the same name in upper case; other variables are
    ignored.

    Args:
        table_name: The DynamoDB table.
        company_id: The hub's BUID.
        event_type_prefix: Prefix of event types, such as ``net.example.tg.``.
    """

    model_config = ConfigDict(
        defer_build=True, frozen=True, extra="ignore", alias_generator=str.upper
    )

    table_name: str = Field(min_length=1)
    company_id: str = Field(min_length=1, max_length=100)
    event_type_prefix: str = Field(default="net.example.tg.", max_length=100)

    @classmethod
    def read(cls, environment: Mapping[str, str] = os.environ) -> Self:
        """Read and validate the settings from environment variables.

        Raises:
            ConfigurationError: A variable is missing or malformed. Names it, never its value.
        """
        try:
            return cls.model_validate(dict(environment))
        except ValidationError as error:
            raise ConfigurationError(
                "settings", validation_faults(error), "deploy the gateway's stack again"
            ) from None


class WakingSettings(Settings):
    """Environment variables of the functions that commit events and wake webhook senders.

    Args:
        webhook_queue_url: The queue of messages that wake the senders of webhooks.
    """

    webhook_queue_url: str = Field(min_length=1)


class WebhookSettings(WakingSettings):
    """Environment variables of the functions that register or call webhook endpoints.

    Args:
        webhook_addresses: ``public``: webhooks go to public addresses by HTTPS. ``any``: also by
            HTTP and to private addresses, for a gateway on a machine of one's own.
    """

    webhook_addresses: Literal["public", "any"] = "public"


class ApiSettings(WebhookSettings):
    """Environment variables of the function ``api``.

    Args:
        secret_id: The secret with the consumers and the key of tokens
            (:class:`gridwix_gateway.runtime.credentials.SecretDocument`).
        bucket_name: The bucket of uploads and content.
        target_queue_url: Queue of the target sender, to which each commit sends a message; empty if
            there is none.
    """

    secret_id: str = Field(min_length=1)
    bucket_name: str = Field(min_length=1)
    target_queue_url: str = ""


class TargetSettings(Settings):
    """Environment variables of the function ``target_sender``.

    Args:
        bucket_name: The bucket of content: the bytes of documents.
        target_bucket_name: Bucket of the targets of kind ``files``.
        target_secret_prefix: Begins the names of the targets' secrets, such as
            ``gateway/targets/``.
        target_dead_letter_queue_url: Dead-letter queue of deliveries that need a person.
    """

    bucket_name: str = Field(min_length=1)
    target_bucket_name: str = Field(min_length=1)
    target_secret_prefix: str = Field(min_length=1, pattern=r"/$")
    target_dead_letter_queue_url: str = Field(min_length=1)


class SourceSettings(WakingSettings):
    """Environment variables of the functions that read sources over HTTP.

    Args:
        source_secrets: What the names of the sources' secrets begin with, such as
            ``gridwix-gateway/sources/``.
    """

    source_secrets: str = Field(min_length=1)


def validation_faults(error: ValidationError) -> str:
    """Return a model's validation errors in words: member names and reasons, without values."""
    return "; ".join(
        f"{'.'.join(map(str, fault['loc']))}: {fault['msg']}"
        for fault in error.errors(include_input=False, include_url=False, include_context=False)
    )
