"""The command against a running stack, as an operator uses it: the AWS environment says where."""

import json
import re
import subprocess
import time

import pytest

from gridwix.clients.aws.refused import DynamoDBRefusedItems
from gridwix.models.cursors import FeedCursor
from gridwix.models.ids import CollectionId, WixItemId
from gridwix.models.publication import RowKey
from gridwix.models.wix import Refusal
from gridwix.services.feed import CURSOR_NAME
from ops.collections import definitions
from ops.paths import ROOT
from ops.queues import depth
from ops.world import STACK_NAME, World

EVERY_SECRET = ("consumerSecret", "apiKey", "appSecret")


def gridwix(world: World, *arguments: str) -> tuple[int, str]:
    """Run the command; its exit code, and what it printed."""
    environment = {**world.cloud.environment(), "PATH": "/usr/bin:/bin"}
    command = [str(ROOT / ".venv/bin/gridwix"), *arguments, "--stack", STACK_NAME]
    done = subprocess.run(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    return done.returncode, done.stdout


def test_doctor_finds_that_everything_works_and_tells_no_secret(local_cloud: World) -> None:
    code, shown = gridwix(local_cloud, "doctor")

    assert code == 0, shown
    assert "✗" not in shown
    assert len(re.findall("✓", shown)) == 12 + len(definitions()), shown
    secrets = {**local_cloud.trading_grid.info(), **local_cloud.wix.info()}
    assert not [name for name in EVERY_SECRET if secrets[name] in shown]


def test_doctor_when_trading_grid_does_not_know_the_key_says_so_and_goes_on(local_cloud: World) -> None:
    output = "TradingGridCredentialsSecretName"
    good = {name: local_cloud.trading_grid.info()[name] for name in ("consumerKey", "consumerSecret")}
    local_cloud.stack.put_secret(output, {**good, "consumerSecret": "rotated-elsewhere"})
    try:
        code, shown = gridwix(local_cloud, "doctor")
    finally:
        local_cloud.stack.put_secret(output, good)

    assert code == 1
    assert "upstream_unauthenticated" in shown
    assert "rotated-elsewhere" not in shown
    assert "administrators only" in shown


def test_setup_of_a_portal_that_is_set_up_changes_nothing(local_cloud: World) -> None:
    code, shown = gridwix(local_cloud, "setup")
    dry, said = gridwix(local_cloud, "setup", "--dry-run")
    assert (dry, "would be" in said) == (0, False), said

    assert (code, "PartnerStatus: unchanged" in shown) == (0, True), shown


def test_status_of_a_stack_that_works_shows_no_dead_letters(local_cloud: World) -> None:
    code, shown = gridwix(local_cloud, "status")

    assert code == 0, shown
    assert "status_publisher" in shown
    assert "Refused items  none" in shown


def test_resync_publishes_every_partner_anew_and_writes_no_row_that_is_right(local_cloud: World) -> None:
    local_cloud.wait_until_idle()
    before, revision = local_cloud.wix.writes("PartnerStatus"), local_cloud.cursors.read(CURSOR_NAME).revision

    code, shown = gridwix(local_cloud, "resync")

    assert code == 0, shown
    local_cloud.wait_for(lambda: _has_resynced(local_cloud.cursors.read(CURSOR_NAME), revision), "the resync to end")
    local_cloud.wait_until_idle()
    assert local_cloud.wix.writes("PartnerStatus") == before


def test_redrive_sends_dead_letters_back_to_be_worked_on(local_cloud: World) -> None:
    sqs, pair = local_cloud.stack.aws.sqs, local_cloud.stack.queue("trading_grid_feed")
    sqs.send_message(QueueUrl=pair.dead_letter_url, MessageBody=json.dumps({"reason": "schedule"}))
    assert gridwix(local_cloud, "status")[0] == 1

    code, shown = gridwix(local_cloud, "redrive", "trading-grid-feed")

    assert (code, "1 messages are back" in shown) == (0, True), shown
    assert depth(sqs, pair.dead_letter_url).total == 0
    local_cloud.wait_until_idle()


def test_refused_lists_what_wix_did_not_take(local_cloud: World) -> None:
    refused = DynamoDBRefusedItems(local_cloud.stack.aws.dynamodb, local_cloud.stack.output("RefusedItemTableName"))
    key = RowKey(CollectionId("PartnerStatus"), WixItemId("GC055120098871"))
    refused.add([Refusal(key.collection, key.item_id, "WDE0009", "Too large [for Wix]")], function="status_publisher", at=time.time())
    try:
        code, shown = gridwix(local_cloud, "refused")
        unhealthy, _ = gridwix(local_cloud, "status")
    finally:
        refused.clear([key])

    assert (code, unhealthy) == (0, 1)
    assert re.search(r"GC055120098871.*WDE0009.*\[for Wix\]", shown), shown


@pytest.mark.parametrize("arguments", [("redrive", "nobody"), ("status", "--stack", "no-such-stack")])
def test_a_mistake_is_told_in_a_line(local_cloud: World, arguments: tuple[str, ...]) -> None:
    environment = {**local_cloud.cloud.environment(), "PATH": "/usr/bin:/bin"}
    stack = () if "--stack" in arguments else ("--stack", STACK_NAME)

    done = subprocess.run([ROOT / ".venv/bin/gridwix", *arguments, *stack], cwd=ROOT, env=environment, capture_output=True, text=True, check=False)

    assert done.returncode == 1
    assert len(done.stdout.splitlines()) == 1
    assert "Traceback" not in done.stdout + done.stderr


def test_reconcile_of_one_collection_shows_what_it_found(local_cloud: World) -> None:
    local_cloud.wait_until_idle()

    code, shown = gridwix(local_cloud, "reconcile", "--collection", "OnboardingSteps", "--dry-run")

    assert code == 0, shown
    assert re.search(r"OnboardingSteps +│ +\d+ +│ +\d+ +│ +0 +│ +0", shown), shown


def test_reconcile_of_a_collection_that_there_is_not_names_those_that_there_are(local_cloud: World) -> None:
    code, shown = gridwix(local_cloud, "reconcile", "--collection", "Nothing")

    assert code == 1
    assert "PartnerStatus" in shown


def _has_resynced(cursor: FeedCursor, revision: int) -> bool:
    """Forgotten, begun and listed: three advances at least."""
    return cursor.revision >= revision + 3 and cursor.cursor is not None and not cursor.resyncing
