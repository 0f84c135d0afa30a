"""Use case 7 through the deployed stack: documents in Lens become the activity of a partner."""

from collections.abc import Mapping
from typing import Any

from gridwix.activity_publisher.count_store import S3CountStore
from gridwix.activity_publisher.service import CURSOR_NAME
from gridwix.activity_publisher.slices import day_start, shown_days
from gridwix.models.portal.collection_ids import PARTNER_ACTIVITY
from ops.local_environment import LocalEnvironment

PARTNER = "GC080000000151"


def totals(local: LocalEnvironment) -> Mapping[str, int]:
    """Return the partner's number of documents by type."""
    rows = local.connections.wix.items_where(PARTNER_ACTIVITY, "partnerId", PARTNER)
    return {line["documentType"]: line["total"] for row in rows for line in row.data["lines"]}


def send(local: LocalEnvironment, document_type: str, **fields: Any) -> None:
    local.trading_grid.order(
        "documents", {"partnerId": PARTNER, "documentType": document_type, **fields}
    )


def test_documents_of_a_partner_are_counted_on_the_portal_and_counted_again(
    local_cloud: LocalEnvironment,
) -> None:
    send(local_cloud, "850")
    send(local_cloud, "810", fault="validation_error")

    local_cloud.request_activity()

    local_cloud.wait_for(
        lambda: totals(local_cloud) == {"850": 1, "810": 1}, "the activity of the partner"
    )
    # All further slices are read by runs that each one requests.
    local_cloud.wait_until_idle()
    index = S3CountStore(
        local_cloud.stack.aws.s3, local_cloud.stack.output("ReportBucketName")
    ).read_index(str(local_cloud.cursors.read_cursor(CURSOR_NAME).cursor))
    assert index is not None
    assert min(index.slices) == day_start(shown_days(max(index.slices))[0])
    (row,) = local_cloud.connections.wix.items_where(PARTNER_ACTIVITY, "partnerId", PARTNER)
    (failure,) = row.data["failures"]
    assert (failure["documentType"], failure["kind"]) == ("810", "validation_error")
    assert row.data["lines"][0]["daily"][:-1] == [0] * 29


def test_error_text_of_a_counted_document_does_not_reach_wix(local_cloud: LocalEnvironment) -> None:
    bodies = "".join(str(request["body"]) for request in local_cloud.wix.requests())

    assert "not on manifest" not in bodies
