"""Takes what Wix sends: verify the raw bytes, keep a submission, put the event on the bus, answer. Triggered by ``POST /webhooks/wix`` and
``POST /webhooks/wix/forms/{form}``."""

from typing import Any

from gridwix.errors import GridwixError, WebhookRejected
from gridwix.runtime.api_gateway import answer, body_of, headers_of, unavailable
from gridwix.runtime.observability import about, count, count_by_reason, logger, metrics
from gridwix.runtime.wix_edge import wix_receiver
from gridwix.services.wix_webhook import problem


@metrics.log_metrics
def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """200, which is all that Wix takes for a success, for what is on the bus or of no use; a problem that says why for what is not and never will be; 503 where
    a retry may help."""
    form = (event.get("pathParameters") or {}).get("form")
    try:
        if form is not None:
            body = {"reference": wix_receiver().receive_form(form, headers_of(event), event.get("queryStringParameters") or {}, body_of(event))}
        else:
            received = wix_receiver().receive(body_of(event))
            body = {"accepted": received.type}
            if not received.type:
                count("EventsOfUnknownType")
                logger.info("event of no use", extra={"eventType": received.event_type})
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
    return answer(200, body)
