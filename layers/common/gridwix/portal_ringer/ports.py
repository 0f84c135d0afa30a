"""Ports of ``portal_ringer``: change counters, the site, and the function's own queue."""

from collections.abc import Collection, Mapping
from typing import Protocol

from gridwix.models.portal.sections import Section
from gridwix.portal_ringer.messages import RingMessage
from gridwix.portal_ringer.rings import Rings


class ChangeNumbers(Protocol):
    """Change counters of each section's rows, by partner and for all partners."""

    def increase(
        self, changes: Mapping[str, Collection[Section]]
    ) -> Mapping[str, Mapping[Section, int]]:
        """Add 1 to the change counters of these sections; return their new numbers.

        Atomic for each partner. A partner is left out if Wix refuses its numbers. Raises
        UpstreamError and BudgetExhausted; some counters may have grown then.
        """


class RingSite(Protocol):
    """Rings the site, which passes each ring on to its open pages."""

    def ring(self, rings: Rings) -> int:
        """Send a ring to the site; return the number of partners to which it could not pass the
        ring on.

        Raises UpstreamError, and ConfigurationError for a secret that cannot sign. Idempotent: a
        page ignores numbers that it has seen.
        """


class RepeatQueue(Protocol):
    """The ringer's own queue, to which it sends repeats and retries."""

    def send(self, message: RingMessage, *, delay: int) -> None:
        """Send a message that is delivered after ``delay`` seconds, at least once.

        Raises UpstreamError; it may have been sent all the same.
        """
