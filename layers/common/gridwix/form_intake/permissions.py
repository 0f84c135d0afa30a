"""Permissions of a submission's sender, by its roles. Pure.

The portal's backend has the same rules, and refuses before it sends a submission. They are checked
again here, since a role can change in between, and since a member can also fill in a Wix form,
which does not pass the backend.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from gridwix.configuration.forms import FormDefinition
from gridwix.configuration.roles import Roles
from gridwix.models.ids import PartnerId
from gridwix.models.trading_grid.documents import Document


class NotAllowed(Exception):
    """The sender's role at a partner does not allow a submission."""


@dataclass(frozen=True, slots=True)
class SenderPermissions:
    """Permissions of a submission's sender to send one form, at each of its partners.

    A visitor acts for no partner and has no role. So :meth:`require` and :meth:`require_any`, which
    check roles, refuse nothing to a visitor.

    Attributes:
        roles: What each role allows.
        links: The sender's role at each partner that it acts for.
        form_key: Key of the form.
        definition: The form.
    """

    roles: Roles
    links: Mapping[PartnerId, str]
    form_key: str
    definition: FormDefinition

    def partners(self) -> frozenset[PartnerId]:
        """Return the partners at which the sender's role may send this form (``form_key``)."""
        return frozenset(partner for partner in self.links if self._allows(partner))

    def at(self, partner: str | None) -> "SenderPermissions":
        """Return the permissions at one of the sender's partners, the one that it has chosen.

        They are the same if it has chosen none, or one that it does not act for.
        """
        chosen = {one: role for one, role in self.links.items() if one == partner}
        return replace(self, links=chosen) if chosen else self

    def require(self, partner: PartnerId | str | None) -> None:
        """Raise NotAllowed if the sender has a role at this partner that may not send this form.

        The check passes for None, and for a partner that the sender does not act for: the sender
        has no role there, so there is none to check.
        """
        if partner in self.links and not self._allows(PartnerId(str(partner))):
            raise NotAllowed

    def require_any(self) -> None:
        """Raise NotAllowed if the sender acts for partners, but may send the form for none of them.

        A sender who acts for no partner passes.
        """
        if self.links and not self.partners():
            raise NotAllowed

    def require_document(self, document: Document) -> None:
        """Raise NotAllowed if the sender's role may not see documents of this kind."""
        role = self.roles.of(self.links.get(document.partner_id or PartnerId("")))
        if not role.sees_document(document.category, document.classification):
            raise NotAllowed

    def _allows(self, partner: PartnerId) -> bool:
        return self.roles.of(self.links[partner]).may_send(self.form_key, self.definition.action)
