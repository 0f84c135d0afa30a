"""Delivers by mail (Amazon SES).

SES has no idempotency key, and a message cannot be told from its copy. So a message whose outcome
nobody knows is never sent again by itself: it goes to the dead-letter queue.
"""

import unicodedata
from collections.abc import Iterable, Iterator
from typing import Any

from botocore.client import BaseClient
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectTimeoutError,
    EndpointConnectionError,
    NoCredentialsError,
    ParamValidationError,
)

from gridwix_gateway.targets.declarations import CONTEXT_VARIABLES, MailTarget
from gridwix_gateway.targets.ports import (
    Delivered,
    DeliveryContext,
    DeliveryResult,
    Postponed,
    Rejected,
    TargetChannel,
)
from gridwix_gateway.targets.templates import Template, TemplateFault

MAX_SUBJECT = 200
MAX_TEXT = 50_000
"""Characters of a message. A longer one is cut, and says so."""

CUT = "[shortened: the rest is in the gateway]"

THROTTLES = frozenset(
    {
        "LimitExceededException",
        "SendingPausedException",
        "Throttling",
        "ThrottlingException",
        "TooManyRequestsException",
    }
)
"""Error codes that a later attempt may not meet. Nothing was sent."""

SETTINGS = frozenset(
    {
        "AccessDenied",
        "AccessDeniedException",
        "AccountSuspendedException",
        "ExpiredTokenException",
        "MailFromDomainNotVerifiedException",
        "MessageRejected",
        "NotFoundException",
        "UnrecognizedClientException",
    }
)
"""Error codes that settings mend, such as a sender that SES has not verified. Nothing was sent."""


class MailChannel(TargetChannel):
    """A channel to a mailbox.

    Args:
        target: The declaration.
        client: botocore's client of ``sesv2``, which must not retry on its own.
    """

    def __init__(self, target: MailTarget, client: BaseClient) -> None:
        self._target = target
        self._client: Any = client
        self._subjects = {
            kind: Template(message.subject, CONTEXT_VARIABLES)
            for kind, message in target.messages.items()
        }
        self._lines = {
            kind: Template(list(message.lines), CONTEXT_VARIABLES)
            for kind, message in target.messages.items()
        }

    @property
    def is_repeatable(self) -> bool:
        return False

    def deliver(self, context: DeliveryContext) -> DeliveryResult:
        subject = self._subjects[context.kind].render(context.variables)
        lines = self._lines[context.kind].render(context.variables)
        text = message_text([*_flat_lines(lines), "", f"Delivery {context.delivery_id}"])
        try:
            self._client.send_email(
                FromEmailAddress=self._target.sender,
                Destination={"ToAddresses": list(self._target.to)},
                Content={
                    "Simple": {
                        "Subject": {"Data": subject_line(subject), "Charset": "UTF-8"},
                        "Body": {"Text": {"Data": text, "Charset": "UTF-8"}},
                    }
                },
            )
        except ClientError as error:
            return _failure(error)
        except (EndpointConnectionError, ConnectTimeoutError, NoCredentialsError):
            return Postponed("unreachable", is_general=True)
        except ParamValidationError:
            return Rejected("refused")
        except BotoCoreError:
            return Rejected("outcome-unknown")
        return Delivered()


def subject_line(value: Any) -> str:
    """Return the text of a subject: one line without control characters.

    A line break would begin another header.

    >>> subject_line("New request\\r\\nBcc: somebody@example.com")
    'New request Bcc: somebody@example.com'
    """
    if not isinstance(value, str):
        raise TemplateFault("the subject is no text")
    words = "".join(one if _is_shown(one) else " " for one in value).split()
    return " ".join(words)[:MAX_SUBJECT] or "(no subject)"


def message_text(lines: Iterable[str]) -> str:
    """Return the text of a message, without characters that hide or reorder others.

    >>> message_text(["a\\x07b", "<b>c</b>"])
    'ab\\n<b>c</b>'
    """
    text = "\n".join(
        "".join(one for one in part if _is_shown(one) or one == "\t")
        for line in lines
        for part in line.splitlines() or [""]
    )
    return text if len(text) <= MAX_TEXT else f"{text[:MAX_TEXT]}\n{CUT}"


def _flat_lines(values: Iterable[Any]) -> Iterator[str]:
    for value in values:
        if isinstance(value, list):
            yield from _flat_lines(value)
        elif isinstance(value, bool) or not isinstance(value, str | int | float | None):
            raise TemplateFault("a line is neither a text, a number nor a list of them")
        elif value is not None:
            yield str(value)


def _is_shown(character: str) -> bool:
    """Return False for controls, and for formats such as reversed writing."""
    return unicodedata.category(character) not in {"Cc", "Cf", "Cs", "Zl", "Zp"}


def _failure(error: ClientError) -> DeliveryResult:
    code = error.response["Error"]["Code"]
    if code in THROTTLES:
        return Postponed("throttled", is_general=True)
    if code in SETTINGS:
        return Postponed("refused", is_general=True)
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 500)
    return Rejected("refused" if 400 <= status < 500 else "outcome-unknown")
