"""Receives webhooks and form submissions of Wix.

It verifies the signature, stores a form submission, and puts the event on the EventBridge bus.

Triggered by ``POST /webhooks/wix`` and ``POST /webhooks/wix/forms/{form}``.
"""

from collections.abc import Mapping
from typing import Any

from gridwix.edge.api_gateway import body_of, headers_of
from gridwix.edge.responses import respond
from gridwix.runtime.observability import count, logger, metrics
from gridwix.wix_webhook.endpoint import wix_receiver
from gridwix.wix_webhook.service import WixReceiver


@metrics.log_metrics
def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """Respond with 200 once the received event is on the bus, or if gridwix does not use it.

    200 is the only status that Wix takes as success.
    """
    return respond(200, lambda: _receive(wix_receiver(), event))


def _receive(receiver: WixReceiver, event: Mapping[str, Any]) -> dict[str, str]:
    form = (event.get("pathParameters") or {}).get("form")
    if form is None:
        return _receive_webhook(receiver, event)
    return _receive_form_post(receiver, event, form)


def _receive_webhook(receiver: WixReceiver, event: Mapping[str, Any]) -> dict[str, str]:
    received = receiver.receive(body_of(event))
    if not received.type:
        count("EventsOfUnknownType")
        logger.info("event_not_used", extra={"event_type": received.event_type})
    return {"accepted": received.type}


def _receive_form_post(
    receiver: WixReceiver, event: Mapping[str, Any], form: str
) -> dict[str, str]:
    return {
        "reference": receiver.receive_form(
            form, headers_of(event), event.get("queryStringParameters") or {}, body_of(event)
        )
    }
