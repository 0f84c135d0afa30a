"""Demo scenario: forty people are invited from a file, and one of them accepts."""

import csv
import json
import os
import re
import subprocess
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import httpx

from gridwix.models.portal.collection_ids import PARTNER_LINKS, PARTNER_STATUS
from ops.demo.scenario import Claim, ScenarioResult
from ops.demo.trace import Hop
from ops.errors import OpsError
from ops.local_environment import LocalEnvironment
from ops.members import Role
from ops.paths import ROOT
from ops.waiting import STANDSTILL

PEOPLE = 40
CAMPAIGN = "invitation"
MEMBER = "8a6d3f5e-40c1-4c53-9d0e-6a1f7b2c9e20"
"""The first of them is a member of the site, and accepts."""


class _Row(NamedTuple):
    """A row of the file."""

    partner: str
    email: str
    name: str
    role: str
    language: str


def run_scenario(local: LocalEnvironment) -> ScenarioResult:
    """Import a file of people twice, wait for their emails, and accept one invitation.

    Raises:
        OpsError: The import fails, or an email or a link does not arrive.
    """
    local.wait_until_idle()
    rows = _sample_people(local)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "people.csv"
        with file.open("w", newline="") as opened:
            writer = csv.writer(opened)
            writer.writerow(("partner", "email", "name", "role", "language"))
            writer.writerows(rows)
        begun = time.monotonic()
        _import_people(local, file)
        imported_in = time.monotonic() - begun
        mailed_in = _wait_for_mails(local, begun)
        again = _import_people(local, file)
    local.wait_until_idle()
    mails = _sent_mails(local)
    link, accepted_in = _accept_invitation(local, mails, rows[0])
    hops = [
        Hop("people imported", f"{PEOPLE} rows of a file, one command", imported_in),
        Hop("by email", f"{mails[0]['subject']}, and {len(mails) - 1} more", mailed_in),
        Hop("accepted with one click", f"{link['role']} of {link['partnerId']}", accepted_in),
    ]
    claims = [
        Claim(
            "everybody of the file has one email, after the file was imported twice",
            sorted(mail["email"] for mail in mails) == sorted(row.email for row in rows),
        ),
        Claim("the second import has nothing to do", again["outcome"] is None),
        Claim(
            "who accepts acts for its partner, in the role of the file",
            (link["partnerId"], link["role"]) == (rows[0].partner, rows[0].role),
        ),
    ]
    return ScenarioResult(hops, claims)


def _sample_people(local: LocalEnvironment) -> Sequence[_Row]:
    """Return one person for each of the first partners of the portal."""
    partners = sorted(
        str(item.data["partnerId"])
        for page in local.connections.wix.query_pages(PARTNER_STATUS)
        for item in page.items
    )[:PEOPLE]
    roles = [role.value for role in Role]
    return [
        _Row(
            partner,
            f"person{number:02}@partner{number:02}.example",
            f"Person {number:02}",
            roles[number % len(roles)],
            "en",
        )
        for number, partner in enumerate(partners)
    ]


def _import_people(local: LocalEnvironment, file: Path) -> Mapping[str, Any]:
    """Run ``gridwix people import``; return its document. Raises OpsError if it fails."""
    options = ["--stack", local.stack.name, "--yes", "--json"]
    done = subprocess.run(
        [ROOT / ".venv/bin/gridwix", "people", "import", file, *options],
        env={**os.environ, **local.cloud.environment()},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise OpsError(f"the import of people failed: {done.stderr}")
    document: Mapping[str, Any] = json.loads(done.stdout)
    return document


def _wait_for_mails(local: LocalEnvironment, begun: float) -> float:
    """Wait until everybody has an email; return the seconds since ``begun``.

    Not all go out at once (``emails_per_minute``). The schedule sends the others, and does not have
    to be waited for.
    """

    def all_sent() -> bool:
        if len(_sent_mails(local)) >= PEOPLE:
            return True
        local.stack.aws.sqs.send_message(
            QueueUrl=local.stack.output("PartnerMessengerQueueUrl"),
            MessageBody='{"reason": "schedule"}',
        )
        return False

    local.wait_for(all_sent, "the emails of the invitations", poll=2.0)
    return time.monotonic() - begun


def _accept_invitation(
    local: LocalEnvironment, mails: Sequence[Mapping[str, Any]], row: _Row
) -> tuple[Mapping[str, Any], float]:
    """Sign up with the address of a row, and accept with the link of its email. Return the link
    row, and the seconds that it took.
    """
    contact = {"firstName": "Person", "lastName": row.name.rpartition(" ")[2]}
    local.wix.order(
        "members",
        {
            "id": MEMBER,
            "loginEmail": row.email,
            "loginEmailVerified": True,
            "status": "APPROVED",
            "contact": contact,
        },
    )
    mail = next(mail for mail in mails if mail["email"] == row.email)
    (code,) = re.findall("#invitation=([A-Z2-7]+)", mail["body"])
    begun = time.monotonic()
    with httpx.Client(headers={"origin": local.portal_url}, timeout=STANDSTILL) as browser:
        browser.post(f"{local.portal_url}/login", data={"member": MEMBER})
        browser.post(
            f"{local.portal_url}/_functions/web/acceptInvitation", json=[code]
        ).raise_for_status()
    links = local.connections.wix.items_where(PARTNER_LINKS, "memberId", MEMBER)
    if not links:
        raise OpsError("the invitation was not accepted")
    return links[0].data, time.monotonic() - begun


def _sent_mails(local: LocalEnvironment) -> Sequence[Mapping[str, Any]]:
    """Return the invitations that the email automation was asked to send."""
    received = local.wix.read("automations/received")["received"]
    return [call["body"] for call in received if call["body"].get("campaign") == CAMPAIGN]
