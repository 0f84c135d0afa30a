"""Ports of ``portal_ringer``, the function that tells open portal pages which rows have changed.

The ports are counters of changes, the Wix site, and the function's own queue.
"""

from collections.abc import Collection, Mapping
from typing import Protocol

from gridwix.models.portal.sections import Section
from gridwix.portal_ringer.messages import RingMessage
from gridwix.portal_ringer.rings import Rings


class ChangeNumbers(Protocol):
    """Counters of the changes of each portal section, by partner and for all partners.

    A section is a part of the portal, such as issues or documents. Its counter, the change number,
    grows when rows of the section have changed: an open page reads the section again.
    """

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
        """Send change numbers of portal sections to the site, which passes them to open pages.

        A change number counts how often the rows of a section have changed; ``rings`` has them by
        partner. Returns the number of partners with pages that the site could not reach. Raises
        UpstreamError, and ConfigurationError if no secret is usable to sign the request.
        Idempotent: a page ignores change numbers that it has received before.
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
