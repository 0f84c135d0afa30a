"""A small Secrets Manager: versions with staging labels, as AWS moves them."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

from botocore.exceptions import ClientError

CURRENT, PREVIOUS = "AWSCURRENT", "AWSPREVIOUS"


class NoSecret(Exception):
    """There is no such secret, or it has no value."""


class FakeSecretsManager:
    """Secrets by name. ``created`` is the time of new versions, ``changed`` of the last change;
    ``puts`` counts the versions.
    """

    exceptions = SimpleNamespace(ResourceNotFoundException=NoSecret)

    def __init__(self, **values: Mapping[str, Any]) -> None:
        self.created = self.changed = datetime(2026, 11, 29, tzinfo=UTC)
        self.puts = 0
        self._versions: dict[str, dict[str, str]] = {}
        self._labels: dict[str, dict[str, str]] = {}
        for name, value in values.items():
            self.put_secret_value(SecretId=name, SecretString=json.dumps(value))

    def value(self, name: str, label: str = CURRENT) -> Any:
        """Return the value that has a label."""
        return json.loads(self.get_secret_value(SecretId=name, VersionStage=label)["SecretString"])

    def get_secret_value(self, **call: Any) -> Mapping[str, Any]:
        name = call["SecretId"]
        version = self._labels.get(name, {}).get(call.get("VersionStage", CURRENT))
        if version is None:
            raise NoSecret
        return {
            "SecretString": self._versions[name][version],
            "VersionId": version,
            "CreatedDate": self.created,
        }

    def put_secret_value(self, **call: Any) -> Mapping[str, Any]:
        self.puts += 1
        name, version = call["SecretId"], call.get("ClientRequestToken", f"version-{self.puts}")
        labels = {*call.get("VersionStages", (CURRENT,))}
        if name not in self._versions:
            labels.add(CURRENT)
        self._versions.setdefault(name, {})[version] = call["SecretString"]
        for label in labels:
            self._attach(name, label, version)
        return {"VersionId": version, "VersionStages": sorted(labels)}

    def describe_secret(self, **call: Any) -> Mapping[str, Any]:
        versions: dict[str, list[str]] = {}
        for label, version in self._labels.get(call["SecretId"], {}).items():
            versions.setdefault(version, []).append(label)
        return {"VersionIdsToStages": versions, "LastChangedDate": self.changed}

    def update_secret_version_stage(self, **call: Any) -> None:
        name, label = call["SecretId"], call["VersionStage"]
        remove, to = call.get("RemoveFromVersionId"), call.get("MoveToVersionId")
        holder = self._labels[name].get(label)
        if holder != remove and (remove is not None or holder != to):
            error: Any = {"Error": {"Code": "InvalidParameterException", "Message": label}}
            raise ClientError(error, "UpdateSecretVersionStage")
        if to is None:
            del self._labels[name][label]
        else:
            self._attach(name, label, to)

    def _attach(self, name: str, label: str, version: str) -> None:
        labels = self._labels.setdefault(name, {})
        if label == CURRENT and CURRENT in labels:
            labels[PREVIOUS] = labels[CURRENT]
        labels[label] = version
