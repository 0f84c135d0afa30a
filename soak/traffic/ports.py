"""Ports of the traffic to the models: the hub, the site, the public webhooks, and the senders'
secrets.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

type Document = dict[str, Any]


class Hub(Protocol):
    """Port to Trading Grid, for acts of the people who work in it."""

    on_event: list[Callable[[Document], None]]

    def get(self, collection: str, identifier: str) -> Mapping[str, Any] | None:
        """Return the current state of a record; it must not be changed."""

    def put(self, collection: str, document: Document) -> Sequence[Mapping[str, Any]]:
        """Create a record, or change some of its members: ``id``, and the members to set.

        The version and the times are set by the hub. Returns the events.
        """

    def comment(
        self, collection: str, identifier: str, fields: Document
    ) -> tuple[str, Sequence[Mapping[str, Any]]]:
        """Add a comment to a case or request. Returns the comment's id and the events."""

    def publish_version(
        self, identifier: str, fields: Document, content: bytes
    ) -> Sequence[Mapping[str, Any]]:
        """Add an approved version to a document, which becomes the current one."""

    def put_transaction(self, entry: Document, shown_after: float = 0.0) -> None:
        """Add an entry to Lens, or change one."""

    def spoil(self, collection: str, identifier: str, how: str) -> None:
        """Show a record as a malformed one from now on, in one of the ways of ``spoils``."""

    def mend(self, collection: str, identifier: str) -> None:
        """Show a malformed record correctly again."""

    spoils: Sequence[str]

    def decide(self, approval_id: str, decision: str, comment: str) -> None:
        """Approve or reject (``approved``, ``rejected``) a partner's version of a document."""


class Site(Protocol):
    """Port to the Wix site, for acts of its members and its site code."""

    def row(self, collection: str, identifier: str) -> Mapping[str, Any] | None:
        """Return the current state of a row; it must not be changed."""

    def put_row(self, collection: str, row: Document) -> None:
        """Write a row as site code or people do."""

    def remove_row(self, collection: str, identifier: str) -> None:
        """Remove a row as site code or people do."""

    def add_member(self, member_id: str, email: str, locale: str, reachable: bool) -> str:
        """Let a person become a member. Returns the id of its contact. Mail to an address that is
        not reachable bounces.
        """

    def change_contact(self, contact_id: str, email: str, locale: str, reachable: bool) -> None:
        """Change the contact of a member."""

    def remove_member(self, member_id: str) -> None:
        """Delete a member. Its contact stays."""

    def upload(self, name: str, media_type: str, label: str, content: bytes) -> str:
        """Store a member's file as a private one with a label. Returns the file's id."""

    def listen(self, listener: Callable[[str, str, Document], None]) -> None:
        """Register a listener to the events of all files: event type, id of the file, and the
        body.
        """


class Entrance(Protocol):
    """Port to the public webhooks of the stack."""

    def post(
        self,
        path: str,
        headers: Mapping[str, str],
        body: str,
        patience: float,
        answered: Callable[[int | None], None],
    ) -> None:
        """Send a request to a webhook. Must be called outside of a task or in a timed action.

        Args:
            path: Path, such as ``/webhooks/wix/forms/partner-question``.
            headers: Headers, by lower-case name.
            body: The body.
            patience: Seconds that the sender waits.
            answered: Gets the status of the answer; None if there was none in time.
        """


class Keys(Protocol):
    """Port to the current secrets with which senders sign."""

    def hub_secrets(self) -> Sequence[str]:
        """Return the secrets (``whsec_...``) of Trading Grid's endpoint: each of them signs."""

    def site_secret(self) -> str:
        """Return the secret (``whsec_...``) with which site code signs form posts."""

    def sign_event(self, event_type: str, data: Mapping[str, Any]) -> str:
        """Return the body of a webhook of Wix: a token with an event, signed by the site's app
        now.
        """


@dataclass(frozen=True, slots=True)
class Outside:
    """All ports of the traffic: everything around the functions that it acts on."""

    hub: Hub
    site: Site
    entrance: Entrance
    keys: Keys
