"""Messages that wake senders, and the function that they trigger."""

from typing import Any

import pytest

from gateway.functions.webhook_sender import app
from gridwix_gateway.store.table import Throttled
from gridwix_gateway.webhooks.dispatch import Result, handle_messages
from gridwix_gateway.webhooks.ports import EndpointAnswer
from tests.fakes.gateway.webhook_endpoints import Received
from tests.fakes.invocation import lambda_context, metric_values, sqs_record
from tests.unit.gateway.webhooks.hooks import Hooks, always


def event(*endpoints: str) -> dict[str, Any]:
    records = [
        sqs_record(f"m{number}", {"endpoint": endpoint})
        for number, endpoint in enumerate(endpoints, start=1)
    ]
    return {"Records": records}


def test_message_to_all_wakes_the_senders_that_have_something_to_send() -> None:
    hooks, seen = Hooks(), dict[str, Result]()
    first = hooks.register("a")
    hooks.add_events(2)
    second = hooks.register("b")

    answer = handle_messages(hooks.parts, event("all", "all"), always, seen.__setitem__)

    assert (hooks.got(first), hooks.got(second)) == ([1, 2], [])
    assert (answer, seen) == ({"batchItemFailures": []}, {first["id"]: {"delivered": 2}})


def test_message_wakes_its_endpoint_once_and_one_that_is_gone_is_nothing() -> None:
    hooks, seen = Hooks(), dict[str, Result]()
    endpoint, other = hooks.register("a"), hooks.register("b")
    hooks.add_events(1)
    messages = event(endpoint["id"], endpoint["id"], "whe_gone")

    answer = handle_messages(hooks.parts, messages, always, seen.__setitem__)

    assert (hooks.got(endpoint), hooks.got(other)) == ([1], [])
    assert answer == {"batchItemFailures": []}


def test_messages_of_senders_that_failed_come_again_and_the_others_do_not() -> None:
    hooks, seen = Hooks(), dict[str, Result]()
    failing, healthy = hooks.register("failing"), hooks.register("healthy")
    hooks.add_events(1)

    def answer(webhook: Received) -> EndpointAnswer:
        if webhook.url == failing["url"]:
            raise Throttled
        return EndpointAnswer(204)

    hooks.endpoints.answer = answer
    found = handle_messages(
        hooks.parts, event(failing["id"], healthy["id"], "all"), always, seen.__setitem__
    )

    assert [each["itemIdentifier"] for each in found["batchItemFailures"]] == ["m1", "m3"]
    assert (hooks.got(healthy), seen[healthy["id"]]) == ([1], {"delivered": 1})
    assert isinstance(seen[failing["id"]], Throttled)


def test_function_counts_what_was_sent_and_what_was_lost(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
) -> None:
    hooks = Hooks()
    endpoint = hooks.register()
    hooks.add_events(2)
    monkeypatch.setattr(app, "webhook_sender_parts", lambda: hooks.parts)
    hooks.endpoints.answer = lambda webhook: EndpointAnswer(410 if webhook.number == 2 else 204)

    answer = app.handler(event("all"), lambda_context())

    assert answer == {"batchItemFailures": []}
    assert metric_values(capsys.readouterr().out) == {"WebhooksDelivered": 1, "WebhooksLost": 1}
    logged = [vars(record) for record in caplog.records]
    assert [(line["endpoint"], line["deliveries"]["delivered"]) for line in logged] == [
        (endpoint["id"], 1)
    ]
    assert not [secret for secret in endpoint["secrets"] if secret in str(logged)]


def test_function_logs_an_error_without_its_message(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    hooks = Hooks()
    hooks.register()
    hooks.add_events(1)
    monkeypatch.setattr(app, "webhook_sender_parts", lambda: hooks.parts)

    def fail(_: Received) -> EndpointAnswer:
        raise ValueError("value of a record")

    hooks.endpoints.answer = fail
    answer = app.handler(event("all"), lambda_context())

    (line,) = [vars(record) for record in caplog.records]
    assert answer == {"batchItemFailures": [{"itemIdentifier": "m1"}]}
    assert line["error"] == "ValueError"
    assert "value of a record" not in str(line)


def test_function_begins_no_attempt_when_little_time_is_left(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    hooks = Hooks()
    endpoint = hooks.register()
    hooks.add_events(1)
    monkeypatch.setattr(app, "webhook_sender_parts", lambda: hooks.parts)

    app.handler(event("all"), lambda_context(24_000))

    assert hooks.got(endpoint) == []
    assert hooks.wakes.senders == [(endpoint["id"], 0.0)]
