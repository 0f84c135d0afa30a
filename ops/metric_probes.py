"""Detects rejected webhooks and failed messages from CloudWatch metrics, as no call can show them.

No call can read the secret that a sender of webhooks uses, but each rejected webhook counts in the
metric ``WebhooksRejected``, with its reason. Single rejections are no fault, as strangers may post,
too. Rejections are a fault if no webhook was accepted since, or if most webhooks are rejected.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from ops.stack import Stack

if TYPE_CHECKING:
    from mypy_boto3_cloudwatch import CloudWatchClient
    from mypy_boto3_cloudwatch.type_defs import DimensionTypeDef, MetricDataQueryTypeDef

from gridwix.errors import GridwixError

NAMESPACE = "gridwix"
LOOK_BACK = timedelta(days=1)
PERIOD = 300
"""Seconds per data point of a metric: shorter than it takes to correct a secret and try it."""

_WIX_SIGNATURE = (
    "the site's secret gridwix-signing-secret or the URL of a form automation is signed with a"
    " secret that is not among signingSecrets, or the app's public key is not among publicKeys:"
    " add it to the secret {stack}/wix/webhook"
)
_CLOCK = "the sender's clock is more than five minutes off: have it corrected (NTP)"

FEWEST = 3
"""Minimum number of rejections or failures for a fault: senders retry, and strangers probe."""

REJECTIONS: Mapping[tuple[str, str], str] = {
    ("trading_grid_webhook", "invalid-signature"): (
        "the webhook secret differs: the one that Trading Grid signs with is not among secrets of"
        " the secret {stack}/trading-grid/webhook. Add it there, and keep the old one until the"
        " sender has switched"
    ),
    ("trading_grid_webhook", "unknown-company"): (
        "the events are of another hub: correct TradingGridCompanyId, or the endpoint in Trading"
        " Grid"
    ),
    ("trading_grid_webhook", "missing-header"): (
        "the sender does not sign (Standard Webhooks): turn signing on, or set"
        " TradingGridWebhookMode to doorbell"
    ),
    ("trading_grid_webhook", "timestamp-too-old"): _CLOCK,
    ("trading_grid_webhook", "timestamp-too-new"): _CLOCK,
    ("wix_webhook", "invalid-signature"): _WIX_SIGNATURE,
    ("wix_webhook", "unknown-instance"): (
        "the events are of another installation of the app: set WixInstanceId to the instance id of"
        " this site"
    ),
    ("wix_webhook", "unknown-form"): (
        "a form automation posts to the address of a form that does not exist: `gridwix"
        " form-address` prints the right one"
    ),
}
"""Meaning of a rejection of webhooks and the next step, by function and reason. ``{stack}`` is the
stack's name.
"""

FAILED_MESSAGES = (
    "upstream_not_found",
    "upstream_refused",
    "upstream_forbidden",
    "upstream_unavailable",
    "configuration",
)
"""Reasons of failed messages that a broken email automation on the site can cause."""


@dataclass(frozen=True, slots=True)
class Series:
    """A CloudWatch metric of one function, optionally only for one ``reason``."""

    name: str
    service: str
    reason: str = ""

    @property
    def dimensions(self) -> "list[DimensionTypeDef]":
        found: list[DimensionTypeDef] = [{"Name": "service", "Value": self.service}]
        return [*found, {"Name": "reason", "Value": self.reason}] if self.reason else found


@dataclass(frozen=True, slots=True)
class Count:
    """Sum of a metric over ``LOOK_BACK`` (a day), and the time of its newest value above 0.

    ``newest`` is in Unix seconds, 0 if there was no such value.
    """

    total: float = 0.0
    newest: float = 0.0

    def __add__(self, other: "Count") -> "Count":
        return Count(self.total + other.total, max(self.newest, other.newest))


def check_webhooks(stack: Stack, now: float) -> str:
    """Return a text on the webhooks that were accepted in a day. ``now`` is in Unix seconds.

    Raises:
        GridwixError: Most webhooks are rejected for a reason in ``REJECTIONS``, or none was
            accepted since the last rejection. The message says what to do.
    """
    services = sorted({service for service, _ in REJECTIONS})
    accepted = {one: Series("WebhooksAccepted", one) for one in services}
    rejected = {(one, why): Series("WebhooksRejected", one, why) for one, why in REJECTIONS}
    counts = read_counts(stack.aws.cloudwatch, [*accepted.values(), *rejected.values()], now)
    said = [
        f"{service} has rejected {counts[series].total:.0f} webhooks in a day ({reason}):"
        f" {REJECTIONS[service, reason].format(stack=stack.name)}"
        for (service, reason), series in rejected.items()
        if _prevails(counts[series], counts[accepted[service]])
    ]
    if said:
        raise GridwixError("; ".join(said))
    total = sum(counts[one].total for one in accepted.values())
    return f"{total:.0f} accepted in a day, and none kept out by a secret, an id or a clock"


def check_mails(stack: Stack, now: float) -> str:
    """Return a text on the number of emails that were sent in a day. ``now`` is in Unix seconds.

    Raises GridwixError if most messages have failed, or if no email was sent since the last
    failure.
    """
    service = "partner_messenger"
    sent = Series("DispatchesSent", service, "email")
    failed = {one: Series("DispatchesFailed", service, one) for one in FAILED_MESSAGES}
    counts = read_counts(stack.aws.cloudwatch, [sent, *failed.values()], now)
    reasons = [one for one, series in failed.items() if counts[series].total]
    lost = sum((counts[failed[one]] for one in reasons), Count())
    if _prevails(lost, counts[sent]):
        raise GridwixError(
            f"{lost.total:.0f} messages have failed in a day ({', '.join(reasons)}), and no email"
            " was sent since: the automation behind emailUrl is off or deleted. Turn it on, or"
            f" store the URL of its trigger in the secret {stack.name}/wix/automation; then"
            " `gridwix campaign failed --retry`"
        )
    return f"{counts[sent].total:.0f} emails sent in a day"


def read_counts(
    cloudwatch: "CloudWatchClient", series: Sequence[Series], now: float
) -> dict[Series, Count]:
    """Return each metric's sum over the last day, and the time of its newest value.

    ``now`` is in Unix seconds. Raises botocore's errors.
    """
    queries: list[MetricDataQueryTypeDef] = [
        {
            "Id": f"m{number}",
            "MetricStat": {
                "Metric": {
                    "Namespace": NAMESPACE,
                    "MetricName": one.name,
                    "Dimensions": one.dimensions,
                },
                "Period": PERIOD,
                "Stat": "Sum",
            },
        }
        for number, one in enumerate(series)
    ]
    end = datetime.fromtimestamp(now, UTC)
    found = dict.fromkeys(series, Count())
    pages = cloudwatch.get_paginator("get_metric_data").paginate(
        MetricDataQueries=queries, StartTime=end - LOOK_BACK, EndTime=end
    )
    for page in pages:
        for result in page["MetricDataResults"]:
            one = series[int(result["Id"][1:])]
            values = zip(result.get("Timestamps", []), result.get("Values", []), strict=True)
            for at, value in values:
                if value:
                    found[one] += Count(value, at.timestamp())
    return found


def _prevails(bad: Count, good: Count) -> bool:
    """Return True if failures outweigh successes.

    That is so if most calls failed, or if none succeeded since the newest failure. Fewer than
    ``FEWEST`` failures never outweigh successes.
    """
    return bad.total >= FEWEST and (good.newest < bad.newest or bad.total > good.total)
