"""Senders that are killed or overtaken anywhere: no delivery is lost, and the order holds."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from hypothesis import given, settings
from hypothesis import strategies as st

from gridwix_gateway.store.feed import Feed
from gridwix_gateway.webhooks.lease import LEASE_SECONDS
from gridwix_gateway.webhooks.ports import EndpointAnswer, WebhookClient
from gridwix_gateway.webhooks.sender import SenderParts, send_webhooks
from tests.examples import examples
from tests.fakes.gateway.webhook_endpoints import Received
from tests.fakes.interleaving import Worker
from tests.unit.gateway.webhooks.hooks import Hooks, always

ANSWERS = st.lists(st.sampled_from([204, 204, 204, 500, 302, 503, None]), max_size=30)

STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("events"), st.integers(1, 4)),
        # A step is a call of the table or a request.
        st.tuples(st.just("steps"), st.integers(1, 60)),
        st.tuples(st.just("other"), st.integers(1, 60)),
        st.tuples(st.just("kill"), st.just(0)),
        st.tuples(st.just("replay"), st.integers(0, 5)),
        st.tuples(st.just("time"), st.sampled_from([1, 6, int(LEASE_SECONDS) + 1, 2_000])),
    ),
    max_size=25,
)


@settings(max_examples=examples(50), deadline=None)
@given(STEPS, ANSWERS)
def test_no_delivery_is_lost_and_first_attempts_are_in_order(
    steps: Sequence[tuple[str, int]], answers: list[int | None]
) -> None:
    hooks = Hooks()
    endpoint = hooks.register()
    left = list(answers)
    hooks.endpoints.answer = lambda _: EndpointAnswer(left.pop(0) if left else 204)
    workers = [_start_sender(hooks, endpoint["id"]) for _ in range(2)]

    replayed: set[str] = set()
    for action, amount in steps:
        if action == "events":
            hooks.add_events(amount)
        elif action == "time":
            hooks.seconds += amount
        elif action == "kill":
            workers[0].kill()
        elif action == "replay":
            last = hooks.feed.last_number()
            begin = min(amount, last)
            hooks.replay(endpoint, begin)
            replayed = {f"evt_{number:012}" for number in range(begin + 1, last + 1)}
        else:
            place = 0 if action == "steps" else 1
            if workers[place].finished:
                workers[place] = _start_sender(hooks, endpoint["id"])
            workers[place].steps(amount)
    for worker in workers:
        worker.kill()
    left.clear()
    for _ in range(40):
        hooks.run_due(LEASE_SECONDS + 1)
    for _ in range(10):
        hooks.run_due(86_400 / 5)

    got = hooks.got(endpoint)
    assert sorted(set(got)) == list(range(1, hooks.feed.last_number() + 1))
    assert _first_places(got) == sorted(_first_places(got))
    assert {one["status"] for one in hooks.deliveries(endpoint)} <= {"delivered"}
    assert all(one.headers["webhook-id"] == one.event["id"] for one in hooks.endpoints.received)
    deliveries = [one for one in hooks.deliveries(endpoint) if len(one["id"]) > 16]
    assert replayed <= {one["eventId"] for one in deliveries}
    assert hooks.due_items() == 0


def test_every_place_of_a_crash_loses_nothing() -> None:
    place = 1
    while True:
        hooks = Hooks()
        endpoint = hooks.register()
        hooks.add_events(3)
        answers = [500, 204, None]
        hooks.endpoints.answer = _answer_by(answers)
        worker = _start_sender(hooks, endpoint["id"])
        worker.steps(place)
        ended = worker.finished
        worker.kill()

        for _ in range(3):
            hooks.run_due(LEASE_SECONDS + 1)
        hooks.run_due(301)

        assert sorted(set(hooks.got(endpoint))) == [1, 2, 3]
        assert [one["status"] for one in hooks.deliveries(endpoint)] == ["delivered"] * 3
        assert hooks.due_items() == 0
        if ended:
            break
        place += 1
    assert place > 25


def test_failing_endpoint_delays_no_other() -> None:
    hooks = Hooks()
    failing, healthy = hooks.register("failing"), hooks.register("healthy")
    hooks.add_events(8)

    def answer(webhook: Received) -> EndpointAnswer:
        if webhook.url == healthy["url"]:
            return EndpointAnswer(204)
        # It hangs, until the other endpoint has everything.
        while len(hooks.got(healthy)) < 8:
            pass
        return EndpointAnswer(None)

    hooks.endpoints.answer = answer
    hooks.run_due()

    assert hooks.got(healthy) == list(range(1, 9))
    assert hooks.got(failing) == [1, 2, 3, 4, 5]


def _start_sender(hooks: Hooks, endpoint: str) -> Worker:
    def run(worker: Worker) -> None:
        table = worker.pausing(hooks.table)

        @contextmanager
        def connect() -> Iterator[WebhookClient]:
            yield worker.pausing(hooks.endpoints)

        parts: SenderParts = hooks.new_parts(
            table=table, feed=Feed(table, hooks.clock), connect=connect
        )
        send_webhooks(parts, endpoint, always)

    return Worker(run)


def _answer_by(answers: Sequence[int | None]) -> Callable[[Received], EndpointAnswer]:
    left = list(answers)
    return lambda _: EndpointAnswer(left.pop(0) if left else 204)


def _first_places(numbers: Sequence[int]) -> list[int]:
    """Return each number once, where it is first."""
    return list(dict.fromkeys(numbers))
