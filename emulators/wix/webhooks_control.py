"""Control routes for webhooks, events and automations, and Wix's URL that starts an automation.

``GET|POST|DELETE /__emulator/webhooks {url, types?}``
    The registered callback URLs. A POST registers a URL for events of these types, which may be
    patterns. Without ``types``, the URL gets all events but those of data items. A DELETE removes
    all URLs, or the one with ``?id=``.
``GET /__emulator/webhooks/deliveries[?eventId=][&type=][&status=][&limit=]``
    Deliveries, newest first, and their number by status.
``POST /__emulator/webhooks/redeliver {eventId?}``
    Send one event, or all of them, again.
``POST /__emulator/events {eventType, data, identity?}``
    Publish any event. ``data`` is sent unchanged: for a domain event it is the whole envelope of
    the event.
``GET|POST|DELETE /__emulator/automations {trigger: "form_submitted", formId?, url, headers?}``
    Automations that call a URL, and the calls that they made.
``GET|DELETE /__emulator/automations/received``
    Calls to ``POST /_api/webhook-trigger/report/<site id>/<webhook id>``.
``GET /__emulator/mails``
    The mails that these automations have sent, deduplicated by ``messageId``.
"""

from typing import Any

from starlette.requests import Request
from starlette.routing import Route

from emulators.wix.arguments import read_int, read_object, read_strings, read_text
from emulators.wix.automations import TRIGGER
from emulators.wix.control import json_handler
from emulators.wix.endpoint import read_arguments
from emulators.wix.errors import InvalidRequest, WixError
from emulators.wix.site import Site
from emulators.wix.wire import Data

MAX_DELIVERIES = 100_000


def routes(site: Site) -> list[Route]:
    control = WebhooksControl(site)
    return [
        Route(
            "/__emulator/webhooks",
            json_handler(control.handle_webhooks),
            methods=["GET", "POST", "DELETE"],
        ),
        Route("/__emulator/webhooks/deliveries", json_handler(control.list_deliveries)),
        Route("/__emulator/webhooks/redeliver", json_handler(control.redeliver), methods=["POST"]),
        Route("/__emulator/events", json_handler(control.publish_event), methods=["POST"]),
        Route(
            "/__emulator/automations",
            json_handler(control.handle_automations),
            methods=["GET", "POST", "DELETE"],
        ),
        Route(
            "/__emulator/automations/received",
            json_handler(control.handle_received),
            methods=["GET", "DELETE"],
        ),
        Route("/__emulator/mails", json_handler(control.list_mails)),
        Route(
            "/_api/webhook-trigger/report/{site_id}/{webhook_id}",
            json_handler(control.receive_trigger),
            methods=["POST"],
        ),
    ]


class WebhooksControl:
    """Handlers of the control routes for webhooks, events and automations.

    Each returns a JSON object, or raises WixError or InvalidRequest.
    """

    def __init__(self, site: Site) -> None:
        self._site = site

    async def handle_webhooks(self, request: Request) -> Data:
        webhooks = self._site.webhooks
        if request.method == "POST":
            order = await read_arguments(request)
            types = read_strings(order, "types")
            if any(not name or " " in name for name in types):
                raise InvalidRequest("types", "must be event types")
            return {"webhook": webhooks.register(_read_url(order), types)}
        if request.method == "DELETE":
            webhooks.remove_webhooks(request.query_params.get("id"))
        return {"webhooks": webhooks.all()}

    async def list_deliveries(self, request: Request) -> Data:
        asked: dict[str, Any] = dict(request.query_params)
        found = self._site.webhooks.deliveries(
            event_id=asked.get("eventId"),
            event_type=asked.get("type"),
            status=asked.get("status"),
            limit=read_int(asked, "limit", 1000, most=MAX_DELIVERIES),
        )
        return {"deliveries": found, "counts": self._site.webhooks.counts()}

    async def redeliver(self, request: Request) -> Data:
        order = await read_arguments(request)
        return {"queued": self._site.webhooks.redeliver(read_text(order, "eventId", "") or None)}

    async def publish_event(self, request: Request) -> Data:
        order = await read_arguments(request)
        if "data" not in order:
            raise InvalidRequest("data", "is missing")
        by = read_object(order, "identity") or None
        event_id, queued = self._site.events.publish_raw(
            read_text(order, "eventType"), order["data"], by
        )
        return {"eventId": event_id, "queued": queued}

    async def handle_automations(self, request: Request) -> Data:
        automations = self._site.automations
        if request.method == "POST":
            order = await read_arguments(request)
            headers = read_object(order, "headers")
            if order.get("trigger") != TRIGGER:
                raise InvalidRequest("trigger", f"must be {TRIGGER}")
            if not all(isinstance(value, str) for value in headers.values()):
                raise InvalidRequest("headers", "must be strings")
            return {
                "automation": automations.add_automation(
                    _read_url(order), read_text(order, "formId", "") or None, headers
                )
            }
        if request.method == "DELETE":
            automations.clear()
        return {"automations": automations.all(), "calls": automations.outgoing_calls()}

    async def handle_received(self, request: Request) -> Data:
        if request.method == "DELETE":
            self._site.automations.clear_received()
        return {"received": self._site.automations.received_calls()}

    async def list_mails(self, _: Request) -> Data:
        return {"mails": self._site.automations.sent_mails()}

    async def receive_trigger(self, request: Request) -> Data:
        if request.path_params["site_id"] != self._site.auth.identity.site_id:
            raise WixError("NOT_FOUND", "There is no such site")
        self._site.automations.record_call(
            request.path_params["webhook_id"], await read_arguments(request)
        )
        return {}


def _read_url(order: Data) -> str:
    url = read_text(order, "url")
    if not url.startswith(("http://", "https://")):
        raise InvalidRequest("url", "must be an http or https address")
    return url
