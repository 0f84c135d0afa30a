"""Demo scenario: the hub renews an agreement, and a signed version of it is approved.

The partner uploads the signed version on the portal.
"""

import base64
import time
from collections.abc import Callable

import httpx

from gridwix.models.portal.collection_ids import PARTNER_DOCUMENTS
from ops.demo.scenario import Claim, Row, ScenarioResult, wait_for_row
from ops.demo.trace import Hop
from ops.local_environment import LocalEnvironment
from ops.portal import DANA
from ops.portal_session import PortalSession
from ops.waiting import STANDSTILL

AGREEMENT, TAX_FORM = "doc_ag_101", "doc_w8_055120"
RENEWED, SIGNED = b"%PDF-1.7 the agreement for 2026", b"%PDF-1.7 the agreement for 2026, signed"


def run_scenario(local: LocalEnvironment) -> ScenarioResult:
    """Renew the agreement, open it on the portal, upload a signed version and approve it.

    The opening and the upload are the partner's, the rest is the hub's.

    Raises:
        OpsError: The portal does not show a change.
    """
    before, _ = _wait_for_agreement(local, lambda row: bool(row.get("fileId")))
    with httpx.Client(timeout=STANDSTILL) as http:
        dana = PortalSession(local.portal_url, http, DANA.id)
        former = dana.call_web_method("openDocument", None, AGREEMENT)["url"]
        local.trading_grid.order(
            f"library/{AGREEMENT}/versions",
            {
                "fileName": "Supplier agreement 2026.pdf",
                "content": base64.b64encode(RENEWED).decode(),
            },
        )
        renewed, renewed_in = _wait_for_agreement(
            local, lambda row: row["version"] == before["version"] + 1
        )
        opened = http.get(dana.call_web_method("openDocument", None, AGREEMENT)["url"]).content
        local.wait_until_idle()
        ended = http.get(former).status_code in (403, 404)
        reviewed, reviewed_in = _submit_signed_version(local, dana, http, renewed)
        version = local.gateway.list_records(f"documents/{AGREEMENT}/versions")["items"][-1]
        approval = next(
            one
            for one in local.gateway.list_records("approvals")["items"]
            if one["subject"]["id"] == f"{AGREEMENT}/{version['number']}"
        )
        local.gateway.decide_approval(approval["id"], "approved", "Thank you.")
        published, published_in = _wait_for_agreement(
            local, lambda row: row["version"] == version["number"]
        )
        kept = http.get(dana.call_web_method("openDocument", None, AGREEMENT)["url"]).content
    tax_form, _ = wait_for_row(
        local, PARTNER_DOCUMENTS, lambda row: row["_id"] == TAX_FORM, "the tax form"
    )
    hops = [
        Hop(
            "the hub renews it",
            f"{renewed['fileName']}, version {renewed['version']:.0f}",
            renewed_in,
        ),
        Hop(
            "the partner sends its own",
            f"{reviewed['review']['fileName']}: {reviewed['review']['statusLabel']}",
            reviewed_in,
        ),
        Hop(
            "the hub approves",
            f"version {published['version']:.0f} is current, {len(published['history'])} before it",
            published_in,
        ),
    ]
    claims = [
        Claim("the partner downloads the exact bytes of the renewed agreement", opened == RENEWED),
        Claim("a download link to the former version expires with its file", ended),
        Claim(
            "the partner's version waits for approval, and is published once approved",
            (version["source"], kept) == ("portal", SIGNED),
        ),
        Claim(
            "the portal has a tax form's status, and none of its bytes",
            tax_form["restricted"] is True and not tax_form["fileId"],
        ),
    ]
    return ScenarioResult(hops, claims)


def _submit_signed_version(
    local: LocalEnvironment, dana: PortalSession, http: httpx.Client, renewed: Row
) -> tuple[Row, float]:
    """Upload the signed agreement as the partner's member Dana, with the calls of the portal page.

    Waits until the portal shows that the signed version is in review. Returns the agreement's
    portal row and the seconds of the wait. ``renewed`` is the portal row of the hub's unsigned
    version, the one that Dana signs.
    """
    wish = {"fileName": "Signed.pdf", "mimeType": "application/pdf", "sizeInBytes": len(SIGNED)}
    place = dana.call_web_method("getUploadUrl", None, AGREEMENT, wish)["uploadUrl"]
    put = http.put(
        place,
        params={"filename": "Signed.pdf"},
        content=SIGNED,
        headers={"content-type": "application/pdf"},
    ).raise_for_status()
    dana.call_web_method(
        "submitDocument",
        None,
        AGREEMENT,
        put.json()["file"]["id"],
        "Signed.pdf",
        int(renewed["version"]),
    )
    return _wait_for_agreement(
        local, lambda row: (row.get("review") or {}).get("status") == "in_review"
    )


def _wait_for_agreement(local: LocalEnvironment, done: Callable[[Row], bool]) -> tuple[Row, float]:
    begun = time.monotonic()
    row, _ = wait_for_row(
        local,
        PARTNER_DOCUMENTS,
        lambda row: row["_id"] == AGREEMENT and done(row),
        "the agreement on the portal",
    )
    return row, time.monotonic() - begun
