"""Receives requests of Wix: verify the raw bytes, store a submission, put the event on the bus.

Triggered by ``POST /webhooks/wix`` and ``POST /webhooks/wix/forms/{form}``.
"""

from collections.abc import Mapping
from typing import Any

from gridwix.edge.api_gateway import body_of, headers_of
from gridwix.edge.responses import respond
from gridwix.runtime.observability import count, logger, metrics
from gridwix.wix_webhook.endpoint import wix_receiver


@metrics.log_metrics
def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """Respond 200, the only success status for Wix, once the event is on the bus or is not used."""
    form = (event.get("pathParameters") or {}).get("form")
    return respond(
        200, lambda: _receive_webhook(event) if form is None else _receive_form_post(event, form)
    )


def _receive_webhook(event: Mapping[str, Any]) -> dict[str, str]:
    received = wix_receiver().receive(body_of(event))
    if not received.type:
        count("EventsOfUnknownType")
        logger.info("event_not_used", extra={"event_type": received.event_type})
    return {"accepted": received.type}


def _receive_form_post(event: Mapping[str, Any], form: str) -> dict[str, str]:
    return {
        "reference": wix_receiver().receive_form(
            form, headers_of(event), event.get("queryStringParameters") or {}, body_of(event)
        )
    }
