"""Serves the community gateway profile, an API contract, over HTTP. Triggered by API Gateway."""

from typing import Any

from gridwix_gateway.runtime.wiring import api_application


def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """Answer one HTTP request of API Gateway (a proxy event)."""
    return api_application().handle_event(event)
