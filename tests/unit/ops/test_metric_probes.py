"""Rejected webhooks are a fault only if they keep the right ones out."""

from datetime import UTC, datetime
from typing import Any, cast

import pytest

from gridwix.errors import GridwixError
from ops.metric_probes import REJECTIONS, Series, check_mails, check_webhooks, read_counts
from ops.stack import Stack
from tests.fakes.doctor_world import Service

NOW = 1_795_000_000.0

type Values = dict[tuple[str, ...], list[tuple[float, float]]]


def stack(values: Values) -> Stack:
    """A stack whose metrics have these values: how long ago, and how many."""

    def pages(MetricDataQueries: list[Any], **_: Any) -> Any:  # noqa: N803 - boto3's name
        results = []
        for query in MetricDataQueries:
            metric = query["MetricStat"]["Metric"]
            key = (metric["MetricName"], *(one["Value"] for one in metric["Dimensions"]))
            found = values.get(key, [])
            at = [datetime.fromtimestamp(NOW - ago, UTC) for ago, _ in found]
            results.append({"Id": query["Id"], "Timestamps": at, "Values": [n for _, n in found]})
        return {"MetricDataResults": results}

    aws = type("FakeAws", (), {"cloudwatch": Service({"get_metric_data": pages})})()
    return Stack("hub", {}, cast("Any", aws))


def webhooks(accepted: list[tuple[float, float]], rejected: list[tuple[float, float]]) -> Stack:
    service = "trading_grid_webhook"
    return stack(
        {
            ("WebhooksAccepted", service): accepted,
            ("WebhooksRejected", service, "invalid-signature"): rejected,
        }
    )


def test_counts_are_added_up_and_the_newest_is_kept() -> None:
    series = Series("WebhooksAccepted", "wix_webhook")
    found = read_counts(
        stack(
            {("WebhooksAccepted", "wix_webhook"): [(600, 2.0), (300, 3.0), (0, 0.0)]}
        ).aws.cloudwatch,
        [series],
        NOW,
    )

    assert (found[series].total, found[series].newest) == (5.0, NOW - 300)


@pytest.mark.parametrize(
    ("accepted", "rejected"),
    [
        pytest.param([], [], id="no webhooks"),
        pytest.param([(600, 5.0)], [(300, 2.0)], id="fewer than a sender's retries"),
        pytest.param([(300, 50.0)], [(600, 9.0)], id="accepted since"),
    ],
)
def test_webhooks_that_strangers_send_are_no_fault(accepted: Any, rejected: Any) -> None:
    assert "accepted in a day" in check_webhooks(webhooks(accepted, rejected), NOW)


@pytest.mark.parametrize(
    ("accepted", "rejected"),
    [
        pytest.param([(600, 50.0)], [(300, 3.0)], id="none accepted since"),
        pytest.param([(300, 4.0)], [(600, 9.0)], id="most are rejected"),
    ],
)
def test_webhooks_that_are_kept_out_are_a_fault_with_the_secret_to_mend(
    accepted: Any, rejected: Any
) -> None:
    with pytest.raises(GridwixError, match=r"webhook secret differs.*hub/trading-grid/webhook"):
        check_webhooks(webhooks(accepted, rejected), NOW)


def test_mails_that_were_sent_after_a_failure_are_no_fault() -> None:
    service = "partner_messenger"
    failed = ("DispatchesFailed", service, "upstream_refused")

    sent = stack({failed: [(600, 3.0)], ("DispatchesSent", service, "email"): [(300, 9.0)]})

    assert check_mails(sent, NOW) == "9 emails sent in a day"
    with pytest.raises(GridwixError, match="emailUrl is off or deleted"):
        check_mails(stack({failed: [(600, 3.0)]}), NOW)


def test_every_remedy_names_the_stacks_own_secret() -> None:
    assert all("{" not in said.format(stack="hub") for said in REJECTIONS.values())
