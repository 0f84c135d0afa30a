"""Clients of commands keep the same limits of answers as those of the functions."""

import json
import zlib
from typing import Any

import httpx

from gridwix.clients.limited_network import LimitedNetwork
from gridwix.runtime.settings import ClientSettings
from ops.aws import Aws
from ops.budgets import UnlimitedBudget
from ops.connections import connect
from ops.stack import Stack

SETTINGS = ClientSettings.from_environment(
    {
        "TRADING_GRID_BASE_URL": "https://apigrid.example",
        "TRADING_GRID_AUTH_MODE": "static-bearer",
        "TRADING_GRID_COMMUNITY_URL": "https://apigrid.example/community/v1",
        "TRADING_GRID_COMPANY_ID": "company-1",
        "TRADING_GRID_CREDENTIALS_SECRET": "trading-grid",
        "WIX_BASE_URL": "https://wix.example",
        "WIX_SITE_ID": "site-1",
        "WIX_CREDENTIALS_SECRET": "wix",
        "BUDGET_TABLE": "budget",
        "REFUSED_ITEM_TABLE": "refused",
    }
)


def open_connections(transport: httpx.BaseTransport | None) -> Any:
    return connect(
        Stack("gridwix", {}, Aws()),
        UnlimitedBudget(),
        settings=SETTINGS,
        transport=transport,
        read_secret=lambda _: {"token": "t", "apiKey": "k"},
    )


def test_command_reads_the_answer_of_a_server_that_compresses_as_it_is_asked_to() -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        body = json.dumps({"collections": [{"id": "PartnerStatus"}]}).encode()
        # As a server does that prefers what few clients ask for.
        if "deflate" not in request.headers["Accept-Encoding"]:
            return httpx.Response(200, content=body)
        headers = {"Content-Encoding": "deflate"}
        stream = httpx.ByteStream(zlib.compress(body))
        return httpx.Response(200, headers=headers, stream=stream)

    with open_connections(httpx.MockTransport(answer)) as connections:
        found = next(iter(connections.wix.list_collections()))

    assert found["id"] == "PartnerStatus"


def test_client_of_a_command_ends_an_exchange_whose_bytes_drip() -> None:
    with open_connections(None) as connections:
        pool = connections.wix._site._sender._http._transport._pool

    assert isinstance(pool._network_backend, LimitedNetwork)
