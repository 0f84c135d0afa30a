"""Finds email addresses that bounce, by the delivery status that Wix stores with its contacts.

Source:
https://dev.wix.com/docs/rest/crm/members-contacts/contacts/contacts/contact-v4/query-contacts.
"""

from collections.abc import Collection
from itertools import batched

from gridwix.clients.json_values import json_object
from gridwix.clients.vendor_errors import WIX_ERRORS
from gridwix.clients.wix.site import WixSite
from gridwix.people.addresses import normal_email

CONTACTS = "/contacts/v4/contacts"

BOUNCED = "BOUNCED"
"""``deliverabilityStatus`` of the primary address of a contact to which a message bounced."""

PER_CALL = 100
"""Maximum number of addresses in one query."""

MAX_CONTACTS = 1000
"""Maximum number of contacts that a query returns: several may have one email address."""


class BouncedAddresses:
    """Finds email addresses that bounce, among the contacts of the Wix site.

    Implements the port ``gridwix.reconciler.people_ports.BounceReader``.
    """

    def __init__(self, site: WixSite) -> None:
        self._site = site

    def find_bounced(self, emails: Collection[str]) -> Collection[str]:
        """Return those of the given email addresses that bounce, in normal form.

        Wix states whether an address bounces only for the primary address of a contact. Takes one
        call per hundred addresses.

        Raises:
            UpstreamError, BudgetExhausted: A call failed.
        """
        return frozenset(
            address
            for some in batched(sorted(set(emails)), PER_CALL, strict=False)
            for address in self._bounced_of(some)
            if address in some
        )

    def _bounced_of(self, emails: Collection[str]) -> Collection[str]:
        """Return the bouncing primary addresses of the contacts that have one of ``emails``."""
        operation = "query of contacts"
        body = {
            "query": {
                "filter": {"info.emails.email": {"$in": list(emails)}},
                "paging": {"limit": MAX_CONTACTS, "offset": 0},
            }
        }
        listed = self._site.call(operation, "POST", f"{CONTACTS}/query", body=body, safe=True).get(
            "contacts"
        )
        if not isinstance(listed, list):
            raise WIX_ERRORS.malformed_response(operation, "the answer has no contacts")
        primary = [json_object(json_object(one).get("primaryEmail")) for one in listed]
        return {
            address
            for one in primary
            if one.get("deliverabilityStatus") == BOUNCED
            and isinstance(email := one.get("email"), str)
            and (address := normal_email(email)) is not None
        }
