"""Demo scenario: forty people are invited, one accepts in the browser, one leaves the company."""

import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from ops.demo import leaving
from ops.demo.acceptance import accept_invitation, accept_over_backend, read_access
from ops.demo.leaving import Departure
from ops.demo.people import (
    DemoPerson,
    add_users,
    invitation_link,
    join_site,
    run_people_command,
    sample_people,
    sent_mails,
    wait_for_mails,
    write_file,
)
from ops.demo.scenario import Claim, ScenarioResult
from ops.demo.trace import Hop
from ops.local_environment import LocalEnvironment

CAMPAIGN = "invitation"
ACCEPTING, LEAVING, WATCHING = (f"8a6d3f5e-40c1-4c53-9d0e-6a1f7b2c9e2{place}" for place in range(3))
"""Ids of members of the demo's site: one accepts in the browser, one accepts and leaves, and one is
for the viewer of the demo, who can accept by hand.
"""


def run_scenario(local: LocalEnvironment) -> ScenarioResult:
    """Import the users of the directory, accept two invitations, and let one person leave.

    Emails go out at a limited rate, so steps that need only some of the emails are done meanwhile.

    Raises:
        OpsError: A command fails, or an email or a change does not arrive.
    """
    local.wait_until_idle()
    people = sample_people(local)
    add_users(local, people)
    begun = time.monotonic()
    run_people_command(local, "import", "--from-directory", "--yes")
    imported_in = time.monotonic() - begun
    first, _ = wait_for_mails(local, CAMPAIGN, 3, begun)
    links = {mail["email"]: invitation_link(mail) for mail in first}
    accepts, leaves, watches = [person for person in people if person.email in links][:3]
    accepted, notes = _accept(local, accepts, watches, links)
    again = _import_file(local, people)
    join_site(local, leaves, LEAVING)
    accept_over_backend(local, LEAVING, links[leaves.email])
    departure = leaving.leave_company(local, leaves, LEAVING)
    notices, told_in = wait_for_mails(local, leaving.CAMPAIGN, 1, time.monotonic())
    _, mailed_in = wait_for_mails(local, CAMPAIGN, len(people), begun)
    local.wait_until_idle()
    mails, notices = sent_mails(local, CAMPAIGN), sent_mails(local, leaving.CAMPAIGN)
    partners = len({person.partner for person in people})
    hops = [
        Hop("people imported", f"{len(people)} users of {partners} partners", imported_in),
        Hop("by email", f"{mails[0]['subject']}, and {len(mails) - 1} more", mailed_in),
        accepted,
        Hop("a user is removed", f"{leaves.name} of {leaves.partner} loses access", departure.took),
        Hop("by email", f"{notices[0]['subject']}, to {notices[0]['email']}", told_in),
    ]
    claims = [
        Claim(
            "everybody has one email, after an import from the directory and one from a file",
            sorted(mail["email"] for mail in mails) == sorted(person.email for person in people),
        ),
        Claim("the second import has nothing to do", again["outcome"] is None),
        Claim(
            "who accepts acts for its partner, in its role of the directory, also after the others"
            " were compared",
            read_access(local, ACCEPTING) == {accepts.partner: accepts.role},
        ),
        *_leaving_claims(local, leaves, departure, notices),
    ]
    return ScenarioResult(hops, claims, notes)


def _accept(
    local: LocalEnvironment, person: DemoPerson, other: DemoPerson, links: Mapping[str, str]
) -> tuple[Hop, Sequence[str]]:
    """Accept the invitation of ``person``; return this step of the demo, and instructions.

    The step is for the demo's output. With Chromium on this machine, the invitation is accepted in
    the browser, and there are no instructions. Without Chromium, it is accepted over the portal's
    backend, and the instructions tell the viewer of the demo how to accept the invitation of
    ``other`` in a browser.
    """
    join_site(local, person, ACCEPTING)
    begun = time.monotonic()
    in_browser = accept_invitation(local, person, ACCEPTING, links[person.email])
    took = time.monotonic() - begun
    way = "with one click in Chromium" if in_browser else "over the portal's backend"
    hop = Hop("accepted", f"{way}: {person.role} of {person.partner}", took)
    if in_browser:
        return hop, ()
    join_site(local, other, WATCHING)
    return hop, [
        f"There is no Chromium here: to see it in a browser, log in as {other.name} at"
        f" {local.portal_url}/ and open {links[other.email]}"
    ]


def _import_file(local: LocalEnvironment, people: Sequence[DemoPerson]) -> Mapping[str, Any]:
    """Import people from a CSV file with ``gridwix people import``; return its JSON document."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "people.csv"
        write_file(people, file)
        return run_people_command(local, "import", file, "--yes")


def _leaving_claims(
    local: LocalEnvironment,
    person: DemoPerson,
    departure: Departure,
    notices: Sequence[Mapping[str, Any]],
) -> Sequence[Claim]:
    return [
        Claim(
            "a user whom the directory lacks for the first time keeps the access", departure.waited
        ),
        Claim(
            "once it is confirmed, this one access ends: the portal answers the person no longer",
            departure.ended_one and leaving.is_refused(local, person, LEAVING),
        ),
        Claim(
            "the person is told once, and the history of people says who ended it",
            [mail["email"] for mail in notices] == [person.email]
            and leaving.is_in_history(local, person, LEAVING),
        ),
    ]
