"""A person of the demo leaves its company, so the person's access to the portal ends.

The person's user is removed from OpenText's directory, and gridwix compares the portal's people
with the directory.
"""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import httpx

from gridwix.models.people_runs import EndReason, PeopleReport, RowCounts
from gridwix.models.reconciliation import RunRequest
from ops.demo.acceptance import read_access
from ops.demo.people import DemoPerson, remove_user, run_people_command
from ops.local_environment import LocalEnvironment
from ops.portal_session import PortalSession
from ops.reconcile import request_run, wait_for_people_report
from ops.waiting import STANDSTILL

CAMPAIGN = "access-ended"
LOOK = 0.2
"""Seconds between two polls for the report of a comparison."""


@dataclass(frozen=True, slots=True)
class Departure:
    """Effect of a user's removal from OpenText's directory on the user's access to the portal.

    ``first`` and ``second`` are the reports of two comparisons of the portal's members with the
    directory. ``access_after_first`` has the partners for which the member could still act after
    the first comparison. ``took`` is the time from the removal to the end of the access, in
    seconds.
    """

    first: PeopleReport
    access_after_first: Mapping[str, str]
    second: PeopleReport
    took: float

    @property
    def waited(self) -> bool:
        """True if the first comparison with the directory only recorded that the user is missing.

        It ended no access.
        """
        return self.first.waiting == 1 and not self.first.ended and bool(self.access_after_first)

    @property
    def ended_one(self) -> bool:
        """True if the second comparison with the directory ended one access and nothing else.

        An access is a link, the permission of one member to act for one partner on the portal.
        False if the comparison ended no link, several links, or an invitation, too.
        """
        return self.second.ended == {EndReason.DIRECTORY: RowCounts(links=1)}


def leave_company(local: LocalEnvironment, person: DemoPerson, member: str) -> Departure:
    """Remove a user from the directory, and compare the portal's members with the directory twice.

    The first comparison only notes that the user is missing. The second one follows at once, with
    the confirmation that a person gives with ``gridwix people reconcile --accept-shrink``. Without
    it, the second comparison would end the access only if it ran ten minutes after the first one.

    Returns:
        The reports of both comparisons, the member's access between them, and the time from the
        removal to the end of the second comparison.

    Raises:
        Standstill: A comparison does not end.
    """
    begun = time.monotonic()
    remove_user(local, person)
    first = _compare_people(local)
    access = read_access(local, member)
    second = _compare_people(local, accept_shrink=True)
    return Departure(first, access, second, time.monotonic() - begun)


def is_refused(local: LocalEnvironment, person: DemoPerson, member: str) -> bool:
    """Return True if the portal shows nothing of a partner to a member who may not act for it.

    The portal has to answer with the error ``not_linked``. The member has the id ``member`` on the
    site; ``person`` is the same person, and names the partner.
    """
    with httpx.Client(timeout=STANDSTILL) as http:
        session = PortalSession(local.portal_url, http, member)
        answer: Mapping[str, Any] = session.call_web_method(
            "getPortal", person.partner, person.language, ["overview"]
        )
    return answer == {"error": {"code": "not_linked"}}


def is_in_history(local: LocalEnvironment, person: DemoPerson, member: str) -> bool:
    """Return True if the partner's history has one end of access: the member's, by gridwix.

    The history of people says who gave whom access to the partner, or took it away; it is read with
    ``gridwix people history``. False if the history has no end of access, a second one, or one by
    an actor other than gridwix.
    """
    lines = run_people_command(local, "history", person.partner)["lines"]
    ended = [line for line in lines if line["act"] == "ended"]
    return [(line["actor"], line["member"], line["email"]) for line in ended] == [
        ("gridwix", member, person.email)
    ]


def _compare_people(local: LocalEnvironment, *, accept_shrink: bool = False) -> PeopleReport:
    request = RunRequest(mode="people", accept_shrink=accept_shrink)
    return wait_for_people_report(local.stack, request_run(local.stack, request), poll=LOOK)
