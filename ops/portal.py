"""The portal of the local environment: its sample members, and the server that runs its code."""

import json
from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from emulators.common import server
from emulators.portal.node import NodeMissing, find_node
from emulators.trading_grid.seed import BALTIC, HARBOR_PINE, PRAIRIE_GOLD
from gridwix.models.ids import PartnerId
from ops.emulator import Emulator
from ops.errors import OpsError
from ops.members import LinkStore, Role, link_member

ADDRESS_SECRET = "gridwix-webhook-url"  # noqa: S105 - the name of a secret
SIGNING_SECRET = "gridwix-signing-secret"  # noqa: S105 - the name of a secret
"""Name of the site's secret that ``portal/backend/site-secrets.js`` reads."""


@dataclass(frozen=True, slots=True)
class Person:
    """A sample member of the site, with a role at each of its partners."""

    id: str
    first_name: str
    last_name: str
    email: str
    roles: Mapping[str, Role]


DANA = Person(
    "8a6d3f5e-40c1-4c53-9d0e-6a1f7b2c9e10",
    "Dana",
    "Whitfield",
    "dana.whitfield@prairiegold.example",
    {PRAIRIE_GOLD: Role.FINANCE},
)
KATRIN = Person(
    "8a6d3f5e-40c1-4c53-9d0e-6a1f7b2c9e11",
    "Katrin",
    "Tamm",
    "katrin.tamm@baltictextiles.example",
    {BALTIC: Role.EDI},
)
JO = Person(
    "8a6d3f5e-40c1-4c53-9d0e-6a1f7b2c9e12",
    "Jo",
    "Rivera",
    "jo.rivera@harborpine.example",
    {HARBOR_PINE: Role.LOGISTICS},
)
LEE = Person(
    "8a6d3f5e-40c1-4c53-9d0e-6a1f7b2c9e13",
    "Lee",
    "Marsh",
    "lee.marsh@edi-bureau.example",
    {PRAIRIE_GOLD: Role.EDI, HARBOR_PINE: Role.ADMIN},
)
SAM = Person("8a6d3f5e-40c1-4c53-9d0e-6a1f7b2c9e14", "Sam", "Porter", "sam.porter@example.net", {})
PEOPLE = (DANA, KATRIN, JO, LEE, SAM)
"""Sample members: one for each sample partner, an EDI bureau that acts for two of them, and one
without links.
"""


def create_members(wix: Emulator, links: LinkStore) -> None:
    """Create ``PEOPLE`` as members of the emulated site, and link them to their partners."""
    now = datetime.now(UTC)
    for person in PEOPLE:
        contact = {"firstName": person.first_name, "lastName": person.last_name}
        wix.order(
            "members",
            {"id": person.id, "loginEmail": person.email, "status": "APPROVED", "contact": contact},
        )
        for partner, role in person.roles.items():
            link_member(links, person.id, PartnerId(partner), role, now=now)


def run_portal_host(
    wix_url: str,
    site_info: Mapping[str, Any],
    webhook_url: str,
    signing_secret: str,
    *,
    port: int,
    log: Path,
    patience: float = 1.0,
) -> AbstractContextManager[str]:
    """Run the portal's code on the emulated Wix site during a ``with`` block; yield the site's URL.

    Args:
        wix_url: URL of the Wix emulator.
        site_info: The emulator's ids and credentials.
        webhook_url: URL of the function ``wix_webhook``.
        signing_secret: Secret with which the portal's backend signs its calls of ``webhook_url``.
        port: The port of the loopback interface.
        log: File for the server's output.
        patience: Factor on the server's response timeouts.

    Raises:
        OpsError: Node.js is missing.
        NotStarted: The server did not start.
    """
    try:
        find_node()
    except NodeMissing as missing:
        raise OpsError(str(missing), "install Node.js, and put it on the PATH") from None
    secrets = {ADDRESS_SECRET: webhook_url, SIGNING_SECRET: signing_secret}
    environment = {
        "PORTAL_WIX_API_KEY": str(site_info["apiKey"]),
        "PORTAL_SECRETS": json.dumps(secrets),
    }
    options = [
        "--port",
        str(port),
        "--wix",
        wix_url,
        "--site-id",
        str(site_info["siteId"]),
        "--patience",
        str(patience),
    ]
    return server.process("emulators.portal", options, log=log, environment=environment)
