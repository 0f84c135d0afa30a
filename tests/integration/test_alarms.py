"""Alarms of the deployed stack, on the metrics that its functions write into their logs.

The local cloud makes no metrics of log lines, so the deployed alarms are evaluated here
(``tests/alarms.py``). Other faults are planted in ``tests/unit/template/alarm_faults.py``.
"""

import base64
import json
import time
from collections.abc import Sequence
from typing import Any

import httpx

from gridwix.wix_webhook.signatures import form_signature
from ops.alarms import ALARM
from ops.local_environment import LocalEnvironment
from ops.logs import read_lines
from tests.alarms import Point, document_points, rings

FORM = "partner-question"
OTHER_SECRET = "whsec_" + base64.b64encode(b"x" * 32).decode()
ANSWERS = {
    "topic": "freight",
    "question": "Does anybody hear this?",
    "your_name": "Dana 李",
    "email": "alarms@partner.example",
}


def deployed(local: LocalEnvironment, name: str) -> Any:
    """Return an alarm as CloudWatch has it."""
    physical = local.stack.read_resources()[ALARM][name]
    (alarm,) = local.stack.aws.cloudwatch.describe_alarms(AlarmNames=[physical])["MetricAlarms"]
    return alarm


def written(local: LocalEnvironment, function: str, since: float) -> Sequence[Point]:
    """Return the points that a function has written since a time (Unix seconds)."""
    lines = read_lines(local.stack.aws.logs, f"/gridwix/{local.stack.name}/{function}", since)
    return [point for line in lines for point in document_points(line.fields)]


def wait_until_it_rings(local: LocalEnvironment, name: str, function: str, since: float) -> None:
    """Wait until an alarm would ring if all of its periods were like the one since ``since``."""
    alarm = deployed(local, name)
    local.wait_for(
        lambda: rings(alarm, [written(local, function, since)] * alarm["EvaluationPeriods"]),
        f"an alarm of {name}",
    )


def post_form(local: LocalEnvironment, signature: str, **answers: str) -> int:
    """Post a form as an automation of Wix does; return the status."""
    address = local.cloud.local_url(local.stack.output("WixWebhookUrl"))
    return httpx.post(
        f"{address}/forms/{FORM}", params={"signature": signature}, json={**ANSWERS, **answers}
    ).status_code


def right_signature(local: LocalEnvironment) -> str:
    stored = local.stack.aws.secrets.get_secret_value(
        SecretId=local.stack.output("WixWebhookSecretName")
    )["SecretString"]
    return form_signature(FORM, json.loads(stored)["signingSecrets"][0])


def test_wrong_secret_of_a_form_rings_the_alarm_of_webhooks_that_are_turned_away(
    local_cloud: LocalEnvironment,
) -> None:
    begun = time.time()

    # The local cloud may read the last line of a log only with the next answer.
    for _ in range(2):
        assert post_form(local_cloud, form_signature(FORM, OTHER_SECRET)) == 401

    wait_until_it_rings(local_cloud, "WixWebhookUntrustedAlarm", "wix_webhook", begun)


def test_held_submission_rings_and_spam_and_the_request_of_a_visitor_do_not(
    local_cloud: LocalEnvironment,
) -> None:
    signature = right_signature(local_cloud)
    spam_held = frozenset({("service", "form_intake"), ("reason", "honeypot")})
    begun = time.time()

    assert post_form(local_cloud, signature, website="https://spam.example") == 200
    local_cloud.wait_for(
        lambda: (
            spam_held in {point.dimensions for point in written(local_cloud, "form_intake", begun)}
        ),
        "spam to be held",
    )
    points = written(local_cloud, "form_intake", begun)
    assert not rings(deployed(local_cloud, "FormIntakeReviewAlarm"), [points])

    assert post_form(local_cloud, signature, email="nobody") == 200
    wait_until_it_rings(local_cloud, "FormIntakeReviewAlarm", "form_intake", begun)

    delivered = time.time()
    assert post_form(local_cloud, signature) == 200
    local_cloud.wait_for(
        lambda: any(
            point.name == "RequestsMade" and sum(point.values)
            for point in written(local_cloud, "form_intake", delivered)
        ),
        "the request",
    )
    points = written(local_cloud, "form_intake", delivered)
    assert not rings(deployed(local_cloud, "FormIntakeUnmatchedAlarm"), [points])
