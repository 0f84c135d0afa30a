"""Sample documents, and control routes with which tests and demos change documents as the hub."""

import base64
import binascii

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from emulators.trading_grid.documents import Library, make_pdf
from emulators.trading_grid.problems import Problem
from emulators.trading_grid.seed import BALTIC, PRAIRIE_GOLD

MAX_CONTENT = 64 * 1024 * 1024


def seed_documents(library: Library) -> None:
    """Add the documents of the sample world, a fictional hub with three partners."""
    shared = {"effectiveFrom": "2026-01-15"}
    guide = {
        "id": "doc_rg_2026",
        "type": "routing_guide",
        "title": "2026 Routing Guide, North America",
        "category": "routing_guide",
    }
    audience = {"roles": ["supplier", "carrier"], "regions": ["NA"]}
    manual = {
        "id": "doc_ig_856",
        "type": "implementation_guide",
        "title": "856 ship notice: implementation guide",
        "category": "implementation_guide",
    }
    agreement = {
        "id": "doc_ag_101",
        "partnerId": PRAIRIE_GOLD,
        "type": "supplier_agreement",
        "title": "Supplier agreement",
        "category": "agreement",
    }
    tax_form = {
        "id": "doc_w8_055120",
        "partnerId": BALTIC,
        "type": "w8ben_e",
        "title": "W-8BEN-E",
        "category": "tax_form",
    }
    for document, file_name, says in (
        (
            {**shared, **guide, "classification": "partner", "audience": audience},
            "NRG-Routing-Guide-2026-v1.pdf",
            "2026 Routing Guide, version 1",
        ),
        (
            {**shared, **manual, "classification": "public"},
            "856-implementation-guide.pdf",
            "856 ship notice, version 4010",
        ),
        (
            {**shared, **agreement, "classification": "partner"},
            "Supplier agreement Prairie Gold Foods.pdf",
            "Supplier agreement, Prairie Gold Foods",
        ),
        (
            {**tax_form, "classification": "restricted"},
            "W-8BEN-E.pdf",
            "W-8BEN-E, Baltic Home Textiles",
        ),
    ):
        library.seed_document(document, [({"fileName": file_name}, make_pdf(says))])


def routes(library: Library) -> list[Route]:
    """Return the control routes of the document library.

    ``POST /__emulator/library`` creates a document. ``POST /__emulator/library/{id}/versions`` adds
    a version on behalf of the hub: ``fileName``, and ``content`` in base64 or a ``text`` that
    becomes a PDF; ``size`` is the minimum number of bytes.
    """

    async def handle_create(request: Request) -> Response:
        return JSONResponse(library.create_document(await request.json()), 201)

    async def handle_publish(request: Request) -> Response:
        wish = await request.json()
        try:
            content = (
                base64.b64decode(wish["content"], validate=True)
                if "content" in wish
                else make_pdf(str(wish.get("text", "")))
            )
            content = content.ljust(min(int(wish.get("size", 0)), MAX_CONTENT), b" ")
            return JSONResponse(
                library.publish_version(request.path_params["id"], wish, content[:MAX_CONTENT]), 201
            )
        except binascii.Error:
            return JSONResponse({"detail": "content is not base64"}, 400)
        except Problem as problem:
            return problem.response("", request.url.path)

    return [
        Route("/__emulator/library", handle_create, methods=["POST"]),
        Route("/__emulator/library/{id}/versions", handle_publish, methods=["POST"]),
    ]
