"""Takes Trading Grid's webhooks: verify the raw bytes, put the change on the bus, answer. Triggered by ``POST /webhooks/trading-grid``."""

from typing import Any

from gridwix.errors import GridwixError, WebhookRejected
from gridwix.runtime.api_gateway import answer, body_of, headers_of, unavailable
from gridwix.runtime.edge import webhook_receiver
from gridwix.runtime.observability import about, count, count_by_reason, logger, metrics
from gridwix.services.webhook import problem


@metrics.log_metrics
def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """202 for a webhook that is on the bus; a problem that says why for one that is not and never will be; 503 where a retry may help."""
    try:
        accepted = webhook_receiver().receive(headers_of(event), body_of(event))
    except WebhookRejected as rejected:
        count_by_reason("WebhooksRejected", rejected.reason)
        count("WebhooksRejected")
        logger.warning("webhook rejected", extra={"reason": rejected.reason})
        return answer(rejected.status, problem(rejected), "application/problem+json")
    except GridwixError as error:
        count("WebhooksFailed")
        logger.error("webhook failed", extra=about(error))
        return unavailable()
    count("WebhooksAccepted")
    return answer(202, {"accepted": accepted})
