"""Counts unusable entries in the list that a secret holds, such as signing keys.

Imports little, for the webhooks' cold start.
"""

from collections.abc import Callable, Mapping
from typing import Any

from gridwix.mapping.secret_entries import entry_faults
from gridwix.runtime.observability import count_by_reason, count_in_all, logger

UNUSABLE = "SecretEntriesUnusable"
"""Metric of the entries of a secret that are skipped because they cannot be used."""


class EntryWatch:
    """Counts and logs unusable entries of a secret, once for each fetched value of the secret.

    The log has only the position of an entry in the list, never its content.

    Args:
        member: The member of the secret that holds the list.
        read: Parses one entry; returns a fault if it cannot be used.
    """

    def __init__(self, member: str, read: Callable[[object], object]) -> None:
        self._member = member
        self._read = read
        self._seen: Mapping[str, Any] | None = None

    def watch(self, secret: Mapping[str, Any]) -> Mapping[str, Any]:
        """Check the entries of a secret, count and log unusable ones, and return the secret.

        The same value is checked only once.
        """
        if secret is self._seen:
            return secret
        self._seen = secret
        entries = secret.get(self._member)
        faults = entry_faults(entries if isinstance(entries, list) else (), self._read)
        for place, fault in faults.items():
            count_by_reason(UNUSABLE, f"{self._member}.{place}")
            logger.warning(
                "secret_entry_unusable",
                extra={"member": self._member, "place": place, "fault": fault.value},
            )
        if faults:
            count_in_all(UNUSABLE, len(faults))
        return secret
