"""Invocations in the soak test: timeouts, kills, deployments, clocks, and the webhook API."""

import base64
import json
from typing import Any

import pytest

from soak.hosting.api_gateway import webhook_event
from soak.hosting.environments import ExecutionEnvironment
from soak.hosting.functions import COLD_START, IDLE_SECONDS
from soak.kernel.tasks import Killed
from tests.unit.soak.lambda_host import Stack

NAME = "trading_grid_webhook"


def test_environment_when_it_is_free_takes_the_next_invocation() -> None:
    stack = Stack()

    stack.post_event(1)
    stack.scheduler.run()
    stack.post_event(2)
    stack.scheduler.run()

    assert stack.functions.counts[NAME] == {"invocations": 2, "cold starts": 1}
    # The secret is cached.
    assert stack.calls.made.count("GetSecretValue") == 1


def test_invocations_when_they_overlap_have_environments_of_their_own() -> None:
    stack = Stack()

    responses = [stack.post_event(number) for number in (1, 2, 3)]
    stack.scheduler.run()

    assert stack.functions.counts[NAME] == {"invocations": 3, "cold starts": 3}
    assert [one[0]["statusCode"] for one in responses] == [202] * 3


def test_environment_when_it_was_idle_for_long_has_ended() -> None:
    stack = Stack()
    stack.post_event(1)
    stack.scheduler.run()

    stack.scheduler.run(stack.scheduler.now + IDLE_SECONDS + 60)
    stack.post_event(2)
    stack.scheduler.run()

    assert stack.functions.counts[NAME]["cold starts"] == 2


def test_invocation_when_it_takes_longer_than_its_timeout_is_killed_then() -> None:
    stack = Stack(timeout=2)
    stack.calls.seconds = 0.9

    responses = stack.post_event()
    stack.scheduler.run(1e9 + COLD_START + 1.99)
    assert stack.calls.made == ["GetSecretValue", "PutItem"]
    stack.scheduler.run()

    assert responses[0]["statusCode"] == 500
    assert stack.functions.counts[NAME]["timeouts"] == 1
    assert stack.calls.made == ["GetSecretValue", "PutItem"]
    assert stack.telemetry.sums == {}


def test_environment_when_its_invocation_was_killed_takes_no_other() -> None:
    stack = Stack()
    responses = stack.post_event(1)
    stack.scheduler.run(1e9 + COLD_START + 1.5)

    killed = stack.functions.kill_one()
    stack.scheduler.run()
    again = stack.post_event(1)
    stack.scheduler.run()

    assert killed is not None
    assert isinstance(killed.error, Killed)
    assert (responses[0]["statusCode"], again[0]["statusCode"]) == (500, 202)
    assert stack.functions.counts[NAME] == {"invocations": 2, "cold starts": 2, "kills": 1}


def test_environment_when_its_handler_raised_is_kept() -> None:
    stack = Stack()

    def break_down(operation: str) -> None:
        if operation == "PutEvents":
            raise ValueError("bug")

    stack.calls.act = break_down
    responses = stack.post_event()
    stack.scheduler.run()
    stack.calls.act = lambda _: None
    stack.post_event(2)
    stack.scheduler.run()

    assert responses[0]["statusCode"] == 500
    assert isinstance(stack.functions.unhandled[0].error, ValueError)
    assert stack.functions.unhandled[0].event["version"] == "2.0"
    assert stack.functions.counts[NAME] == {"invocations": 2, "cold starts": 1, "errors": 1}


def test_deployment_throws_environments_away_and_lets_invocations_end() -> None:
    stack = Stack()
    stack.post_event(1)
    stack.scheduler.run()
    running = stack.post_event(2)
    stack.scheduler.run(stack.scheduler.now + 0.5)

    stack.functions.deploy()
    stack.scheduler.run()
    stack.post_event(3)
    stack.scheduler.run()

    assert running[0]["statusCode"] == 202
    assert stack.functions.counts[NAME] == {"invocations": 3, "cold starts": 2}


@pytest.mark.parametrize(("seconds", "status"), [(0.0, 202), (-290.0, 202), (900.0, 401)])
def test_clock_of_an_environment_when_it_jumps_is_the_one_of_its_invocations(
    seconds: float, status: int
) -> None:
    stack = Stack()
    stack.functions.skew_clocks(lambda: seconds)

    responses = stack.post_event()
    stack.scheduler.run()

    assert responses[0]["statusCode"] == status


def test_clock_of_a_running_invocation_jumps_at_once() -> None:
    stack = Stack()
    responses = stack.post_event()
    stack.scheduler.after(0.4, lambda: stack.functions.skew_clocks(lambda: 900.0))
    stack.scheduler.run()

    assert responses[0]["statusCode"] == 401


def test_remaining_time_counts_down_from_the_timeout(monkeypatch: pytest.MonkeyPatch) -> None:
    stack = Stack(timeout=7)
    left: list[int] = []

    def measure(event: dict[str, Any], context: Any) -> None:
        left.append(context.get_remaining_time_in_millis())
        stack.scheduler.sleep(2)
        left.append(context.get_remaining_time_in_millis())

    monkeypatch.setattr(ExecutionEnvironment, "handle", lambda _, *given: measure(*given))
    stack.functions.invoke(NAME, {})
    stack.scheduler.run()

    assert left == [7000, 5000]


def test_request_when_its_content_is_no_text_is_in_base64() -> None:
    text = webhook_event(NAME, {"Content-Type": "application/json"}, b"{}", query={})
    other = webhook_event(NAME, {"Content-Type": "application/cloudevents+json"}, b"{}", query={})

    assert (text["body"], text["isBase64Encoded"]) == ("{}", False)
    assert (base64.b64decode(other["body"]), other["isBase64Encoded"]) == (b"{}", True)
    assert text["headers"] == {"content-type": "application/json"}


def test_form_post_has_the_members_of_the_recorded_event() -> None:
    event = webhook_event(
        "wix_webhook", {}, b"{}", form="partner-question", query={"signature": "s"}
    )

    assert event["pathParameters"] == {"form": "partner-question"}
    assert event["queryStringParameters"] == {"signature": "s"}
    assert json.loads(json.dumps(event)) == event
    assert event["routeKey"] == "POST /webhooks/wix/forms/{form}"
