"""A person of the demo leaves its company: the user is missing from OpenText's directory, and the
access to the portal ends.
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
    """Effect of two comparisons of people with OpenText's directory, after a user was removed
    there.

    ``access_after_first`` has the partners for which the member still acted after the first
    comparison. ``took`` is the time from the removal to the end of the access, in seconds.
    """

    first: PeopleReport
    access_after_first: Mapping[str, str]
    second: PeopleReport
    took: float

    @property
    def waited(self) -> bool:
        """True if the first comparison only recorded that the user is missing: it ended no
        access.
        """
        return self.first.waiting == 1 and not self.first.ended and bool(self.access_after_first)

    @property
    def ended_one(self) -> bool:
        """True if the second comparison ended the access of one member to one partner, and nothing
        else.
        """
        return self.second.ended == {EndReason.DIRECTORY: RowCounts(links=1)}


def leave_company(local: LocalEnvironment, person: DemoPerson, member: str) -> Departure:
    """Remove a user from the directory, and compare the people of the portal with the directory
    twice.

    The second comparison is confirmed by a person, as with ``gridwix people reconcile
    --accept-shrink``. Unconfirmed, it would end the access only ten minutes after the first one.

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
    """Return True if the portal no longer shows a member anything of the partner."""
    with httpx.Client(timeout=STANDSTILL) as http:
        session = PortalSession(local.portal_url, http, member)
        answer: Mapping[str, Any] = session.call_web_method(
            "getPortal", person.partner, person.language, ["overview"]
        )
    return answer == {"error": {"code": "not_linked"}}


def is_in_history(local: LocalEnvironment, person: DemoPerson, member: str) -> bool:
    """Return True if ``gridwix people history`` has exactly one line that gridwix ended the
    access.
    """
    lines = run_people_command(local, "history", person.partner)["lines"]
    ended = [line for line in lines if line["act"] == "ended"]
    return [(line["actor"], line["member"], line["email"]) for line in ended] == [
        ("gridwix", member, person.email)
    ]


def _compare_people(local: LocalEnvironment, *, accept_shrink: bool = False) -> PeopleReport:
    request = RunRequest(mode="people", accept_shrink=accept_shrink)
    return wait_for_people_report(local.stack, request_run(local.stack, request), poll=LOOK)
