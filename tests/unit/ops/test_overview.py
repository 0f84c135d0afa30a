"""Faults of a stack: each cause is told once, and a message that merely waits is no fault."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import boto3
import pytest
from botocore.stub import Stubber
from hypothesis import given
from hypothesis import strategies as st

from gridwix.models.cursors import FeedCursor
from ops.alarms import Alarm, age_limits, read_alarms
from ops.aws import Aws
from ops.commands.status import _cursor_text, _run_table
from ops.consumers import Consumer, EventSource, FunctionState
from ops.overview import Overview, PublicationRun, read_overview
from ops.queue_ages import read_ages
from ops.queues import Depth
from ops.stack import Stack
from ops.timers import (
    LEAST_STALE,
    READERS,
    CursorState,
    Timer,
    read_timers,
    schedule_interval,
    stale_after,
)

NOW = 1_795_000_000.0
DAY = 86400.0
ON = (EventSource("uuid-1", "Enabled"),)
FEED = READERS[0]


def consumer(name: str = "status_publisher", **changes: Any) -> Consumer:
    """A consumer that works, with eight messages that wait."""
    return replace(Consumer(name, Depth(5, 1, 2), Depth(0, 0, 0), sources=ON), **changes)


def overview(**changes: Any) -> Overview:
    """A stack of one consumer and the feed's timer and cursor, in which nothing is wrong."""
    right = Overview(
        now=NOW,
        created_at=NOW - 30 * DAY,
        functions={"status_publisher": FunctionState(), "wix_webhook": FunctionState()},
        consumers=(consumer(), consumer("trading_grid_feed")),
        timers=(
            Timer("FeedTimer", "ENABLED", "rate(1 minute)"),
            Timer("StatusPublisherRule", "ENABLED"),
        ),
        cursors=(CursorState(FEED, FeedCursor("place", revision=3), NOW - 50),),
    )
    return replace(right, **changes)


def said(found: Overview) -> list[str]:
    return [f"{fault.subject}: {fault.what}" for fault in found.faults]


def alarm(name: str, **changes: Any) -> Alarm:
    return replace(
        Alarm(name, "ALARM", "Something is late (docs/runbook.md)", "Errors", 1.0), **changes
    )


def test_a_stack_whose_work_merely_waits_is_healthy() -> None:
    assert overview().healthy


def test_times_of_publications_are_written_as_other_tables_do() -> None:
    table = _run_table(overview(runs=(PublicationRun(NOW, "status_publisher", 1, {}),)))

    assert table.columns[0].header == "Last publications (UTC)"
    assert list(table.columns[0].cells) == ["2026-11-18 11:06:40  status_publisher"]


def test_a_cursor_without_a_place_says_that_its_first_run_is_to_come() -> None:
    state = CursorState(FEED, FeedCursor(), None)

    assert _cursor_text(state, NOW) == "not read yet: its first run is to come"


def test_dead_letters_and_refused_rows_are_faults_that_name_their_command() -> None:
    found = overview(consumers=(consumer(dead=Depth(3, 0, 0)),), refused=2)

    assert [fault.subject for fault in found.faults] == ["status_publisher", "refused items"]
    assert "gridwix redrive status-publisher" in found.faults[0].what
    assert "gridwix refused" in found.faults[1].what


def test_dead_letters_of_another_stack_are_redriven_with_its_name() -> None:
    letters = consumer("target_sender", dead=Depth(1, 0, 0), stack="hub-gateway")

    (fault,) = overview(consumers=(letters,)).faults

    assert fault.what.endswith("`gridwix redrive --stack hub-gateway target-sender`")


@pytest.mark.parametrize("state", ["Disabled", "Disabling"])
def test_an_event_source_mapping_that_is_off_is_a_fault_and_says_how_to_switch_it_on(
    state: str,
) -> None:
    (fault,) = overview(consumers=(consumer(sources=(EventSource("uuid-1", state),)),)).faults

    assert "--uuid uuid-1" in fault.what
    assert "8 messages wait" in fault.what


