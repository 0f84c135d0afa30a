"""Calls the Wix site's HTTP function ``gridwixRing``, which tells open portal pages to reload data.

The message to the pages is called a ring. Requests are signed by Standard Webhooks 1.0.0, with the
same secret as the site's own webhooks. The ids of these requests begin with ``ring-``, the ids of
the site's submissions with ``web-``, so that neither kind is accepted as the other.

Source: https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md.
"""

import time
import uuid
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

import httpx
from standardwebhooks import Webhook

from gridwix.clients.http import Sender, new_client
from gridwix.clients.http_messages import Call
from gridwix.clients.json_values import json_object, parse_json
from gridwix.clients.vendor_errors import error_type, upstream_error
from gridwix.clients.wix.codec import encode
from gridwix.errors import ConfigurationError, Unavailable
from gridwix.mapping.secret_entries import read_signing_key, usable_entries
from gridwix.models.portal.sections import Section
from gridwix.models.secret_names import WIX_WEBHOOK
from gridwix.publication.audiences import EVERYBODY

SYSTEM = "wix_site"
"""Name of the site's own backend in errors."""

OPERATION = "ring of the portal"
MAX_RESPONSE_BYTES = 64 * 1024
RESPONSE_SECONDS = 15.0
"""Read timeout, and maximum time for reading one response, in seconds. Wix itself ends a call after
14 seconds, so even a slow site can still report what it has published.
"""

MAX_SECRETS = 5
"""Maximum number of secrets that sign a request. During a rotation there are two."""


def ring_client(transport: httpx.BaseTransport | None = None) -> httpx.Client:
    """Return an httpx client for calls of :class:`RingFunction`, with short timeouts.

    ``transport`` replaces the network in tests.
    """
    return new_client(connect=2.0, read=RESPONSE_SECONDS, transport=transport)


class RingFunction:
    """Sends rings to the Wix site: messages that make open pages read changed sections again.

    Implements the port ``gridwix.portal_ringer.ports.RingSite``. Requests are signed. They take no
    call from the call budget, because they are not calls of Wix's REST API.

    Args:
        http: An httpx client that follows no redirects, such as :func:`ring_client`.
        url: Address of the site's HTTP function.
        secret: Returns ``{"signingSecrets": ["whsec_..."]}``; called for each request. Every secret
            signs the request, so that the site's secret can be rotated without a gap. Malformed
            secrets are skipped.
        clock: Returns Unix seconds.
        sleep: Sleeps for a number of seconds between attempts.
    """

    def __init__(
        self,
        http: httpx.Client,
        url: str,
        secret: Callable[[], Mapping[str, Any]],
        *,
        clock: Callable[[], float] = time.time,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._sender = Sender(
            http,
            httpx.Auth(),
            system=SYSTEM,
            clock=clock,
            sleep=sleep,
            max_response_bytes=MAX_RESPONSE_BYTES,
            response_seconds=RESPONSE_SECONDS,
        )
        self._url = url
        self._secret = secret
        self._clock = clock

    def ring(self, rings: Mapping[str, Mapping[Section, int]]) -> int:
        """Tell open portal pages which sections have changed; return how many messages failed.

        The site sends one message (ring) per partner. It has the change numbers of sections: how
        often each one has changed. A page reads a section again if its number has grown.

        Args:
            rings: Change numbers of sections, by partner id or for all partners (``everybody``). At
                most 200 partners, and 64 KB.

        Raises:
            UpstreamError: The site did not accept the request.
            ConfigurationError: There is no secret that can sign.
        """
        answer = self._post(
            {
                "type": "gridwix.ring",
                "rings": [
                    {"resource": resource_of(reader), "numbers": dict(numbers)}
                    for reader, numbers in rings.items()
                ],
            }
        )
        failed = answer.get("failed")
        return failed if isinstance(failed, int) and not isinstance(failed, bool) else 0

    def check(self) -> Mapping[str, Any]:
        """Ask the site who may subscribe to the messages of :meth:`ring`, to check its permissions.

        Raises the errors of :meth:`ring`.

        Returns:
            ``{"version": 1, "stranger": {"read": False}, "unlinked": {"read": False}}``: what the
            site's rule permits a visitor (``stranger``), and a member who acts for no partner
            (``unlinked``).
        """
        return self._post({"type": "gridwix.check"})

    def _post(self, document: Mapping[str, Any]) -> Mapping[str, Any]:
        body = encode(document)
        response = self._sender.send(
            Call(
                OPERATION,
                "POST",
                self._url,
                headers={"Content-Type": "application/json", **self._signed_headers(body)},
                content=body,
            )
        )
        if response.status != httpx.codes.OK:
            raise upstream_error(
                error_type(response.status),
                f"{OPERATION}: the site answered {response.status}",
                system=SYSTEM,
                status=response.status,
                wait=response.retry_after(self._clock()),
            )
        answer = parse_json(response.body)
        if not isinstance(answer, dict):
            raise Unavailable(
                f"{OPERATION}: the answer is not a JSON object",
                system=SYSTEM,
                status=response.status,
            )
        return json_object(answer)

    def _signed_headers(self, body: bytes) -> Mapping[str, str]:
        found = self._secret().get("signingSecrets")
        keys = usable_entries(found if isinstance(found, list) else (), read_signing_key)
        if not keys:
            raise ConfigurationError(
                "has no signing secret that can be used",
                secret=WIX_WEBHOOK,
                remedy=("add one with `gridwix secret set wix/webhook --field signingSecrets`"),
            )
        identifier = f"ring-{uuid.uuid4().hex}"
        at = datetime.fromtimestamp(int(self._clock()), UTC)
        signatures = [
            Webhook(key).sign(identifier, at, body.decode()) for key in keys[:MAX_SECRETS]
        ]
        return {
            "webhook-id": identifier,
            "webhook-timestamp": str(int(at.timestamp())),
            "webhook-signature": " ".join(signatures),
        }


def resource_of(reader: str) -> str:
    """Return the id of the Wix Realtime resource to which the open pages of a partner subscribe.

    A resource is a part of the site's realtime channel. The site publishes on it the messages that
    tell these pages to reload data. ``reader`` is the partner's id, or ``everybody`` for all pages.

    >>> resource_of("GC00700011NR"), resource_of("everybody")
    ('partner/GC00700011NR', 'everybody')
    """
    return reader if reader == EVERYBODY else f"partner/{reader}"
