"""The sender of an endpoint: order, retries, pauses, replays."""

from collections.abc import Sequence
from datetime import UTC, datetime
from itertools import count
from typing import Any

import pytest
from standardwebhooks import Webhook

from gridwix_gateway.problems import Problem
from gridwix_gateway.store.table import Item, Throttled, Value
from gridwix_gateway.webhooks import endpoints
from gridwix_gateway.webhooks.dispatch import due_endpoints
from gridwix_gateway.webhooks.endpoints import delete_endpoint, rotate_secret
from gridwix_gateway.webhooks.ports import EndpointAnswer
from tests.fakes.gateway.webhook_endpoints import Received
from tests.unit.gateway.webhooks.hooks import Hooks

DAY = 86_400.0


@pytest.fixture
def hooks() -> Hooks:
    return Hooks()


def test_endpoint_gets_each_event_from_its_registration_on_in_order(hooks: Hooks) -> None:
    hooks.add_events(2)
    endpoint = hooks.register()
    hooks.add_events(25)

    report = hooks.send(endpoint)

    assert hooks.got(endpoint) == list(range(3, 28))
    assert report == {"delivered": 25}
    assert hooks.send(endpoint) == {}
    assert hooks.wakes.senders == []


def test_webhook_is_the_event_of_the_feed_and_signed_with_each_secret(hooks: Hooks) -> None:
    endpoint = hooks.register()
    rotated = hooks.commits.run(lambda draft: rotate_secret(draft, endpoint["id"]))
    hooks.add_events(1)

    hooks.send(endpoint)

    (webhook,) = hooks.endpoints.received
    (event,) = hooks.feed.read_page(0, 9).events
    assert webhook.event == event
    assert webhook.headers["webhook-id"] == event["id"]
    assert webhook.headers["webhook-timestamp"] == str(int(hooks.seconds))
    signatures = webhook.headers["webhook-signature"].split(" ")
    assert len(signatures) == 2
    moment = datetime.fromtimestamp(hooks.seconds, UTC)
    for secret in (endpoint["secrets"][0], rotated["secrets"][0]):
        expected = Webhook(secret).sign(event["id"], moment, webhook.body.decode())
        assert expected in signatures


def test_third_secret_ends_the_first(hooks: Hooks) -> None:
    endpoint = hooks.register()
    for _ in range(2):
        rotated = hooks.commits.run(lambda draft: rotate_secret(draft, endpoint["id"]))

    assert len(set(rotated["secrets"])) == 2
    assert endpoint["secrets"][0] not in rotated["secrets"]


def test_endpoint_with_types_gets_only_those(hooks: Hooks) -> None:
    endpoint = hooks.register(types=["t.case.updated"])
    hooks.add_events(30)
    hooks.add_events(1, "case.updated")

    hooks.run_due()

    assert hooks.got(endpoint) == [31]
    assert hooks.deliveries(endpoint)[0]["eventType"] == "t.case.updated"


def test_failed_delivery_is_tried_again_by_the_schedule_while_new_events_go_on(
    hooks: Hooks,
) -> None:
    endpoint = hooks.register()
    hooks.add_events(3)
    answers = {1: [EndpointAnswer(500), EndpointAnswer(None), EndpointAnswer(204)]}
    hooks.endpoints.answer = lambda webhook: _next(answers, webhook)

    hooks.run_due()
    assert hooks.got(endpoint) == [1, 2, 3]
    assert hooks.wakes.senders == [(endpoint["id"], 5.0)]
    hooks.run_due(4.9)
    assert hooks.got(endpoint) == [1, 2, 3]
    hooks.run_due(0.2)
    assert (hooks.got(endpoint), hooks.due_items()) == ([1, 2, 3, 1], 1)
    hooks.run_due(301)

    assert hooks.got(endpoint) == [1, 2, 3, 1, 1]
    oldest = hooks.deliveries(endpoint)[-1]
    assert (oldest["status"], oldest["attempts"]) == ("delivered", 3)
    assert oldest["responseStatus"] == 204
    assert hooks.due_items() == 0


