"""An unreadable record through the deployed stack.

It is reported, isolated, and healed once corrected.
"""

import pytest

from gridwix.clients.aws.refused import DynamoDBRefusedItems
from gridwix.models.ids import CompanyId, PartnerId, WixItemId
from gridwix.models.portal.collection_ids import PARTNER_STATUS
from gridwix.publication.resync import resync_change
from ops.local_environment import LocalEnvironment

BEFORE, ODD, AFTER = "GC080000000160", "GC080000000161", "GC080000000162"


def forget(local: LocalEnvironment, partner: str) -> None:
    """Remove a partner's row from the portal and from the ledger."""
    local.connections.wix.remove_item(PARTNER_STATUS, WixItemId(partner))
    local.stack.aws.dynamodb.delete_item(
        TableName=local.stack.output("LedgerTableName"),
        Key={"row": {"S": f"{PARTNER_STATUS}#{partner}"}},
    )


def ask_for(local: LocalEnvironment, *partners: str) -> None:
    """Request a resync of these partners."""
    company = CompanyId(local.trading_grid.info()["companyId"])
    entries = []
    for partner in partners:
        wish = resync_change(
            f"partners/{partner}",
            PartnerId(partner),
            event_id=f"faults-{partner}",
            at=0.0,
            company_id=company,
        )
        detail = wish.model_dump_json(by_alias=True, exclude_none=True)
        entries.append(
            {
                "EventBusName": local.stack.output("BusName"),
                "Source": "gridwix.trading_grid",
                "DetailType": wish.type,
                "Detail": detail,
            }
        )
    assert local.stack.aws.events.put_events(Entries=entries)["FailedEntryCount"] == 0  # type: ignore[arg-type]


def published(local: LocalEnvironment) -> dict[str, dict[str, object]]:
    """Return the rows of the three partners, without Wix's own fields such as the creation date."""
    rows = {
        partner: row
        for partner, row in local.partner_rows().items()
        if partner in (BEFORE, ODD, AFTER)
    }
    return {
        partner: {name: value for name, value in row.items() if not name.startswith("_")}
        for partner, row in rows.items()
    }


def test_partner_that_cannot_be_read_is_named_its_neighbours_are_published_and_a_sweep_heals_it(
    local_cloud: LocalEnvironment,
) -> None:
    if local_cloud.own_gateway is not None:
        pytest.skip("only the emulator returns records that cannot be read")
    store = DynamoDBRefusedItems(
        local_cloud.stack.aws.dynamodb, local_cloud.stack.output("RefusedItemTableName")
    )
    right = published(local_cloud)
    local_cloud.trading_grid.order(
        "spoilt", {"record": f"partners/{ODD}", "as": {"id": ODD, "name": None, "version": 7}}
    )
    try:
        for partner in right:
            forget(local_cloud, partner)
        ask_for(local_cloud, *right)
        local_cloud.wait_for(
            lambda: {BEFORE, AFTER} <= local_cloud.partner_rows().keys(), "the neighbours' rows"
        )
        local_cloud.wait_for(
            lambda: any(item.refusal.item_id == ODD for item in store.list_items()),
            "the name of the record at fault",
        )
        shown = set(local_cloud.partner_rows())
        named = [item.refusal for item in store.list_items() if item.refusal.item_id == ODD]
    finally:
        local_cloud.trading_grid.clear("spoilt")
    local_cloud.stack.aws.sqs.send_message(
        QueueUrl=local_cloud.stack.output("ReconcilerQueueUrl"), MessageBody='{"mode": "sweep"}'
    )
    local_cloud.wait_for(
        lambda: not any(item.refusal.item_id == ODD for item in store.list_items()),
        "the sweep to forget the fault",
    )
    local_cloud.wait_until_idle()

    assert ODD not in shown
    assert [(refusal.collection, refusal.code) for refusal in named] == [
        ("partners", "record_fault")
    ]
    assert "name missing" in named[0].description
    assert published(local_cloud) == right