def test_a_queue_that_nothing_reads_is_a_fault() -> None:
    assert "no event source mapping" in said(overview(consumers=(consumer(sources=()),)))[0]


@pytest.mark.parametrize("state", ["Enabling", "Updating", "Creating"])
def test_an_event_source_mapping_that_is_being_set_up_is_no_fault(state: str) -> None:
    assert overview(consumers=(consumer(sources=(EventSource("uuid-1", state),)),)).healthy


@pytest.mark.parametrize(
    ("function", "words"),
    [
        (
            FunctionState(update="Failed", reason="The image is gone"),
            "last update failed The image is gone",
        ),
        (FunctionState(state="Inactive"), "the function is inactive"),
        (FunctionState(state="Failed"), "the function is failed"),
        (FunctionState(reserved=0), "throttled"),
    ],
)
def test_a_function_that_cannot_run_is_a_fault_with_or_without_a_queue(
    function: FunctionState, words: str
) -> None:
    behind, edge = (
        overview(consumers=(consumer(function=function),)),
        overview(functions={"wix_webhook": function}),
    )

    assert [words in each for each in said(behind) + said(edge)] == [True, True]


def test_a_function_with_concurrency_of_its_own_or_an_update_under_way_is_no_fault() -> None:
    assert overview(
        functions={
            "wix_webhook": FunctionState(reserved=10),
            "status_publisher": FunctionState(state="Pending", update="InProgress"),
        }
    ).healthy


def test_a_queue_whose_oldest_message_waits_longer_than_its_alarm_allows_is_a_fault() -> None:
    late, early = (
        overview(consumers=(consumer(oldest=age, limit=300.0),)) for age in (3 * 3600.0, 299.0)
    )

    assert "the oldest for 3 h" in said(late)[0]
    assert early.healthy


def test_what_follows_from_a_cause_is_not_told_beside_it() -> None:
    off = consumer(sources=(EventSource("u", "Disabled"),), oldest=9000.0, limit=300.0)
    feed = consumer("trading_grid_feed", function=FunctionState(reserved=0))
    found = overview(
        consumers=(off, feed),
        cursors=(CursorState(FEED, FeedCursor("place", revision=3), NOW - 3 * DAY),),
        alarms=(
            alarm("StatusPublisherAgeAlarm"),
            alarm("TradingGridFeedAgeAlarm"),
            alarm("MassDeleteGuardAlarm"),
        ),
    )

    assert [fault.subject for fault in found.faults] == [
        "status_publisher",
        "trading_grid_feed",
        "MassDeleteGuardAlarm",
    ]


def test_a_schedule_or_rule_that_is_off_or_gone_is_a_fault() -> None:
    found = overview(
        timers=(
            Timer("FeedTimer", "DISABLED", "rate(1 minute)"),
            Timer("DoorbellRule", ""),
            Timer("StatusPublisherRule", "ENABLED"),
        )
    )

    assert [(fault.subject, fault.what) for fault in found.faults] == [
        ("FeedTimer", "its state is DISABLED"),
        ("DoorbellRule", "it does not exist: deploy the stack again"),
    ]


def test_a_cursor_that_is_three_days_old_is_a_fault_and_names_the_schedule() -> None:
    (fault,) = overview(
        cursors=(CursorState(FEED, FeedCursor("place", revision=3), NOW - 3 * DAY),)
    ).faults

    assert fault.subject == "event feed"
    assert "3 days ago" in fault.what
    assert "rate(1 minute)" in fault.what


def test_a_cursor_that_was_never_read_is_a_fault_only_in_a_stack_that_had_the_time() -> None:
    never = (CursorState(FEED, FeedCursor(), None),)

    assert overview(cursors=never, created_at=NOW - 60).healthy
    assert "never" in said(overview(cursors=never))[0]


