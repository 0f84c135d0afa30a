"""Exactly one message per event.

Holds with duplicates, concurrent workers, crashes and lost responses.
"""

from collections import Counter
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gridwix.models.deadline import NO_DEADLINE
from gridwix.models.events import Change
from gridwix.partner_messenger.dispatches import OPEN, Contact, DispatchState
from tests.examples import examples
from tests.fakes.interleaving import Worker
from tests.fakes.messaging import INVITING, Lost, Stage, campaigns, check_passed, invited
from tests.fakes.portal import lost_answer

CHANNELS = ["portal", "inbox", "email"]
INVITED = "invited"
EVENTS = ("evt_1", "evt_2", INVITED)
MEMBERS = ("dana", "ann")
ADA = "ada@partner.example"
CAMPAIGNS = campaigns(
    review={"channels": CHANNELS},
    other={"channels": ["inbox"], "texts": {"en": {"title": "Other", "body": "Other"}}},
    invitation=INVITING,
)

batches = st.lists(st.sampled_from(EVENTS), min_size=1, max_size=3)
"""Events of one delivery, some of them duplicates."""

moves = st.lists(st.tuples(st.sampled_from((0, 1)), st.integers(1, 12)), max_size=14)
"""Interleaving: the worker that continues, and the number of its next calls of ports."""


def stage_of(lost: list[bool | None]) -> Stage:
    """A stage that loses some responses of Wix, on which Ada is invited, who is a contact.

    True: the request was carried out; False: it was not.
    """
    stage = Stage(CAMPAIGNS)
    stage.invitations.invite(ADA)
    stage.people.known["ada"] = Contact("", "contact-ada", ADA)
    stage.people.add_link("ann")
    stage.mails.errors = [Lost(done) for done in lost if done is not None]
    stage.inbox.errors = [Lost(done) for done in reversed(lost) if done is not None]
    stage.portal.troubles = [
        lost_answer(lands="now" if done else None) for done in lost[:2] if done is not None
    ]
    return stage


def event(stage: Stage, name: str) -> Change:
    if name == INVITED:
        (invitation,) = stage.invitations.rows.values()
        return invited(invitation)
    return check_passed(name)


def worker(stage: Stage, batch: list[str]) -> Worker:
    changes = [event(stage, name) for name in batch]

    def work(own: Worker) -> Any:
        return stage.messenger(own.pausing).process_changes(changes, NO_DEADLINE)

    return Worker(work)


def settle(stage: Stage, changes: list[Change]) -> None:
    """Deliver all changes again, and run the schedule until nothing is left to do."""
    for _ in range(6):
        stage.mails.errors, stage.inbox.errors, stage.portal.troubles = [], [], []
        stage.pace.waits = []
        stage.run(*changes)
        stage.run_after(minutes=20)


def check_once(stage: Stage, events: set[str]) -> None:
    rows = Counter((row["campaign"], row["record"]) for row in stage.rows)
    mails = Counter((mail.campaign, mail.contact_id) for mail in stage.mails.mails)
    written = Counter(stage.inbox.messages)
    number, asked = len(events - {INVITED}), int(INVITED in events)
    assert (
        rows == {("review", "compliance-checks/chk_asn_timing_pgf"): number} if number else not rows
    )
    assert mails == {
        **{("review", f"contact-{member}"): number for member in MEMBERS if number},
        **({("invitation", "contact-ada"): 1} if asked else {}),
    }
    # The inbox has no key: each message is there once at most, and what is not known to be there is
    # unknown.
    assert all(times <= max(number, asked) for times in written.values())
    inbox = [dispatch for dispatch in stage.outbox.kept.values() if dispatch.channel == "inbox"]
    assert len(inbox) == 2 * number * len(MEMBERS) + asked
    assert {dispatch.state for dispatch in inbox} <= {DispatchState.SENT, DispatchState.UNKNOWN}
    sent = sum(dispatch.state is DispatchState.SENT for dispatch in inbox)
    assert sent <= written.total() <= len(inbox)
    assert not [dispatch for dispatch in stage.outbox.kept.values() if dispatch.state in OPEN]


@settings(max_examples=examples(25), deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    first=batches,
    second=batches,
    interleaving=moves,
    deaths=st.tuples(st.booleans(), st.booleans()),
    lost=st.lists(st.sampled_from((None, True, False)), max_size=4),
    lagging=st.booleans(),
    waits=st.lists(st.sampled_from((0.0, 1.0, 30.0)), max_size=4),
)
def test_two_workers_at_any_interleaving_deaths_and_lost_answers_make_one_message_of_each_event(
    first: list[str],
    second: list[str],
    interleaving: list[tuple[int, int]],
    deaths: tuple[bool, bool],
    lost: list[bool | None],
    lagging: bool,
    waits: list[float],
) -> None:
    stage = stage_of(lost)
    stage.pace.waits = waits
    stage.outbox.lagging = lagging
    workers = (worker(stage, first), worker(stage, second))

    for who, steps in interleaving:
        workers[who].steps(steps)
    for one, dies in zip(workers, deaths, strict=True):
        one.kill() if dies else one.run()
        assert dies or one.error is None
    settle(stage, [event(stage, name) for name in (*first, *second)])

    check_once(stage, {*first, *second})


@pytest.mark.parametrize("calls", range(1, 60, 2))
def test_worker_that_dies_at_any_call_leaves_one_message_of_each(calls: int) -> None:
    stage = stage_of([])
    dying = worker(stage, ["evt_1", INVITED])
    dying.steps(calls)
    dying.kill()

    settle(stage, [check_passed("evt_1"), event(stage, INVITED)])

    check_once(stage, {"evt_1", INVITED})


def test_worker_that_died_writing_to_the_inbox_leaves_it_unknown_and_nobody_writes_again() -> None:
    stage = Stage(campaigns(review={"channels": ["inbox"]}))
    dying = worker(stage, ["evt_1"])
    while not stage.inbox.messages:
        dying.step()
    dying.kill()

    stage.run_after(minutes=10)
    stage.run(check_passed("evt_1"))

    assert (len(stage.inbox.messages), stage.state_counts("inbox")) == (
        1,
        {"unknown:worker_lost": 1},
    )


@settings(max_examples=examples(13), deadline=None)
@given(
    order=st.permutations(["evt_1", "evt_2", "evt_1", "replay", "resync"]),
    cuts=st.sets(st.integers(1, 4)),
)
def test_order_and_batching_of_events_do_not_matter(order: list[str], cuts: set[int]) -> None:
    stage = stage_of([])
    events = {
        "replay": check_passed("evt_2"),
        "resync": check_passed("evt_9", type="partner.resync_requested", via="resync"),
    }
    bounds = [0, *sorted(cuts), len(order)]

    for start, end in pairwise(bounds):
        stage.run(*(events.get(event) or check_passed(event) for event in order[start:end]))

    check_once(stage, {"evt_1", "evt_2"})
