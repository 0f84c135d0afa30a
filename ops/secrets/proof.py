"""Proves that the value of a secret works.

Credentials are proved by a call to the real service. A list of keys is proved by metrics of the
webhook functions, which count the received requests by the key that has signed them.
"""

import math
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import httpx

from gridwix.clients.aws.secrets import SecretStore
from gridwix.errors import ConfigurationError, Forbidden, GridwixError, Unauthenticated
from gridwix.runtime.settings import ClientSettings
from ops.connections import Connections, SecretReader, connect
from ops.errors import OpsError
from ops.metric_probes import PERIOD, Count, Series, read_counts
from ops.probes import describe_error
from ops.secrets.forms import SecretName
from ops.stack import Stack

FETCH_SECONDS = 600
"""Seconds after which every function uses a new value: they cache one for 300 seconds."""

COMMUNITY_FIELDS = ("communityConsumerKey", "communityConsumerSecret")
"""Fields of the credentials for a community gateway that issues its own tokens."""

QUIET_SECONDS = 3600
"""Seconds for which an old entry must not have signed anything before it is removed."""

LIST_SERVICES: Mapping[SecretName, str] = {
    SecretName.TRADING_GRID_WEBHOOK: "trading_grid_webhook",
    SecretName.WIX_WEBHOOK: "wix_webhook",
}
"""The function that verifies signatures with the lists of a secret."""


class NotAccepted(OpsError):
    """The service refuses the value of a secret, or an old value is still used."""


class Unproved(OpsError):
    """It is not known whether the value of a secret works.

    The test could not be made, or nothing was received that would show it.
    """


def try_credentials(
    stack: Stack,
    name: SecretName,
    value: Mapping[str, Any],
    transport: httpx.BaseTransport | None = None,
) -> str:
    """Try new credentials at the real service, before functions use them.

    Return a text on which services accept the credentials.

    Args:
        stack: The deployed stack.
        name: The secret, one with credentials.
        value: The new value of the secret.
        transport: Replaces the network; None uses the network.

    Raises:
        NotAccepted: The service refuses the credentials.
        Unproved: The service did not answer.
    """
    settings = stack.settings("StatusPublisherFunctionName", ClientSettings)
    stored = SecretStore(stack.aws.secrets, time.time)
    replaced = (
        settings.wix_credentials_secret
        if name is SecretName.WIX_CREDENTIALS
        else settings.trading_grid_credentials_secret
    )

    def read(secret: str) -> Mapping[str, Any]:
        return value if secret == replaced else stored.get(secret)

    reader: SecretReader = read
    with connect(stack, settings=settings, transport=transport, read_secret=reader) as connections:
        try:
            return _call_service(connections, name, value)
        except (Unauthenticated, Forbidden, ConfigurationError) as error:
            raise NotAccepted(
                f"it is refused ({describe_error(error)})", "give another value"
            ) from None
        except GridwixError as error:
            raise Unproved(
                f"it could not be tried ({describe_error(error)})", "run the command again later"
            ) from None


def _call_service(connections: Connections, name: SecretName, value: Mapping[str, Any]) -> str:
    if name is SecretName.WIX_CREDENTIALS:
        for _ in connections.wix.list_collections():
            break
        return "Wix accepts them"
    _call_gateway(connections, value)
    try:
        connections.directory.partner_directory(connections.settings.trading_grid_company_id)
    except Unauthenticated:
        raise
    except GridwixError as error:
        # Not every tenant shows its directory; `doctor` says so.
        return f"the community gateway accepts them; the directory does not answer: {error.code}"
    return "the community gateway and OpenText's directory accept them"


def _call_gateway(connections: Connections, value: Mapping[str, Any]) -> None:
    try:
        connections.community.partner_ids(None)
    except Unauthenticated:
        if not value.keys().isdisjoint(COMMUNITY_FIELDS):
            raise
        raise NotAccepted(
            "the community gateway does not accept OpenText's token, and issues its own",
            f"give {' and '.join(COMMUNITY_FIELDS)} in the same command, with --field for"
            " each of the four",
        ) from None


@dataclass(frozen=True, slots=True)
class Uses:
    """Times of the last received requests that were signed with the entries of a list in a secret.

    ``newest`` is for the first entry of the list, ``older`` for all others. Times are Unix seconds;
    0 if no such request was received in the last day.
    """

    newest: float
    older: float


def read_uses(
    stack: Stack, name: SecretName, field: str, places: Sequence[int], now: float
) -> Uses:
    """Return the times of the last received requests that were signed with a list's entries.

    The list is a field of a secret. The times come from the metrics of the webhook function that
    verifies the signatures.

    Args:
        stack: The deployed stack.
        name: The secret.
        field: The field of the secret that is the list.
        places: Positions of entries in the list, counted from 1, the newest entry first.
        now: The current time in Unix seconds.

    Raises botocore's errors.
    """
    series = [
        Series("SecretEntriesUsed", LIST_SERVICES[name], f"{field}.{place}") for place in places
    ]
    counts = read_counts(stack.aws.cloudwatch, series, now)
    older = max((counts[one].newest for one in series[1:]), default=0.0)
    return Uses(counts.get(series[0], Count()).newest, older)


def check_replaced(uses: Uses, *, stored_at: float, now: float) -> None:
    """Check that senders of webhooks use the newest key of a list in a secret, and no older key.

    Args:
        uses: Times of the last requests that were signed with the entries of the list.
        stored_at: When the list was stored, in Unix seconds.
        now: The current time in Unix seconds.

    Raises:
        Unproved: It is not known yet that the new entry works.
        NotAccepted: An old entry is still used.
    """
    settled = stored_at + FETCH_SECONDS
    if now < settled:
        minutes = math.ceil((settled - now) / 60)
        raise Unproved("the functions may still use the list before it", f"wait {minutes} minutes")
    # A value of the metric has the time at which its period begins.
    if uses.newest + PERIOD < settled:
        raise Unproved(
            "nothing that the new one has signed was received in the last day, since it is in use",
            "give it to the sender",
        )
    if uses.older + PERIOD > now - QUIET_SECONDS:
        raise NotAccepted(
            "an old one has signed a request within the last hour",
            "give the new one to its sender, too",
        )
