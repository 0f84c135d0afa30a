"""Retention periods of data that an erasure cannot remove, from the parameters of the stack."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

DEFAULT_DAYS: Mapping[str, int] = {
    "LogRetentionInDays": 30,
    "ArchiveDays": 30,
    "BackupDays": 35,
}
"""Defaults of the template, for a stack that was deployed before a parameter existed."""

QUEUE_DAYS = 14
"""Days for which a queue keeps a message: the most that SQS offers."""


@dataclass(frozen=True, slots=True)
class Retention:
    """Retention periods of the stores of a stack, from its CloudFormation parameters."""

    parameters: Mapping[str, str]

    def days(self, parameter: str) -> int:
        """Return the retention in days that a parameter of the stack sets.

        Returns the template's default if the stack does not have the parameter.
        """
        value = self.parameters.get(parameter, "")
        return int(value) if value.isdecimal() else DEFAULT_DAYS[parameter]

    def until(self, parameter: str, since: datetime) -> datetime:
        """Return the time until which a store keeps data that it got at ``since``.

        ``parameter`` is the stack's parameter that sets the retention of the store.
        """
        return since + timedelta(days=self.days(parameter))

    @property
    def has_archive(self) -> bool:
        """True if the stack archives the events of its bus."""
        return self.parameters.get("EventArchive", "enabled") == "enabled"
