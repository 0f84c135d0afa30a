"""Webhooks of the soak test's traffic: signed as the senders sign, retried, and not all on time."""

import json
from datetime import UTC, datetime
from random import Random

import pytest
from standardwebhooks import Webhook

from gridwix.edge.standard_webhooks import verify_signature
from gridwix.form_intake.forms import read_form_values
from gridwix.runtime.configuration import configuration
from gridwix.wix_webhook.form_posts import read_form_post
from gridwix.wix_webhook.signatures import verify_form_post
from soak.inputs import SubmissionAccepted, SubmissionRefused, Uncertain
from soak.kernel.tasks import Scheduler
from soak.traffic.deliveries import SCHEDULE, Deliveries, signed_headers
from soak.traffic.members import join
from soak.traffic.posts import Wish, send_wish
from soak.traffic.shape import CALM, Shape, Webhooks, small_world
from soak.traffic.visitors import send_question
from tests.fakes.soak_outside import SECRET, START, MemoryEntrance, MemoryWorld, PlainKeys
from tests.unit.soak.traffic.test_workload import played

EVENT = {"id": "evt_1", "type": "tg.case.updated", "subject": "cases/case_1_1"}
WISH = Wish("issue-comment", "case_comment", "case_1_1", "[[p1.s1.v1]]", {"comment": "Ä"})
HUB = "/webhooks/trading-grid"


def deliveries(shares: Webhooks, until: float = float("inf")) -> tuple[Deliveries, MemoryEntrance]:
    """Deliveries to an entrance that answers 200."""
    scheduler = Scheduler(START)
    entrance = MemoryEntrance(scheduler)
    return Deliveries(scheduler, Random(3), entrance, PlainKeys(), shares, until), entrance


def run(given: Deliveries) -> None:
    """Let all deliveries happen."""
    given._scheduler.run()


def send(world: MemoryWorld) -> None:
    """Let a member send a submission."""
    member = join(world.scene, 1)
    send_wish(world.scene, member, 1, WISH)
    world.scheduler.run()


def test_webhook_when_it_is_signed_then_the_reference_library_and_gridwix_accept_it() -> None:
    body = json.dumps(EVENT).encode()
    other = "whsec_b3RoZXIgc2VjcmV0IG9mIHRoZSBodWI="
    headers = signed_headers("evt_1", body, [other, SECRET], START)

    verify_signature(headers, body, [SECRET], now=START)
    verify_signature(headers, body, [other], now=START)
    expected = Webhook(SECRET).sign("evt_1", datetime.fromtimestamp(START, UTC), body.decode())
    assert expected in headers["webhook-signature"].split()


def test_webhook_when_nothing_happens_then_it_arrives_once_within_a_second() -> None:
    given, entrance = deliveries(CALM)

    given.queue(EVENT)
    run(given)

    assert [(path, json.loads(body)) for _, path, _, body in entrance.posts] == [(HUB, EVENT)]
    assert entrance.posts[0][0] - START < 1
    assert given.counts == {"sent": 1, "delivered": 1}


@pytest.mark.parametrize(
    ("name", "shares"),
    [
        ("lost", Webhooks(0.1, 0, 0, 0, 0)),
        ("doubled", Webhooks(0, 0.1, 0, 0, 0)),
        ("reordered", Webhooks(0, 0, 0.1, 0, 0)),
        ("late", Webhooks(0, 0, 0, 0.1, 0)),
        ("old", Webhooks(0, 0, 0, 0, 0.1)),
    ],
)
def test_webhooks_when_a_share_has_a_fate_then_about_so_many_have_it(
    name: str, shares: Webhooks
) -> None:
    given, entrance = deliveries(shares)

    for _ in range(5_000):
        given.queue(EVENT)
    run(given)

    copies = {"lost": 0.9, "doubled": 1.1}.get(name, 1.0)
    assert given.counts[name] / 5_000 == pytest.approx(0.1, abs=0.015)
    assert len(entrance.posts) / 5_000 == pytest.approx(copies, abs=0.015)
    late = sum(at > START + 1 for at, *_ in entrance.posts) / 5_000
    expected = 0.0 if name in ("lost", "old") else 0.1
    assert late == pytest.approx(expected, abs=0.02)
    old = sum(
        int(headers["webhook-timestamp"]) < START - 500 for _, _, headers, _ in entrance.posts
    )
    assert (old > 0) == (name == "old")


def test_webhooks_when_the_storm_is_over_then_nothing_happens_to_them() -> None:
    given, entrance = deliveries(Webhooks(0.5, 0.5, 0.3, 0.1, 0.1), until=START)

    for _ in range(100):
        given.queue(EVENT)
    run(given)

    assert given.counts == {"sent": 100, "delivered": 100}
    assert len(entrance.posts) == 100