def test_delivery_fails_for_good_after_the_last_attempt(hooks: Hooks) -> None:
    endpoint = hooks.register()
    hooks.add_events(1)
    hooks.endpoints.answer = lambda _: EndpointAnswer(500)

    for _ in range(12):
        hooks.run_due(1.2 * DAY)

    (delivery,) = hooks.deliveries(endpoint)
    assert (delivery["status"], delivery["attempts"]) == ("failed", 10)
    assert (len(hooks.got(endpoint)), hooks.due_items()) == (10, 0)


def test_wait_that_no_message_covers_is_left_to_the_schedule(hooks: Hooks) -> None:
    endpoint = hooks.register()
    hooks.add_events(1)
    hooks.endpoints.answer = lambda _: EndpointAnswer(500)
    for seconds in (0, 6, 301):
        hooks.run_due(seconds)

    assert [delay for _, delay in hooks.wakes.senders] == [5.0, 300.0]
    hooks.run_due(1_801)
    assert len(hooks.got(endpoint)) == 4


def test_busy_endpoint_gets_nothing_until_it_wants_to(hooks: Hooks) -> None:
    endpoint = hooks.register()
    hooks.add_events(3)
    hooks.endpoints.answer = lambda _: EndpointAnswer(429, 700.0)
    hooks.run_due()
    assert (hooks.got(endpoint), hooks.wakes.senders) == ([1], [(endpoint["id"], 700.0)])

    hooks.endpoints.answer = lambda _: EndpointAnswer(204)
    hooks.run_due(690)
    assert hooks.got(endpoint) == [1]
    hooks.run_due(11)

    assert sorted(hooks.got(endpoint)) == [1, 1, 2, 3]


def test_endpoint_that_keeps_failing_is_probed_with_longer_and_longer_pauses(hooks: Hooks) -> None:
    endpoint = hooks.register()
    hooks.add_events(20)
    hooks.endpoints.answer = lambda _: EndpointAnswer(None)

    hooks.run_due()
    assert hooks.got(endpoint) == [1, 2, 3, 4, 5]
    hooks.seconds += 10
    assert (hooks.wakes.senders, due_endpoints(hooks.parts)) == ([(endpoint["id"], 60.0)], [])
    hooks.run_due(51)
    assert len(hooks.got(endpoint)) == 6
    hooks.run_due(61)
    assert len(hooks.got(endpoint)) == 6
    hooks.endpoints.answer = lambda _: EndpointAnswer(204)
    hooks.run_due(120)
    hooks.run_due(DAY)

    assert set(hooks.got(endpoint)) == set(range(1, 21))
    assert {one["status"] for one in hooks.deliveries(endpoint)} == {"delivered"}


def test_endpoint_that_is_gone_is_disabled_and_gets_nothing_more(hooks: Hooks) -> None:
    endpoint = hooks.register()
    hooks.add_events(3)
    answers = {1: [EndpointAnswer(500)], 2: [EndpointAnswer(410)]}
    hooks.endpoints.answer = lambda webhook: _next(answers, webhook)

    hooks.run_due()
    hooks.run_due(DAY)
    hooks.add_events(2)
    hooks.run_due()

    assert (hooks.got(endpoint), hooks.status(endpoint)) == ([1, 2], "disabled")
    assert [one["status"] for one in hooks.deliveries(endpoint)] == ["failed", "dropped"]
    assert hooks.due_items() == 0
    with pytest.raises(Problem) as refused:
        hooks.replay(endpoint, 0)
    assert refused.value.code == "invalid-transition"


