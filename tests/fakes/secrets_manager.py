"""A small Secrets Manager: versions with staging labels, as AWS moves them."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

CURRENT, PREVIOUS = "AWSCURRENT", "AWSPREVIOUS"


class NoSecret(Exception):
    """There is no such secret, or it has no value."""


class FakeSecretsManager:
    """Secrets by name. ``created`` is the time of new versions; ``puts`` counts them."""

    exceptions = SimpleNamespace(ResourceNotFoundException=NoSecret)

    def __init__(self, **values: Mapping[str, Any]) -> None:
        self.created = datetime(2026, 11, 29, tzinfo=UTC)
        self.puts = 0
        self._versions: dict[str, dict[str, str]] = {}
        self._labels: dict[str, dict[str, str]] = {}
        for name, value in values.items():
            self.put_secret_value(SecretId=name, SecretString=json.dumps(value))

    def value(self, name: str) -> Any:
        """Return the value in use."""
        return json.loads(self.get_secret_value(SecretId=name)["SecretString"])

    def get_secret_value(self, **call: str) -> Mapping[str, Any]:
        name = call["SecretId"]
        if name not in self._labels:
            raise NoSecret
        version = self._labels[name][CURRENT]
        return {
            "SecretString": self._versions[name][version],
            "VersionId": version,
            "CreatedDate": self.created,
        }

    def put_secret_value(self, **call: str) -> None:
        self.puts += 1
        version = f"version-{self.puts}"
        self._versions.setdefault(call["SecretId"], {})[version] = call["SecretString"]
        self._move(call["SecretId"], version)

    def describe_secret(self, **call: str) -> Mapping[str, Any]:
        labels = self._labels.get(call["SecretId"], {})
        return {"VersionIdsToStages": {version: [label] for label, version in labels.items()}}

    def update_secret_version_stage(self, **call: str) -> None:
        name = call["SecretId"]
        assert call["VersionStage"] == CURRENT
        assert call["RemoveFromVersionId"] == self._labels[name][CURRENT]
        self._move(name, call["MoveToVersionId"])

    def _move(self, name: str, version: str) -> None:
        labels = self._labels.setdefault(name, {})
        if CURRENT in labels:
            labels[PREVIOUS] = labels[CURRENT]
        labels[CURRENT] = version
