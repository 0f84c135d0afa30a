"""Checks that alarms reach an operator: the SNS topic exists and has a confirmed subscription."""

from botocore.exceptions import ClientError

from gridwix.errors import GridwixError
from ops.alarms import read_alarms
from ops.probes import WithoutSource, format_count
from ops.stack import Stack

NO_TOPIC = frozenset({"NotFound", "NotFoundException"})
"""Error codes of SNS for a topic that does not exist."""


def check_alarm_topic(stack: Stack) -> str:
    """Return a sentence with the number of confirmed subscriptions of each SNS topic of the alarms.

    Raises:
        WithoutSource: The stack's alarms notify no topic.
        GridwixError: A topic does not exist, or has no confirmed subscription.
    """
    alarms = read_alarms(stack, stack.read_resources())
    topics = sorted({topic for alarm in alarms for topic in alarm.actions if ":sns:" in topic})
    if not topics:
        raise WithoutSource(
            "alarms notify nobody: deploy with AlarmTopicArn, the ARN of an SNS topic"
        )
    return "; ".join(_check_topic(stack, topic) for topic in topics)


def _check_topic(stack: Stack, topic: str) -> str:
    try:
        pages = [
            *stack.aws.sns.get_paginator("list_subscriptions_by_topic").paginate(TopicArn=topic)
        ]
    except ClientError as error:
        if error.response.get("Error", {}).get("Code") not in NO_TOPIC:
            raise
        raise GridwixError(
            f"the topic {topic} of the alarms does not exist: create it, or correct AlarmTopicArn"
        ) from None
    # An unconfirmed subscription has the text PendingConfirmation in place of an ARN.
    arns = [one["SubscriptionArn"] for page in pages for one in page["Subscriptions"]]
    confirmed = [arn for arn in arns if arn.startswith("arn:")]
    if confirmed:
        return f"{format_count(len(confirmed), 'subscription')} of {topic}"
    if arns:
        raise GridwixError(
            f"no subscription of the topic {topic} is confirmed, so nobody hears the alarms: follow"
            " the link in the mail that SNS has sent, or subscribe again"
        )
    raise GridwixError(
        f"the topic {topic} has no subscription, so nobody hears the alarms: `aws sns subscribe"
        f" --topic-arn {topic} --protocol email --notification-endpoint ADDRESS`"
    )