def test_a_stale_cursor_of_a_schedule_that_is_off_is_told_once() -> None:
    found = overview(
        timers=(Timer("FeedTimer", "DISABLED", "rate(1 minute)"),),
        cursors=(CursorState(FEED, FeedCursor("place", revision=3), NOW - 3 * DAY),),
    )

    assert [fault.subject for fault in found.faults] == ["FeedTimer"]


@pytest.mark.parametrize(
    ("expression", "seconds"),
    [
        ("rate(1 minute)", 60),
        ("rate(15 minutes)", 900),
        ("rate(2 hours)", 7200),
        ("rate(1 day)", DAY),
        ("cron(0 2 * * ? *)", DAY),
    ],
)
def test_interval_is_the_time_between_two_runs(expression: str, seconds: float) -> None:
    assert schedule_interval(expression) == seconds


@given(st.integers(1, 10_000), st.sampled_from(["minute", "hour", "day"]))
def test_no_cursor_is_stale_before_it_has_missed_three_runs_and_a_quarter_of_an_hour(
    number: int, unit: str
) -> None:
    expression = f"rate({number} {unit}s)"

    assert stale_after(expression) >= max(3 * schedule_interval(expression), LEAST_STALE)


def test_alarms_that_ring_are_faults_with_their_place_in_the_runbook() -> None:
    found = overview(
        alarms=(
            alarm("MassDeleteGuardAlarm"),
            alarm("WixWebhookErrorAlarm", state="OK"),
            alarm("FormIntakeWaitingAlarm", state="INSUFFICIENT_DATA"),
        )
    )

    assert said(found) == [
        "MassDeleteGuardAlarm: the alarm is in state ALARM: Something is late (docs/runbook.md)"
    ]


def test_the_alarm_of_refused_rows_is_not_told_beside_the_rows() -> None:
    rings = (alarm("StatusPublisherRefusedItemAlarm"),)

    assert [fault.subject for fault in overview(alarms=rings, refused=2).faults] == [
        "refused items"
    ]
    assert [fault.subject for fault in overview(alarms=rings).faults] == [
        "StatusPublisherRefusedItemAlarm"
    ]


def test_held_submissions_that_end_soon_are_a_fault_that_is_told_once() -> None:
    rings = (alarm("SubmissionEndingAlarm"),)

    (fault,) = overview(alarms=rings, ending=2).faults
    assert fault.subject == "held submissions"
    assert "2 are removed within 14 days" in fault.what
    assert [one.subject for one in overview(alarms=rings).faults] == ["SubmissionEndingAlarm"]


def test_age_limits_are_those_of_the_alarms() -> None:
    alarms = [
        alarm(
            "A",
            metric="ApproximateAgeOfOldestMessage",
            threshold=300.0,
            dimensions={"QueueName": "q1"},
        ),
        alarm(
            "B",
            metric="ApproximateNumberOfMessagesVisible",
            threshold=0.0,
            dimensions={"QueueName": "q2"},
        ),
    ]

    assert age_limits(alarms) == {"q1": 300.0}


def aws() -> Aws:
    """Clients that could reach nobody: their answers are stubbed."""
    return Aws(
        boto3.Session(aws_access_key_id="x", aws_secret_access_key="x", region_name="us-east-1"),
        "http://127.0.0.1:9",
    )


def test_read_ages_takes_the_newest_value_that_sqs_has_reported() -> None:
    account = aws()
    with Stubber(account.cloudwatch) as stub:
        results = [{"Id": "q1", "Values": [40.0, 9000.0]}, {"Id": "q0", "Values": []}]
        stub.add_response("get_metric_data", {"MetricDataResults": results})

        assert read_ages(account.cloudwatch, ["first", "second"]) == {"second": 40.0}