def test_deleted_endpoint_gets_nothing_more(hooks: Hooks) -> None:
    endpoint = hooks.register()
    hooks.add_events(5)

    def delete(webhook: Received) -> EndpointAnswer:
        hooks.commits.run(lambda draft: delete_endpoint(draft, endpoint["id"]))
        return EndpointAnswer(204)

    hooks.endpoints.answer = delete
    hooks.run_due()
    hooks.run_due(DAY)

    assert hooks.got(endpoint) == [1]
    with pytest.raises(Problem) as missing:
        hooks.status(endpoint)
    assert missing.value.code == "not-found"


def test_replay_delivers_the_events_behind_a_position_again_as_deliveries_of_their_own(
    hooks: Hooks,
) -> None:
    endpoint = hooks.register()
    hooks.add_events(25)
    hooks.run_due()

    queued = hooks.replay(endpoint, 3)
    hooks.add_events(1)
    hooks.run_due()

    got = hooks.got(endpoint)[25:]
    assert (queued, got[0], sorted(got)) == (22, 26, list(range(4, 27)))
    assert len(hooks.deliveries(endpoint)) == 48
    assert hooks.deliveries(endpoint)[0]["eventId"] == "evt_000000000026"
    hooks.run_due()
    assert len(hooks.got(endpoint)) == 48


def test_replay_does_not_overtake_the_first_attempts(hooks: Hooks) -> None:
    endpoint = hooks.register()
    hooks.add_events(25)

    hooks.replay(endpoint, 20)
    hooks.run_due()

    got = hooks.got(endpoint)
    assert len(got) == 30
    assert list(dict.fromkeys(got)) == list(range(1, 26))


def test_second_replay_ends_the_first(hooks: Hooks) -> None:
    endpoint = hooks.register()
    hooks.add_events(30)
    hooks.run_due()
    hooks.endpoints.received.clear()
    hooks.replay(endpoint, 0)

    def replay_again(webhook: Received) -> EndpointAnswer:
        if webhook.number == 12:
            hooks.endpoints.answer = lambda _: EndpointAnswer(204)
            hooks.replay(endpoint, 28)
        return EndpointAnswer(204)

    hooks.endpoints.answer = replay_again
    hooks.run_due()

    assert hooks.got(endpoint) == [*range(1, 13), 29, 30]


def test_replay_is_bounded(hooks: Hooks, monkeypatch: pytest.MonkeyPatch) -> None:
    endpoint = hooks.register()
    rare = hooks.register("b", ["t.case.updated"])
    hooks.add_events(4)
    monkeypatch.setattr(endpoints, "MAX_REPLAY", 3)
    monkeypatch.setattr(endpoints, "MAX_REPLAY_SCANNED", 3)

    for one in (endpoint, rare):
        with pytest.raises(Problem) as refused:
            hooks.replay(one, 0)
        assert refused.value.code == "validation"
    assert (hooks.replay(endpoint, 1), hooks.replay(rare, 1)) == (3, 0)


def test_replay_that_the_feed_no_longer_has_ends_and_is_counted(hooks: Hooks) -> None:
    endpoint = hooks.register()
    hooks.add_events(3)
    hooks.run_due()
    hooks.replay(endpoint, 0)
    hooks.seconds += 15 * DAY
    hooks.add_events(1)

    report = hooks.send(endpoint)

    assert hooks.got(endpoint) == [1, 2, 3, 4]
    assert (report["gaps"], report["delivered"]) == (1, 1)


def test_events_that_the_feed_no_longer_has_are_left_out_and_counted(hooks: Hooks) -> None:
    endpoint = hooks.register()
    hooks.add_events(3)
    hooks.seconds += 15 * DAY
    hooks.add_events(2)

    report = hooks.send(endpoint)

    assert hooks.got(endpoint) == [4, 5]
    assert report["gaps"] == 1


def test_delivery_whose_event_is_deleted_is_dropped(hooks: Hooks) -> None:
    endpoint = hooks.register()
    hooks.add_events(1)
    hooks.endpoints.answer = lambda _: EndpointAnswer(500)
    hooks.run_due()
    for key in [key for key in hooks.table.items if key.pk.startswith("F#")]:
        hooks.table.delete(key)

    hooks.run_due(6)

    assert hooks.deliveries(endpoint)[0]["status"] == "dropped"


