"""The demo's sixth story: the hub renews an agreement, and the partner opens it and sends its own version, which waits for approval."""

import base64
import time
from collections.abc import Callable
from typing import Any

import httpx

from gridwix.models.portal import PARTNER_DOCUMENTS
from ops.demo.scenario import Claim, Row, Tale, row_when
from ops.demo.trace import Hop
from ops.local_environment import World
from ops.portal import DANA
from ops.waiting import STANDSTILL

AGREEMENT, TAX_FORM = "doc_ag_101", "doc_w8_055120"
RENEWED, SIGNED = b"%PDF-1.7 the agreement for 2026", b"%PDF-1.7 the agreement for 2026, signed"


class Visit:
    """Dana on the portal's page."""

    def __init__(self, world: World, http: httpx.Client) -> None:
        self._url, self._http = world.portal_url, http
        http.post(f"{self._url}/login", data={"member": DANA.id}, headers={"origin": self._url})

    def call(self, method: str, *arguments: Any) -> Any:
        """What a method of the portal's backend answers."""
        answer = self._http.post(f"{self._url}/_functions/web/{method}", json=list(arguments), headers={"origin": self._url})
        return answer.raise_for_status().json()["result"]


def perform(world: World) -> Tale:
    """Renew the agreement, open it as the partner, send a signed version and approve it. Raises OpsError if the portal does not show it."""
    before, _ = _shown(world, lambda row: bool(row.get("fileId")))
    with httpx.Client(timeout=STANDSTILL) as http:
        dana = Visit(world, http)
        former = dana.call("openDocument", None, AGREEMENT)["url"]
        world.trading_grid.order(f"library/{AGREEMENT}/versions", {"fileName": "Supplier agreement 2026.pdf", "content": base64.b64encode(RENEWED).decode()})
        renewed, renewed_in = _shown(world, lambda row: row["version"] == before["version"] + 1)
        opened = http.get(dana.call("openDocument", None, AGREEMENT)["url"]).content
        world.wait_until_idle()
        ended = http.get(former).status_code in (403, 404)
        reviewed, reviewed_in = _send(world, dana, http, renewed)
        version = world.hub.list(f"documents/{AGREEMENT}/versions")["items"][-1]
        approval = next(one for one in world.hub.list("approvals")["items"] if one["subject"]["id"] == f"{AGREEMENT}/{version['number']}")
        world.hub.decide(approval["id"], "approved", "Thank you.")
        published, published_in = _shown(world, lambda row: row["version"] == version["number"])
        kept = http.get(dana.call("openDocument", None, AGREEMENT)["url"]).content
    tax_form, _ = row_when(world, PARTNER_DOCUMENTS, lambda row: row["_id"] == TAX_FORM, "the tax form")
    hops = [
        Hop("the hub renews it", f"{renewed['fileName']}, version {renewed['version']:.0f}", renewed_in),
        Hop("the partner sends its own", f"{reviewed['review']['fileName']}: {reviewed['review']['statusLabel']}", reviewed_in),
        Hop("the hub approves", f"version {published['version']:.0f} is current, {len(published['history'])} before it", published_in),
    ]
    claims = [
        Claim("the partner opens the very bytes of the renewed agreement", opened == RENEWED),
        Claim("a link to the former version ends with its file", ended),
        Claim("what the partner has sent waits for approval, and is published by it", (version["source"], kept) == ("portal", SIGNED)),
        Claim("of a tax form the portal knows the status, and no byte", tax_form["restricted"] is True and not tax_form["fileId"]),
    ]
    return Tale(hops, claims)


def _send(world: World, dana: Visit, http: httpx.Client, renewed: Row) -> tuple[Row, float]:
    """Upload a signed version as the page does, and wait until the portal shows that it is in review."""
    wish = {"fileName": "Signed.pdf", "mimeType": "application/pdf", "sizeInBytes": len(SIGNED)}
    place = dana.call("getUploadUrl", None, AGREEMENT, wish)["uploadUrl"]
    put = http.put(place, params={"filename": "Signed.pdf"}, content=SIGNED, headers={"content-type": "application/pdf"}).raise_for_status()
    dana.call("submitDocument", None, AGREEMENT, put.json()["file"]["id"], "Signed.pdf", int(renewed["version"]))
    return _shown(world, lambda row: (row.get("review") or {}).get("status") == "in_review")


def _shown(world: World, done: Callable[[Row], bool]) -> tuple[Row, float]:
    begun = time.monotonic()
    row, _ = row_when(world, PARTNER_DOCUMENTS, lambda row: row["_id"] == AGREEMENT and done(row), "the agreement on the portal")
    return row, time.monotonic() - begun