def test_webhook_when_it_is_not_answered_then_it_is_sent_again_with_a_new_time_until_the_end() -> (
    None
):
    given, entrance = deliveries(CALM)
    entrance.answer = lambda _: None

    given.queue(EVENT)
    run(given)

    assert len(entrance.posts) == len(SCHEDULE)
    assert len({headers["webhook-timestamp"] for _, _, headers, _ in entrance.posts}) == len(
        SCHEDULE
    )
    assert given.counts == {"sent": 1, "retried": len(SCHEDULE) - 1, "failed": 1}


def test_submission_when_it_is_sent_then_gridwix_accepts_signature_and_body() -> None:
    world = MemoryWorld(small_world())

    send(world)

    _, path, headers, body = world.entrance.posts[0]
    form = path.rpartition("/")[2]
    trusted = verify_form_post(form, headers, {}, body.encode(), [SECRET], now=START)
    received = read_form_post(form, body.encode(), trusted=trusted, now=START).submission
    (given,) = [one for one in world.notes.inputs if isinstance(one, SubmissionAccepted)]
    assert trusted
    assert received
    assert received.id == given.submission.id == headers["webhook-id"]
    assert (received.member_id, received.partner_id, received.locale) == (
        given.submission.member_id,
        given.submission.partner_id,
        "und",
    )


def test_submission_when_it_is_sent_twice_within_a_minute_then_it_has_the_same_id() -> None:
    world = MemoryWorld(small_world())
    member = join(world.scene, 1)

    send_wish(world.scene, member, 1, WISH)
    send_wish(world.scene, member, 1, WISH)
    world.scheduler.run(START + 61)
    send_wish(world.scene, member, 1, WISH)

    ids = [headers["webhook-id"] for _, _, headers, _ in world.entrance.posts]
    assert ids[0] == ids[1] != ids[2]


@pytest.mark.parametrize("status", [None, 500, 503])
def test_submission_when_it_is_not_answered_twice_then_it_is_uncertain(status: int | None) -> None:
    world = MemoryWorld(small_world())
    world.entrance.answer = lambda _: status

    send(world)

    assert len(world.entrance.posts) == 2
    assert [type(one) for one in world.notes.inputs[1:]] == [Uncertain]


def test_submission_when_it_is_answered_at_the_second_attempt_then_it_is_accepted() -> None:
    world = MemoryWorld(small_world())
    answers = iter([None, 200])
    world.entrance.answer = lambda _: next(answers)

    send(world)

    assert [type(one) for one in world.notes.inputs[1:]] == [SubmissionAccepted]


@pytest.mark.parametrize("first", [503, None])
def test_submission_when_its_second_attempt_is_refused_then_the_first_may_have_been_stored(
    first: int | None,
) -> None:
    world = MemoryWorld(small_world())
    answers = iter([first, 401])
    world.entrance.answer = lambda _: next(answers)

    send(world)

    assert [type(one) for one in world.notes.inputs[1:]] == [Uncertain]


def test_submission_when_it_is_refused_then_it_is_not_sent_again() -> None:
    world = MemoryWorld(small_world())
    world.entrance.answer = lambda _: 413

    send(world)

    assert len(world.entrance.posts) == 1
    assert [(type(one), one.status) for one in world.notes.inputs[1:]] == [  # type: ignore[union-attr]
        (SubmissionRefused, 413)
    ]


def test_submissions_when_the_workload_sends_them_then_each_fits_its_form() -> None:
    forms = configuration().forms
    posts = [
        (path.rpartition("/")[2], json.loads(body)["values"])
        for _, path, _, body in played().entrance.posts
        if "/forms/" in path
    ]

    faults = {
        (form, fault.field)
        for form, values in posts
        for fault in read_form_values(forms[form], values, locale="und").faults
    }
    assert faults == set()
    assert len(posts) > 100


def test_visitors_question_when_it_is_not_taken_then_it_is_uncertain_until_it_is() -> None:
    world = MemoryWorld(Shape(partners=3))
    answers = iter([None, 503, 200])
    world.entrance.answer = lambda _: next(answers)

    send_question(world.scene)
    world.scheduler.run()

    assert [type(one) for one in world.notes.inputs] == [Uncertain, SubmissionAccepted]
    assert [path for _, path, *_ in world.entrance.posts] == ["/webhooks/wix"] * 3
    assert world.entrance.posts[2][0] - world.entrance.posts[1][0] > 600
