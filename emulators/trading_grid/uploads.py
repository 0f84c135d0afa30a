"""Uploads: announce a file, PUT its bytes, then use it in a document version or a request."""

import hmac
import json
import secrets
from datetime import datetime, timedelta

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from emulators.common.blobs import Blobs, TooLong
from emulators.common.clock import rfc3339
from emulators.common.faults import FaultPlan
from emulators.trading_grid.community import Community
from emulators.trading_grid.problems import Problem
from emulators.trading_grid.store import Document

MAX_BYTES = 1024**3
LIFETIME = timedelta(hours=1)
EICAR = b"X5O!P%@AP[4\\PZX54(P^)7CC)7}$EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"
"""Test file that each virus scanner detects by agreement.

Source: https://www.eicar.org/download-anti-malware-testfile/.
"""


class Uploads:
    """Stores announced uploads of files, and receives their bytes."""

    def __init__(self, community: Community, blobs: Blobs, faults: FaultPlan) -> None:
        self._community = community
        self._blobs = blobs
        self._faults = faults

    def create_upload(self, fields: Document, base_url: str) -> Document:
        """Announce the upload of a file. Returns ``{uploadId, putUrl, expiresAt}``."""
        store = self._community.store
        with store.transaction():
            identifier = f"upl_{store.next_number('upload'):06}"
            token = secrets.token_urlsafe(24)
            expires = self._community.clock.now() + LIFETIME
            upload = {
                **fields,
                "uploadId": identifier,
                "token": token,
                "expiresAt": rfc3339(expires),
                "status": "announced",
                "scan": None,
            }
            self._save_upload(upload)
        return {
            "uploadId": identifier,
            "putUrl": f"{base_url}/uploads/{identifier}?token={token}",
            "expiresAt": upload["expiresAt"],
        }

    def require_received(self, identifier: str) -> Document:
        """Return an upload if its bytes have arrived. Raises Problem otherwise."""
        upload = self._find_upload(identifier)
        if upload is None or upload["status"] != "received":
            fault = {
                "pointer": "/uploadId",
                "code": "unknown",
                "detail": "there is no such upload, or its bytes were not put",
            }
            raise Problem("validation", "The upload is not there.", errors=[fault])
        return upload

    def routes(self) -> list[Route]:
        """Return the route ``PUT /uploads/{id}``. The token in its URL is the only credential."""
        return [Route("/uploads/{id}", self._handle_put, methods=["PUT"])]

    async def _handle_put(self, request: Request) -> Response:
        try:
            return JSONResponse(await self._receive_content(request))
        except Problem as problem:
            return problem.response(request.headers.get("x-request-id", ""), request.url.path)

    async def _receive_content(self, request: Request) -> Document:
        upload = self._find_upload(request.path_params["id"])
        if upload is None or not hmac.compare_digest(
            upload["token"], request.query_params.get("token", "")
        ):
            raise Problem("forbidden", "The address is not valid.")
        expired = self._community.clock.now() > datetime.fromisoformat(upload["expiresAt"])
        if expired or self._faults.take_match("put_url_expired", path=request.url.path):
            raise Problem("forbidden", "The address has expired.")
        try:
            blob = await self._blobs.store_stream(
                request.stream(), min(MAX_BYTES, upload["sizeBytes"])
            )
        except TooLong:
            raise Problem(
                "payload-too-large", "There are more bytes than were announced."
            ) from None
        # The digest was announced before the transfer, so a corrupted upload is detected here.
        wrong = [
            name
            for name, value in (("sizeBytes", blob.size), ("sha256", blob.sha256))
            if upload[name] != value
        ]
        if wrong or blob.size == 0:
            faults = [
                {
                    "pointer": f"/{name}",
                    "code": "mismatch",
                    "detail": "the bytes are others than were announced",
                }
                for name in wrong or ["sizeBytes"]
            ]
            raise Problem(
                "validation", "The bytes are not those that were announced.", errors=faults
            )
        with blob.path.open("rb") as content:
            infected = EICAR in content.read(4096)
        received = {**upload, "status": "received", "scan": "infected" if infected else "clean"}
        with self._community.store.transaction():
            self._save_upload(received)
        return {"uploadId": received["uploadId"], "status": "received"}

    def _find_upload(self, identifier: str) -> Document | None:
        row = self._community.store.connection.execute(
            "SELECT document FROM upload WHERE id = ?", (identifier,)
        ).fetchone()
        return None if row is None else json.loads(row["document"])

    def _save_upload(self, upload: Document) -> None:
        self._community.store.connection.execute(
            "INSERT OR REPLACE INTO upload VALUES (?, ?)", (upload["uploadId"], json.dumps(upload))
        )
