"""Demo scenario: a ship notice fails validation, and the portal tells the partner what to do."""

from gridwix.models.portal.collection_ids import OPEN_ISSUES
from ops.demo.scenario import Claim, Row, ScenarioResult, wait_for_row
from ops.demo.trace import Hop
from ops.local_environment import LocalEnvironment

PARTNER = "GC070000000101"
ORDER = "4500190021"
DOCUMENT = {
    "partnerId": PARTNER,
    "documentType": "856",
    "order": ORDER,
    "fault": "validation_error",
}


def run_scenario(local: LocalEnvironment) -> ScenarioResult:
    """Create a ship notice that fails validation, and wait for the issue that gridwix opens.

    gridwix finds such a fault when it searches Lens, the transaction search of Trading Grid. A
    second search finds the same fault, and must open no second issue.

    Raises:
        OpsError: The portal does not show the issue.
    """
    local.trading_grid.order("documents", DOCUMENT)
    local.request_transaction_search()
    issue, shown_in = wait_for_row(local, OPEN_ISSUES, _names_order, "the issue")
    (document,) = [document for document in issue["affected"] if document.get("poNumber") == ORDER]
    local.request_transaction_search()
    local.wait_until_idle()
    issues = [
        item.data
        for page in local.connections.wix.query_pages(OPEN_ISSUES)
        for item in page.items
        if _names_order(item.data)
    ]
    hops = [
        Hop("Lens", f"856 for order {ORDER}: validation error", 0.0),
        Hop("case opened", f"{issue['number']}: {issue['subject']}", shown_in),
        Hop("on the portal", f"what to do: {issue['nextStep']}", shown_in),
    ]
    claims = [
        Claim(
            "the issue names the document, the fault and the next step",
            (document["problem"], bool(issue["nextStep"])) == ("Failed validation", True),
        ),
        Claim(
            "the same transaction, read again, opens no second case",
            [one["number"] for one in issues] == [issue["number"]],
        ),
    ]
    return ScenarioResult(hops, claims)


def _names_order(row: Row) -> bool:
    return any(document.get("poNumber") == ORDER for document in row["affected"])
