"""Reads and validates JSON request bodies of the emulated API, and builds its JSON responses."""

import json

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from emulators.trading_grid.problems import Problem
from emulators.trading_grid.profile import check_schema
from emulators.trading_grid.store import Document

MAX_BODY_BYTES = 1024 * 1024


async def read_json(request: Request, schema: str) -> Document:
    """Return the request's JSON object, validated by a schema of the API's OpenAPI contract.

    Raises Problem: media-type, payload-too-large, malformed or validation.
    """
    if request.headers.get("content-type", "").partition(";")[0].strip() not in (
        "application/json",
        "application/merge-patch+json",
    ):
        raise Problem("media-type", "The body is to be JSON.")
    raw = await request.body()
    if len(raw) > MAX_BODY_BYTES:
        raise Problem("payload-too-large", "The body is larger than 1 MiB.")
    try:
        document = json.loads(raw)
    except (ValueError, RecursionError):
        raise Problem("malformed", "The body is not JSON.") from None
    check_schema(schema, document)
    found: Document = document
    return found


def entity_response(document: Document, status: int = 200) -> Response:
    return JSONResponse(document, status, headers={"etag": etag(document)})


def etag(document: Document) -> str:
    return f'"v{document["version"]}"'
