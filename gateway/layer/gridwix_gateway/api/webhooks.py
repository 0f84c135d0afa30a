"""Routes of webhook endpoints: registration, secrets, replays, deliveries."""

from gridwix_gateway.api.feed import feed_position
from gridwix_gateway.api.lists import read_limit, read_time
from gridwix_gateway.api.messages import Response
from gridwix_gateway.api.routing import Call, Router
from gridwix_gateway.store.commits import Draft
from gridwix_gateway.webhooks.deliveries import Deliveries
from gridwix_gateway.webhooks.endpoints import (
    delete_endpoint,
    get_endpoint,
    list_endpoints,
    register_endpoint,
    rotate_secret,
    start_replay,
)

router = Router()


@router.read("GET", "/webhook-endpoints")
def handle_endpoint_list(call: Call, /) -> Response:
    """Return all webhook endpoints, with their signing secrets."""
    as_of = read_time(call.services)
    items = list(list_endpoints(call.services.table))
    return Response(200, {"items": items, "nextCursor": None, "asOf": as_of})


@router.write("POST", "/webhook-endpoints", "NewWebhookEndpoint")
def handle_registration(call: Call, draft: Draft, /) -> Response:
    """Register a webhook endpoint, and return it with its signing secret."""
    return Response(201, register_endpoint(draft, call.body, call.services.check_webhook_url))


@router.read("GET", "/webhook-endpoints/{id}")
def handle_endpoint_read(call: Call, /) -> Response:
    """Return a webhook endpoint, with its signing secrets."""
    return Response(200, get_endpoint(call.services.table, call.id))


@router.write("DELETE", "/webhook-endpoints/{id}")
def handle_deletion(call: Call, draft: Draft, /) -> Response:
    """Delete a webhook endpoint."""
    delete_endpoint(draft, call.id)
    return Response(204)


@router.write("POST", "/webhook-endpoints/{id}/rotate-secret")
def handle_rotation(call: Call, draft: Draft, /) -> Response:
    """Add a new signing secret to a webhook endpoint, and return the endpoint.

    Webhooks are signed with the previous secret, too, until the next rotation.
    """
    return Response(200, rotate_secret(draft, call.id))


@router.write("POST", "/webhook-endpoints/{id}/replay", "Replay")
def handle_replay(call: Call, draft: Draft, /) -> Response:
    """Start a replay: deliver the events after a cursor to an endpoint again.

    Returns the number of events with 202, before they are delivered.
    """
    position = feed_position(call.body["fromCursor"])
    queued = start_replay(draft, call.services.feed, call.id, position)
    return Response(202, {"queued": queued})


@router.read("GET", "/webhook-endpoints/{id}/deliveries")
def handle_deliveries(call: Call, /) -> Response:
    """Return the newest webhook deliveries to an endpoint, up to the query's ``limit``."""
    limit = read_limit(call.request)
    as_of = read_time(call.services)
    get_endpoint(call.services.table, call.id)
    found = Deliveries(call.services.table).list_newest(call.id, limit)
    items = [delivery.document for delivery in found]
    return Response(200, {"items": items, "nextCursor": None, "asOf": as_of})
