"""Demo scenario: an incident from its announcement to its end.

It concerns only partners in the EU.
"""

from collections.abc import Mapping
from typing import Any

from gridwix.models.portal.collection_ids import SERVICE_NOTICES
from ops.demo.scenario import Claim, Row, ScenarioResult, wait_for_row
from ops.demo.trace import Hop
from ops.local_environment import LocalEnvironment

REGION = "EU"
CLEANED = "<p>We are <strong>looking</strong> into it.</p>"
INCIDENT: Mapping[str, Any] = {
    "kind": "incident",
    "title": "856 ship notices are rejected",
    "impact": "major",
    "audience": {"regions": [REGION]},
    "affectedComponents": [
        {"key": "x12-validation", "name": "X12 validation", "state": "degraded"}
    ],
    "affectedTransactionTypes": [{"code": "856", "standard": "x12", "direction": "inbound"}],
    "bodyHtml": f"{CLEANED}<script>alert(1)</script>",
}
FOUND = {"to": "identified", "bodyHtml": "<p>A rule was too strict. We are taking it back.</p>"}
SOLVED = {
    "to": "resolved",
    "bodyHtml": "<p>Rejected ship notices were processed again. Nothing to do for you.</p>",
}


def run_scenario(local: LocalEnvironment) -> ScenarioResult:
    """Publish an incident, name its cause, and resolve it.

    Waits each time until the portal shows the change.

    Raises:
        OpsError: The portal does not show a change.
    """
    notice = local.trading_grid.order("notices", INCIDENT)
    identifier = notice["id"]
    path = f"notices/{identifier}"
    first, shown_in = wait_for_row(
        local,
        SERVICE_NOTICES,
        lambda row: row["_id"] == identifier and len(row["entries"]) == 1,
        "the notice on the portal",
    )
    local.trading_grid.order(path, FOUND)
    _, found_in = wait_for_row(
        local,
        SERVICE_NOTICES,
        lambda row: row["_id"] == identifier and len(row["entries"]) == 2,
        "the notice on the portal",
    )
    local.trading_grid.order(path, SOLVED)
    last, solved_in = wait_for_row(
        local,
        SERVICE_NOTICES,
        lambda row: row["_id"] == identifier and not row["active"],
        "the notice on the portal",
    )
    concerned = first["partnerIds"]
    hops = [
        Hop(
            "published",
            f"on the banner of {len(concerned)} partners:"
            f" {first['title']} ({first['impactLabel'].lower()})",
            shown_in,
        ),
        Hop("cause found", "a second entry in the timeline", found_in),
        Hop("resolved", "off the banner, in the history with three entries", solved_in),
    ]
    return ScenarioResult(hops, _claims(local, first, last))


def _claims(local: LocalEnvironment, first: Row, last: Row) -> list[Claim]:
    countries = {
        partner.partner_id: partner.country
        for partner in local.connections.community.every_partner().records
    }
    concerned = set(first["partnerIds"])
    european = {partner for partner, country in countries.items() if country in ("DE", "EE")}
    sent = "".join(str(request["body"]) for request in local.wix.requests())
    return [
        Claim(
            f"only the {len(concerned)} partners in the {REGION} see the notice",
            bool(concerned) and not first["forEverybody"] and concerned == european,
        ),
        Claim(
            "the text of the notice is shown, and its script is removed",
            [entry["html"] for entry in first["entries"]]
            == ["<p>We are <strong>looking</strong> into it.</p>"],
        ),
        Claim(
            "a resolved notice leaves the banner and stays in the history",
            not last["active"] and len(last["entries"]) == 3,
        ),
        Claim(
            "Wix received no internal comment and no person's name",
            not any(text in sent for text in ("chargeback", "Robin Vega")),
        ),
    ]
