"""Ports of ``portal_ringer``: change counters, the Wix site, and the function's own queue."""

from collections.abc import Collection, Mapping
from typing import Protocol

from gridwix.models.portal.sections import Section
from gridwix.portal_ringer.messages import RingMessage
from gridwix.portal_ringer.rings import Rings


class ChangeNumbers(Protocol):
    """Counters of the changes of each section's rows, by partner and for all partners."""

    def increase(
        self, changes: Mapping[str, Collection[Section]]
    ) -> Mapping[str, Mapping[Section, int]]:
        """Add 1 to the change counters of these sections, and return the new numbers.

        Atomic for each partner. A partner is left out of the result if Wix refuses its numbers.
        Raises UpstreamError and BudgetExhausted; some counters may have grown then.
        """


class RingSite(Protocol):
    """Sends rings to the Wix site, which passes them on to the portal's open pages.

    A ring tells a page the change numbers of sections, so that it reloads the changed ones.
    """

    def ring(self, rings: Rings) -> int:
        """Send the change numbers of sections, by partner, to the site, for its open pages.

        Returns the number of partners whose pages the site could not reach. Raises UpstreamError,
        and ConfigurationError for a secret that cannot sign. Idempotent: a page ignores change
        numbers that it has received before.
        """


class RepeatQueue(Protocol):
    """The SQS queue of this function, to which it sends delayed messages for later rings.

    A ring tells open portal pages that sections have changed. It is repeated, and retried if it
    fails.
    """

    def send(self, message: RingMessage, *, delay: int) -> None:
        """Send a message that is delivered after ``delay`` seconds, at least once.

        Raises UpstreamError; even then the message may have been sent.
        """
