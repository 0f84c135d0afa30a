"""Use case 3 through the deployed stack: a transaction exception becomes an open issue."""

from typing import Any

from gridwix.models.portal.collection_ids import OPEN_ISSUES
from ops.local_environment import LocalEnvironment

PARTNER = "GC080000000150"


def issues(local: LocalEnvironment) -> dict[str, dict[str, Any]]:
    """Return the partner's open issues by order number."""
    rows = [
        dict(item.data)
        for page in local.connections.wix.query_pages(OPEN_ISSUES)
        for item in page.items
    ]
    mine = [row for row in rows if row["partnerId"] == PARTNER]
    return {
        document["poNumber"]: {**row, "document": document}
        for row in mine
        for document in row["affected"]
        if "poNumber" in document
    }


def document(local: LocalEnvironment, order: str, document_type: str, fault: str) -> dict[str, Any]:
    return local.trading_grid.order(
        "documents",
        {"partnerId": PARTNER, "documentType": document_type, "order": order, "fault": fault},
    )


def test_rejected_ship_notice_is_an_open_issue_with_what_is_affected_and_what_to_do(
    local_cloud: LocalEnvironment,
) -> None:
    document(local_cloud, "4500000001", "856", "validation_error")

    local_cloud.request_transaction_search()

    local_cloud.wait_for(lambda: "4500000001" in issues(local_cloud), "the issue")
    issue = issues(local_cloud)["4500000001"]
    assert issue["subject"] == "856 ship notice for order 4500000001 was rejected"
    assert (issue["open"], issue["priorityLabel"], issue["categoryLabel"]) == (
        True,
        "High",
        "Ship notice (ASN)",
    )
    assert (
        issue["nextStep"]
        == "Correct the 856 ship notice and send it again before the goods arrive."
    )
    assert issue["document"]["problem"] == "Failed validation"
    assert issue["document"]["errorCode"] == "SSCC_MISMATCH"


def test_many_exceptions_of_one_reason_are_one_issue_and_an_acknowledgment_that_comes_is_told(
    local_cloud: LocalEnvironment,
) -> None:
    sent = [
        document(local_cloud, f"46000000{number:02}", "850", "acknowledgment_overdue")
        for number in range(6)
    ]
    for _ in range(2):
        local_cloud.request_transaction_search()

    local_cloud.wait_for(
        lambda: all(f"46000000{number:02}" in issues(local_cloud) for number in range(6)),
        "the issue",
    )
    assert len({issues(local_cloud)[f"46000000{number:02}"]["number"] for number in range(6)}) == 1

    local_cloud.trading_grid.order(
        "transactions", {"transactionid": sent[3]["transactionId"], "fastatus": "A"}
    )
    local_cloud.request_transaction_search()

    local_cloud.wait_for(
        lambda: issues(local_cloud)["4600000003"]["document"]["problem"] == "Solved",
        "the good news",
    )
    assert issues(local_cloud)["4600000002"]["document"]["problem"] == "Acknowledgment overdue"


def test_error_text_of_a_transaction_does_not_reach_wix(local_cloud: LocalEnvironment) -> None:
    bodies = "".join(str(request["body"]) for request in local_cloud.wix.requests())

    assert "4500000001" in bodies
    assert "not on manifest" not in bodies
