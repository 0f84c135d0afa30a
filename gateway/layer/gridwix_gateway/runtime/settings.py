"""Environment variables of the gateway's functions, as validated models.

``gateway/template.yaml`` sets them; ``gateway/README.md`` explains them.
"""

import os
from collections.abc import Mapping
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError


class ConfigurationError(Exception):
    """Raised if settings or a secret are incomplete or invalid. The message never holds a value."""

    def __init__(self, named: str, fault: str, remedy: str) -> None:
        """Build the message from three parts: what is at fault, the fault, and the remedy.

        Args:
            named: The settings or the secret at fault.
            fault: The invalid members and the reasons, without values.
            remedy: What to do, in the imperative.
        """
        super().__init__(f"{named}: {fault}: {remedy}")


class Settings(BaseModel):
    """Environment variables of every function of the gateway.

    Fields are read from environment variables of the same name in upper case; other variables are
    ignored.

    Args:
        table_name: The DynamoDB table.
        company_id: The hub's company id in Trading Grid (BUID).
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
            ConfigurationError: A variable is missing or malformed. The message names the variable,
                never its value.
        """
        try:
            return cls.model_validate(dict(environment))
        except ValidationError as error:
            raise ConfigurationError(
                "settings", validation_faults(error), "deploy the gateway's stack again"
            ) from None


class WakingSettings(Settings):
    """Environment variables of the functions that commit events and wake the webhook senders.

    Args:
        webhook_queue_url: The queue of the messages that wake the webhook senders.
    """

    webhook_queue_url: str = Field(min_length=1)


class WebhookSettings(WakingSettings):
    """Environment variables of the functions that register or call webhook endpoints.

    Args:
        webhook_addresses: ``public``: webhooks go to public addresses by HTTPS. ``any``: also by
            HTTP and to private addresses, for a gateway on a developer's machine.
    """

    webhook_addresses: Literal["public", "any"] = "public"


class ApiSettings(WebhookSettings):
    """Environment variables of the function ``api``.

    Args:
        secret_id: The secret with the API's consumers and the key that signs access tokens
            (:class:`gridwix_gateway.runtime.credentials.SecretDocument`).
        bucket_name: The bucket of uploads and of the content of documents.
        target_queue_url: Queue of the function ``target_sender``, which gets a message after each
            commit; empty if the gateway has no targets.
    """

    secret_id: str = Field(min_length=1)
    bucket_name: str = Field(min_length=1)
    target_queue_url: str = ""


class TargetSettings(Settings):
    """Environment variables of the function ``target_sender``.

    A target is one of the hub's own systems, to which the gateway delivers what partners send.

    Args:
        bucket_name: The bucket with the content of documents.
        target_bucket_name: Bucket of the targets of kind ``files``.
        target_secret_prefix: Prefix of the names of the targets' secrets, such as
            ``gateway/targets/``.
        target_dead_letter_queue_url: Dead-letter queue of deliveries that need a person.
    """

    bucket_name: str = Field(min_length=1)
    target_bucket_name: str = Field(min_length=1)
    target_secret_prefix: str = Field(min_length=1, pattern=r"/$")
    target_dead_letter_queue_url: str = Field(min_length=1)


class SourceSettings(WakingSettings):
    """Environment variables of the functions that read records from other systems over HTTP.

    Args:
        source_secrets: Prefix of the names of the secrets for these systems, such as
            ``gridwix-gateway/sources/``.
    """

    source_secrets: str = Field(min_length=1)


def validation_faults(error: ValidationError) -> str:
    """Return a model's validation errors in one text: member names and reasons, without values."""
    return "; ".join(
        f"{'.'.join(map(str, fault['loc']))}: {fault['msg']}"
        for fault in error.errors(include_input=False, include_url=False, include_context=False)
    )
