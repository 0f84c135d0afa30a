"""A model of Secrets Manager behind boto's client: the values of the secrets, and their
rotation.
"""

# ruff: noqa: N803  # botocore's names

from collections.abc import Mapping
from random import Random
from typing import Any

import orjson

from soak.cloud.boto_calls import BotoCaller, Response, Service, client_error
from soak.kernel.edges import Edges, Fault
from soak.resources import REGION
from soak.template import Template

SECRETS = Service(
    "secrets",
    f"https://secretsmanager.{REGION}.amazonaws.com/",
    ("ThrottlingException", 400),
    ("InternalServiceError", 500),
)

_STALE = frozenset({Fault.STALE})


class SecretValues:
    """The secrets of the template, each a JSON object. As in AWS, a secret can exist without a
    value.

    Args:
        template: The template of the stack.
        edges: The edges of the world; this one is ``secrets``.
        random: The seeded source of pauses between attempts.
        values: Values by logical id.

    Raises:
        ValueError: The template has no such secret.
    """

    def __init__(
        self,
        template: Template,
        edges: Edges,
        random: Random,
        values: Mapping[str, Mapping[str, Any]],
    ) -> None:
        self._names = template.secrets
        self._boto = BotoCaller(edges, random)
        self._texts: dict[str, list[str]] = {}
        for name, value in values.items():
            self.rotate(name, value)

    def rotate(self, name: str, value: Mapping[str, Any]) -> None:
        """Give a secret a new value. A stale read returns the former value."""
        if name not in self._names:
            raise ValueError(f"the template has no secret {name}")
        self._texts[name] = [*self._texts.get(name, [])[-1:], orjson.dumps(value).decode()]

    def value(self, name: str) -> dict[str, Any]:
        """Return the current value of a secret. Raises KeyError if it has none."""
        value: dict[str, Any] = orjson.loads(self._texts[name][-1])
        return value

    def get_secret_value(self, *, SecretId: str) -> Response:
        """Read a secret as boto's client does (GetSecretValue)."""
        return self._boto.call(
            SECRETS, "GetSecretValue", lambda fault: self.read(SecretId, fault), own=_STALE
        )

    def read(self, name: str, fault: Fault | None = None) -> Response:
        """Return the response to GetSecretValue; with the fault STALE, the one before the last
        rotation.

        Raises:
            ClientError: There is no such secret, or it has no value.
        """
        texts = self._texts.get(name)
        if texts is None:
            message = "Secrets Manager can't find the specified secret."
            raise client_error("GetSecretValue", "ResourceNotFoundException", message)
        return {
            "ARN": f"arn:aws:secretsmanager:{REGION}:000000000000:secret:{name}",
            "Name": name,
            "SecretString": texts[0] if fault is Fault.STALE else texts[-1],
            "VersionStages": ["AWSCURRENT"],
        }
