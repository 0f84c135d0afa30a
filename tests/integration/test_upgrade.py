"""A stack of the first release, with data and with messages that wait, is upgraded to this one.

No event is lost, no row is rewritten that did not change, no message is sent twice. The first
release runs its own code here, on its own template; then ``sam deploy`` updates its stack.
"""

import json
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest

from gridwix.clients.aws.item_schemas import SCHEMA_VERSION
from gridwix.models.portal.collection_ids import (
    ONBOARDING_PROGRESS,
    ONBOARDING_STEPS,
    OPEN_ISSUES,
    PARTNER_STATUS,
    SERVICE_NOTICES,
)
from ops.bundle import build_bundle
from ops.paths import new_run
from tests.integration.first_release_stack import run_first_release
from tests.integration.upgrade_story import CASE, Upgrade, play_upgrade
from tests.integration.upgrading import Items, Rows, content

KEYS = {
    "BudgetTable": "site",
    "CursorTable": "name",
    "LedgerTable": "row",
    "RefusedItemTable": "row",
    "WebhookInboxTable": "id",
}
"""The tables of the first release, and their keys."""


@pytest.fixture(scope="module")
def upgrade() -> Iterator[Upgrade]:
    """One upgrade, which all tests look at."""
    run = new_run("upgrade")
    template = build_bundle(run / "sam-build.log")
    with run_first_release(run) as world:
        yield play_upgrade(world, template)


def rewritten(before: Rows, after: Rows) -> dict[tuple[str, str], tuple[Any, Any]]:
    """Rows that Wix has written again, with their content before and after."""
    return {
        (collection, identifier): (content(known), content(after[collection][identifier]))
        for collection, rows in before.items()
        for identifier, known in rows.items()
        if identifier in after[collection]
        and known["_updatedDate"] != after[collection][identifier]["_updatedDate"]
    }


def keys(items: Items, table: str) -> set[str]:
    return {item[KEYS[table]]["S"] for item in items[table]}


def test_messages_of_the_first_release_wait_when_its_stack_is_updated(upgrade: Upgrade) -> None:
    for function in ("status_publisher", "notice_publisher", "onboarding_sync", "reconciler"):
        assert upgrade.waiting[function] > 0, upgrade.waiting


def test_update_when_done_has_kept_every_item_as_it_was(upgrade: Upgrade) -> None:
    assert set(upgrade.before) == set(KEYS)
    for table in KEYS:
        assert upgrade.before[table] or table == "RefusedItemTable"
        for item in upgrade.before[table]:
            # Shape 1 has no number.
            assert SCHEMA_VERSION not in item
            # `gridwix setup` has spent some of the site's budget.
            assert item in upgrade.deployed[table] or table == "BudgetTable"
    assert {table: keys(upgrade.before, table) for table in KEYS} == {
        table: keys(upgrade.deployed, table) for table in KEYS
    }


def test_items_of_the_first_release_when_written_again_get_a_number(upgrade: Upgrade) -> None:
    assert keys(upgrade.before, "LedgerTable") <= keys(upgrade.after, "LedgerTable")
    numbers = {
        item["row"]["S"]: item.get(SCHEMA_VERSION, {}).get("N")
        for item in upgrade.after["LedgerTable"]
    }
    assert numbers[f"OpenIssues#{CASE}"] == "3"


def test_every_waiting_event_when_read_by_this_release_reaches_its_row(upgrade: Upgrade) -> None:
    before, after, _ = upgrade.rows

    case = after[OPEN_ISSUES][CASE]
    assert [one["text"] for one in case["comments"]][-1] == "We have found the cause."
    assert upgrade.notice in after[SERVICE_NOTICES]
    assert upgrade.notice not in before[SERVICE_NOTICES]
    assert after[ONBOARDING_STEPS]["supplier-na.tax_form.en"]["dueInDays"] == 7
    assert after[PARTNER_STATUS].keys() == upgrade.expected.keys()
    assert {identifier: row["headline"] for identifier, row in after[PARTNER_STATUS].items()} == {
        identifier: row["headline"] for identifier, row in upgrade.expected.items()
    }
    assert set(upgrade.dead.values()) == {0}, upgrade.dead


def test_no_row_when_unchanged_is_rewritten_by_the_upgrade(upgrade: Upgrade) -> None:
    before, after, resynced = upgrade.rows
    by_messages, by_resync = rewritten(before, after), rewritten(after, resynced)

    assert by_messages
    assert by_resync
    for changed in (by_messages, by_resync):
        assert [row for row, (old, new) in changed.items() if old == new] == []
    # A row of which no field came later is not written, even when all are published again.
    quiet = [rows[SERVICE_NOTICES][upgrade.quiet] for rows in upgrade.rows]
    assert quiet == [quiet[0]] * 3
    # A partner of whom nothing waited keeps its row until somebody asks for it.
    assert any(
        known == after[ONBOARDING_PROGRESS].get(identifier)
        for identifier, known in before[ONBOARDING_PROGRESS].items()
    )


def test_no_row_when_published_is_written_twice(upgrade: Upgrade) -> None:
    for written in upgrade.written:
        assert [row for row, times in Counter(written).items() if times > 1] == []
    assert upgrade.again == []


def test_comparison_that_the_first_release_began_when_finished_closes_its_counts(
    upgrade: Upgrade,
) -> None:
    report = upgrade.report

    assert report.rows == len(upgrade.rows[0][PARTNER_STATUS])
    assert (report.missing, report.extra, report.removed, report.guard) == (0, 0, 0, None)
    # The baseline of the first release was read.
    assert report.previously_listed == report.listed
    assert json.loads(upgrade.baseline)["listed"] == report.listed


def test_message_when_its_event_comes_over_every_way_is_sent_once(upgrade: Upgrade) -> None:
    campaigns = Counter(row["campaign"] for row in upgrade.messages)

    assert upgrade.repeated >= 6
    assert campaigns["case-awaiting-partner"] == 1, campaigns
    assert set(campaigns.values()) == {1}
    assert upgrade.mails["case-awaiting-partner"] == 1
    assert set(upgrade.mails.values()) == {1}
