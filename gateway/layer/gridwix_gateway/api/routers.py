"""All routers of the API. A new capability adds its router here."""

from collections.abc import Sequence

from gridwix_gateway.api import (
    capabilities,
    cases,
    desk,
    documents,
    feed,
    partners,
    records,
    webhooks,
)
from gridwix_gateway.api.routing import Router

ROUTERS: Sequence[Router] = (
    records.router,
    partners.router,
    cases.router,
    documents.router,
    webhooks.router,
    feed.router,
    capabilities.router,
    desk.router,
)
