"""The portal of the world on one machine: people who are members of the site, and the host that runs the portal's own code."""

import json
from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from emulators.common import server
from emulators.portal.node import NodeMissing, node
from emulators.trading_grid.seed import BALTIC, HARBOR_PINE, PRAIRIE_GOLD
from gridwix.models.ids import PartnerId
from ops.emulator import Emulator
from ops.errors import OpsError
from ops.members import LinkStore, Role, link_member

ADDRESS_SECRET = "gridwix-webhook-url"  # noqa: S105 - the name of a secret
SIGNING_SECRET = "gridwix-signing-secret"  # noqa: S105 - the name of a secret
"""What the portal's backend asks of the site's Secrets Manager (``portal/backend/door.js``)."""


@dataclass(frozen=True, slots=True)
class Person:
    """A member of the site, and what it is at which partners."""

    id: str
    first_name: str
    last_name: str
    email: str
    roles: Mapping[str, Role]


DANA = Person("8a6d3f5e-40c1-4c53-9d0e-6a1f7b2c9e10", "Dana", "Whitfield", "dana.whitfield@prairiegold.example", {PRAIRIE_GOLD: Role.FINANCE})
KATRIN = Person("8a6d3f5e-40c1-4c53-9d0e-6a1f7b2c9e11", "Katrin", "Tamm", "katrin.tamm@baltictextiles.example", {BALTIC: Role.EDI})
JO = Person("8a6d3f5e-40c1-4c53-9d0e-6a1f7b2c9e12", "Jo", "Rivera", "jo.rivera@harborpine.example", {HARBOR_PINE: Role.LOGISTICS})
LEE = Person("8a6d3f5e-40c1-4c53-9d0e-6a1f7b2c9e13", "Lee", "Marsh", "lee.marsh@edi-bureau.example", {PRAIRIE_GOLD: Role.EDI, HARBOR_PINE: Role.ADMIN})
SAM = Person("8a6d3f5e-40c1-4c53-9d0e-6a1f7b2c9e14", "Sam", "Porter", "sam.porter@example.net", {})
PEOPLE = (DANA, KATRIN, JO, LEE, SAM)
"""Somebody for each sample partner, an EDI bureau that acts for two of them, and one who acts for nobody yet."""


def settle(wix: Emulator, links: LinkStore) -> None:
    """Make the people members of the site, and act for their partners."""
    now = datetime.now(UTC)
    for person in PEOPLE:
        contact = {"firstName": person.first_name, "lastName": person.last_name}
        wix.order("members", {"id": person.id, "loginEmail": person.email, "status": "APPROVED", "contact": contact})
        for partner, role in person.roles.items():
            link_member(links, person.id, PartnerId(partner), role, now=now)


def host(
    wix_url: str, site_info: Mapping[str, Any], door: str, signing_secret: str, *, port: int, log: Path, patience: float = 1.0
) -> AbstractContextManager[str]:
    """Run the portal's own code on a site of the Wix emulator for as long as the block lasts, and yield its URL.

    ``patience`` multiplies the time that answers to it may take.

    Raises OpsError if there is no Node.js for it, NotStarted if it does not come up.
    """
    try:
        node()
    except NodeMissing as missing:
        raise OpsError(str(missing)) from None
    secrets = {ADDRESS_SECRET: door, SIGNING_SECRET: signing_secret}
    environment = {"PORTAL_WIX_API_KEY": str(site_info["apiKey"]), "PORTAL_SECRETS": json.dumps(secrets)}
    options = ["--port", str(port), "--wix", wix_url, "--site-id", str(site_info["siteId"]), "--patience", str(patience)]
    return server.process("emulators.portal", options, log=log, environment=environment)
