"""The doctor says which time zones the deployed functions have, from their own logs."""

import json
from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from botocore.exceptions import ClientError

from gridwix.clients.http import VERSION as RELEASED
from gridwix.errors import GridwixError
from gridwix.form_intake.queue import IntakeQueue
from gridwix.form_intake.report import IntakeReport
from gridwix.models.deadline import NO_DEADLINE
from gridwix.models.time_zones import VERSION
from gridwix.partner_messenger.queue import MessengerQueue
from gridwix.partner_messenger.service import MessengerReport
from gridwix.runtime.build_report import (
    BYTE_CODE,
    CONFIGURATION,
    RELEASE,
    bundled_version,
    has_byte_code,
)
from gridwix.runtime.observability import metrics
from gridwix.runtime.time_zones import MEMBER
from ops.stack import Stack
from ops.time_zones import describe_time_zones
from tests.fakes.redelivery import Redelivery

NOW = 1_774_000_000.0


class Logs:
    """CloudWatch Logs with lines as metrics leave them: by function, how long ago each was written,
    and what it says.
    """

    def __init__(self, **said: list[tuple[float, str | None]]) -> None:
        self._said = said
        self.code = "ResourceNotFoundException"

    def get_paginator(self, name: str) -> "Logs":
        assert name == "filter_log_events"
        return self

    def paginate(self, *, logGroupName: str, startTime: int, **_: Any) -> Iterator[dict[str, Any]]:  # noqa: N803 - boto3's names
        function = logGroupName.rpartition("/")[2]
        if function not in self._said:
            raise ClientError({"Error": {"Code": self.code}}, "FilterLogEvents")
        yield {
            "events": [
                self._line(NOW - ago, release)
                for ago, release in self._said[function]
                if (NOW - ago) * 1000 >= startTime
            ]
        }

    @staticmethod
    def _line(at: float, release: str | None) -> dict[str, Any]:
        said = {} if release is None else {MEMBER: release}
        return {
            "timestamp": int(at * 1000),
            "message": json.dumps(
                {"_aws": {"Timestamp": int(at * 1000)}, "DispatchesSent": [0.0], **said}
            ),
        }


def described(logs: Logs) -> str:
    return describe_time_zones(Stack("gridwix", {}, SimpleNamespace(logs=logs)), NOW)  # type: ignore[arg-type]


def test_release_is_the_deployed_functions_and_not_this_machines() -> None:
    shown = described(
        Logs(form_intake=[(40, "2025b")], partner_messenger=[(20, "2025b"), (80, "2025b")])
    )

    assert shown.startswith(
        "IANA 2025b in form_intake and partner_messenger, by their logs of 2026-03-20 09:46 UTC"
    )
    assert f"this gridwix has {VERSION}" in shown


def test_release_that_is_the_same_here_says_no_more() -> None:
    assert described(Logs(form_intake=[(40, VERSION)], partner_messenger=[])).endswith("UTC")


def test_release_from_before_the_last_deployment_does_not_count() -> None:
    assert described(Logs(form_intake=[(600, "2025b"), (240, "2025b"), (30, VERSION)])).startswith(
        f"IANA {VERSION} in form_intake,"
    )


def test_release_of_a_function_that_ran_hours_ago_is_found() -> None:
    assert described(Logs(form_intake=[(7_200, "2025b"), (10, None)])).startswith(
        "IANA 2025b in form_intake,"
    )


@pytest.mark.parametrize("logs", [Logs(), Logs(form_intake=[], partner_messenger=[(30, None)])])
def test_stack_that_has_not_run_yet_says_so(logs: Logs) -> None:
    assert described(logs).startswith("not known yet")


def test_functions_with_different_releases_are_a_fault() -> None:
    with pytest.raises(
        GridwixError,
        match=(
            r"form_intake has IANA 2025b, partner_messenger has IANA 2026f:"
            r" deploy the stack again"
        ),
    ):
        described(Logs(form_intake=[(40, "2025b")], partner_messenger=[(20, "2026f")]))


def test_log_that_may_not_be_read_is_a_fault_with_its_code() -> None:
    logs = Logs()
    logs.code = "AccessDeniedException"

    with pytest.raises(
        GridwixError, match="the log of form_intake cannot be read: AccessDeniedException"
    ):
        described(logs)


def _take_in() -> None:
    intake: Any = SimpleNamespace(deliver_submissions=lambda *_, **__: IntakeReport())
    IntakeQueue(lambda: intake, Redelivery, NO_DEADLINE).process({"Records": []})


def _deliver() -> None:
    messenger: Any = SimpleNamespace(process_changes=lambda *_, **__: MessengerReport())
    MessengerQueue(lambda: messenger, Redelivery, NO_DEADLINE).process({"Records": []})


@pytest.mark.parametrize("run", [_take_in, _deliver])
def test_function_that_asks_for_the_time_says_its_release_at_each_run_and_makes_no_metric_of_it(
    run: Callable[[], None], capsys: pytest.CaptureFixture[str]
) -> None:
    handler = metrics.log_metrics(lambda event, context: run())

    for _ in range(2):
        handler({}, SimpleNamespace(function_name="f"))

    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [line[MEMBER] for line in lines] == [VERSION, VERSION]
    assert MEMBER not in json.dumps([line["_aws"] for line in lines])
    assert [(line[RELEASE], line[CONFIGURATION], line[BYTE_CODE]) for line in lines] == [
        (RELEASED, bundled_version(), has_byte_code())
    ] * 2
    assert CONFIGURATION not in json.dumps([line["_aws"] for line in lines])
