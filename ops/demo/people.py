"""The people of the demo: users of partners in OpenText's directory, and their emails."""

import csv
import json
import os
import re
import subprocess
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from gridwix.models.portal.collection_ids import PARTNER_STATUS
from ops.errors import OpsError
from ops.local_environment import LocalEnvironment
from ops.members import Role
from ops.paths import ROOT
from ops.people.portal import IMPORTED_STATUSES

PARTNERS = 20
USERS = ((Role.ADMIN, "Account Admin"), (Role.EDI, "Lens Standard role"))
"""Users that each partner of the demo gets: role on the portal, and name of the role in OpenText's
directory.
"""

MAIL_POLL = 2.0
"""Seconds between two polls for emails. Each poll starts the messenger, as its schedule does."""


class DemoPerson(NamedTuple):
    """A user of a partner in the demo.

    The fields are the columns of the CSV file that ``gridwix people import`` reads.
    """

    partner: str
    email: str
    name: str
    role: str
    language: str


def sample_people(local: LocalEnvironment) -> Sequence[DemoPerson]:
    """Return invented users: for each of ``PARTNERS`` partners, one user per role in ``USERS``.

    The partners are the first by id of those that have one of ``IMPORTED_STATUSES`` as their status
    on the portal.
    """
    partners = sorted(
        str(item.data["partnerId"])
        for page in local.connections.wix.query_pages(PARTNER_STATUS)
        for item in page.items
        if item.data["status"] in IMPORTED_STATUSES
    )[:PARTNERS]
    return [
        DemoPerson(
            partner,
            f"person{number:02}@partner{number // len(USERS):02}.example",
            f"Person {number:02}",
            role.value,
            "en",
        )
        for number, (partner, role) in enumerate(
            (partner, role) for partner in partners for role, _ in USERS
        )
    ]


def add_users(local: LocalEnvironment, people: Sequence[DemoPerson]) -> None:
    """Add these people as users to OpenText's directory (the emulator)."""
    roles = {role.value: name for role, name in USERS}
    users = [
        {
            "companyId": person.partner,
            "loginId": person.email,
            **_names(person),
            "preferredLanguage": person.language,
            "roles": [roles[person.role]],
        }
        for person in people
    ]
    local.trading_grid.order("users", {"added": users})


def remove_user(local: LocalEnvironment, person: DemoPerson) -> None:
    """Remove a person's user from OpenText's directory (the emulator)."""
    local.trading_grid.order("users", {"removed": [person.email]})


def write_file(people: Sequence[DemoPerson], file: Path) -> None:
    """Write people to a CSV file that ``gridwix people import`` reads."""
    with file.open("w", newline="") as opened:
        writer = csv.writer(opened)
        writer.writerow(DemoPerson._fields)
        writer.writerows(people)


def run_people_command(local: LocalEnvironment, *arguments: str | Path) -> Mapping[str, Any]:
    """Run ``gridwix people`` with ``--json``; return its document. Raises OpsError if it fails."""
    done = subprocess.run(
        [ROOT / ".venv/bin/gridwix", "people", *arguments, "--stack", local.stack.name, "--json"],
        env={**os.environ, **local.cloud.environment()},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise OpsError(
            f"gridwix people {arguments[0]} failed ({done.stderr.strip()})", "start the demo again"
        )
    document: Mapping[str, Any] = json.loads(done.stdout)
    return document


def join_site(local: LocalEnvironment, person: DemoPerson, member_id: str) -> None:
    """Sign a person up as a member of the site, with a verified address."""
    local.wix.order(
        "members",
        {
            "id": member_id,
            "loginEmail": person.email,
            "loginEmailVerified": True,
            "status": "APPROVED",
            "contact": _names(person),
        },
    )


def sent_mails(local: LocalEnvironment, campaign: str) -> Sequence[Mapping[str, Any]]:
    """Return the emails of a campaign that Wix's automation was asked to send, oldest first."""
    received = local.wix.read("automations/received")["received"]
    return [call["body"] for call in received if call["body"].get("campaign") == campaign]


def wait_for_mails(
    local: LocalEnvironment, campaign: str, least: int, begun: float
) -> tuple[Sequence[Mapping[str, Any]], float]:
    """Wait until a campaign has sent at least ``least`` emails.

    Emails are sent at a limited rate (``emails_per_minute``), so each poll also triggers the
    scheduled run of the messenger, which sends more.

    Returns:
        All emails of the campaign so far, and the seconds since ``begun``.
    """

    def enough() -> Sequence[Mapping[str, Any]]:
        mails = sent_mails(local, campaign)
        if len(mails) >= least:
            return mails
        local.stack.aws.sqs.send_message(
            QueueUrl=local.stack.output("PartnerMessengerQueueUrl"),
            MessageBody='{"reason": "schedule"}',
        )
        return ()

    mails = local.wait_for(enough, f"{least} emails of the campaign {campaign}", poll=MAIL_POLL)
    return mails, time.monotonic() - begun


def invitation_link(mail: Mapping[str, Any]) -> str:
    """Return the link in the email of an invitation."""
    (link,) = re.findall(r"https?://[^\s\"'<>]+#invitation=[A-Z2-7]+", mail["body"])
    return str(link)


def _names(person: DemoPerson) -> Mapping[str, str]:
    first, _, last = person.name.partition(" ")
    return {"firstName": first, "lastName": last}