def test_read_alarms_asks_for_those_of_the_stack_alone() -> None:
    account = aws()
    stack = Stack("gridwix", {}, account)
    with Stubber(account.cloudwatch) as stub:
        found = {
            "AlarmName": "gridwix-Age-1",
            "StateValue": "ALARM",
            "AlarmDescription": "late",
            "MetricName": "Errors",
            "Threshold": 1.0,
        }
        stub.add_response(
            "describe_alarms", {"MetricAlarms": [found]}, {"AlarmNames": ["gridwix-Age-1"]}
        )

        assert read_alarms(stack, {"AWS::CloudWatch::Alarm": {"AgeAlarm": "gridwix-Age-1"}}) == [
            Alarm("AgeAlarm", "ALARM", "late", "Errors", 1.0)
        ]


def test_read_timers_knows_a_rule_of_a_bus_by_either_form_of_its_id_and_sees_what_is_gone() -> None:
    account = aws()
    stack = Stack("gridwix", {"BusName": "gridwix-bus"}, account)
    resources = {
        "AWS::Events::Rule": {
            "OnRule": "gridwix-bus|on-1",
            "OffRule": "off-1",
            "GoneRule": "gone-1",
        },
        "AWS::Scheduler::Schedule": {"FeedTimer": "feed-1"},
    }
    with Stubber(account.events) as events, Stubber(account.scheduler) as scheduler:
        events.add_response(
            "list_rules",
            {
                "Rules": [
                    {"Name": "on-1", "State": "ENABLED"},
                    {"Name": "off-1", "State": "DISABLED"},
                ]
            },
            {"EventBusName": "gridwix-bus"},
        )
        scheduler.add_client_error("get_schedule", "ResourceNotFoundException")

        found = read_timers(stack, resources)

    assert {timer.name: timer.state for timer in found} == {
        "FeedTimer": "",
        "OnRule": "ENABLED",
        "OffRule": "DISABLED",
        "GoneRule": "",
    }


def test_an_operator_who_may_see_nothing_is_told_so_part_by_part() -> None:
    found = read_overview(Stack("gridwix", {}, aws_that_refuses()), NOW)

    assert not found.healthy
    assert {fault.subject for fault in found.faults} >= {
        "resources of the stack",
        "schedules and rules",
        "cursors",
        "refused items",
        "last publications",
    }
    assert all("could not be read" in fault.what for fault in found.faults)


def test_gateways_stack_is_read_without_what_only_gridwix_has() -> None:
    account = aws()
    stack = Stack("hub", {"CommunityUrl": "https://gateway.example/live"}, account)
    resources = [
        {
            "ResourceType": "AWS::Scheduler::Schedule",
            "LogicalResourceId": name,
            "PhysicalResourceId": name,
            "LastUpdatedTimestamp": datetime(2026, 3, 12, tzinfo=UTC),
            "ResourceStatus": "CREATE_COMPLETE",
        }
        for name in ("RestSourceTimer", "WebhookSenderTimer")
    ]
    # Any other call would fail, and so be a fault.
    with (
        Stubber(account.cloudformation) as stacks,
        Stubber(account.cloudwatch) as metrics,
        Stubber(account.scheduler) as scheduler,
    ):
        stacks.add_response("list_stack_resources", {"StackResourceSummaries": resources})
        metrics.add_response("get_metric_data", {"MetricDataResults": []})
        for _ in resources:
            scheduler.add_response(
                "get_schedule", {"State": "DISABLED", "ScheduleExpression": "rate(1 minute)"}
            )

        found = read_overview(stack, NOW)

    assert found.is_gateway
    assert said(found) == [
        f"{name}: its state is DISABLED: enable {name} in the console (EventBridge, Schedules)"
        for name in ("RestSourceTimer", "WebhookSenderTimer")
    ]


def aws_that_refuses() -> Aws:
    account = aws()
    for client, calls in (
        (account.cloudformation, ["list_stack_resources"]),
        (account.logs, ["filter_log_events"] * 3),
    ):
        stub = Stubber(client)
        for call in calls:
            stub.add_client_error(call, "AccessDeniedException", "no")
        stub.activate()
    return account