def test_sender_that_has_no_time_left_asks_for_another_run(hooks: Hooks) -> None:
    endpoint = hooks.register()
    hooks.add_events(5)
    asked = count()

    hooks.send(endpoint, lambda: next(asked) < 4)

    assert 0 < len(hooks.got(endpoint)) < 5
    assert hooks.wakes.senders == [(endpoint["id"], 0.0)]
    hooks.run_due()
    assert hooks.got(endpoint) == [1, 2, 3, 4, 5]


def test_one_sender_at_a_time_works_for_an_endpoint(hooks: Hooks) -> None:
    endpoint = hooks.register()
    hooks.add_events(2)
    second: list[object] = []

    def send_too(webhook: Received) -> EndpointAnswer:
        second.append(hooks.send(endpoint))
        return EndpointAnswer(204)

    hooks.endpoints.answer = send_too
    hooks.send(endpoint)

    assert second == [{}, {}]
    assert hooks.got(endpoint) == [1, 2]


def test_event_that_came_at_the_end_of_a_run_is_sent_by_it(hooks: Hooks) -> None:
    endpoint = hooks.register()
    hooks.add_events(1)
    original = hooks.table.replace

    def commit_before_release(item: Item, attribute: str, expected: Value) -> bool:
        if item.get("leaseUntil") == 0 and len(hooks.got(endpoint)) == 1:
            hooks.add_events(1)
            hooks.send(endpoint)
        return original(item, attribute, expected)

    hooks.table.replace = commit_before_release  # type: ignore[method-assign]
    hooks.send(endpoint)

    assert hooks.got(endpoint) == [1, 2]


def test_commit_that_is_just_becoming_visible_is_looked_for_a_second_later(hooks: Hooks) -> None:
    endpoint = hooks.register()
    hooks.add_events(1)
    original = hooks.table.query

    def query_too_early(pk: str, **arguments: Any) -> Sequence[Item]:
        return [] if pk.startswith("F#") else original(pk, **arguments)

    hooks.table.query = query_too_early  # type: ignore[method-assign]
    hooks.send(endpoint)
    assert hooks.wakes.senders == [(endpoint["id"], 1.0)]
    hooks.table.query = original  # type: ignore[method-assign]
    hooks.send(endpoint)

    assert hooks.got(endpoint) == [1]


def test_overtaken_sender_stops_and_moves_nothing_back(hooks: Hooks) -> None:
    endpoint = hooks.register()
    hooks.add_events(3)

    def fall_asleep(webhook: Received) -> EndpointAnswer:
        if len(hooks.endpoints.received) == 1:
            hooks.seconds += 1_000
            hooks.send(endpoint)
        return EndpointAnswer(204)

    hooks.endpoints.answer = fall_asleep
    hooks.send(endpoint)
    hooks.run_due()

    assert hooks.got(endpoint) == [1, 1, 2, 3]


def test_sender_that_fails_frees_its_endpoint(hooks: Hooks) -> None:
    endpoint = hooks.register()
    hooks.add_events(1)

    def throttle(webhook: Received) -> EndpointAnswer:
        raise Throttled

    hooks.endpoints.answer = throttle
    with pytest.raises(Throttled):
        hooks.send(endpoint)
    hooks.endpoints.answer = lambda _: EndpointAnswer(204)
    hooks.run_due()

    assert hooks.got(endpoint) == [1, 1]


def test_number_of_endpoints_is_bounded(hooks: Hooks, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(endpoints, "MAX_ENDPOINTS", 1)
    hooks.register()

    with pytest.raises(Problem) as refused:
        hooks.register("b")

    assert refused.value.code == "invalid-transition"


def _next(answers: dict[int, list[EndpointAnswer]], webhook: Received) -> EndpointAnswer:
    left = answers.get(webhook.number, [])
    return left.pop(0) if left else EndpointAnswer(204)
