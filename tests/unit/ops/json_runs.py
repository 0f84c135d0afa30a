"""One run of each command over fakes, with ``--json``, and what its document must have."""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from gridwix.clients.aws.refused import DynamoDBRefusedItems
from gridwix.errors import Forbidden
from gridwix.models.cursors import FeedCursor
from gridwix.models.ids import CollectionId, PartnerId, WixItemId
from gridwix.models.journal import JournalEntry, JournalOutcome
from gridwix.models.portal.collection_ids import PEOPLE_HISTORY
from gridwix.models.wix import BulkOutcome, DataItem, Refusal
from gridwix.partner_messenger.dispatches import Dispatch, DispatchState
from gridwix.partner_messenger.outbox_table import INDEX, DynamoDBOutbox
from gridwix.partner_requests.submissions import HoldReason, Stage
from gridwix.publication.models import RowKey
from ops.consumers import Consumer, EventSource
from ops.erasure.subject import Subject
from ops.overview import Overview, PublicationRun
from ops.paths import ROOT
from ops.pause_notes import PauseNote
from ops.pausing import QueueMapping, Switch
from ops.probes import Finding
from ops.queues import Depth
from ops.smoke import SmokeResult
from ops.stack import QueuePair, Stack
from ops.story.endings import list_endings
from ops.story.reading import BusyQueue, Story
from ops.story.rows import RowState
from ops.timers import READERS, CursorState
from tests.command_output import printed_document
from tests.factories import BALTIC, PRAIRIE_GOLD, submission
from tests.fakes.aws import OneAtATime, as_client, create_journal_table, create_table
from tests.fakes.intake import FakeInbox
from tests.fakes.secrets_manager import FakeSecretsManager
from tests.unit.ops.erasure.test_run import FakeStore
from tests.unit.ops.explanation.world import World

NOW = datetime(2026, 11, 29, 9, 30, tzinfo=UTC)
MEMBER = "0b6f1a52-7f0e-4d4b-9a59-0d6f3c8f6a11"
ISSUE = RowKey(CollectionId("OpenIssues"), WixItemId("case_1"))


@dataclass
class Deployed:
    """A stack over fakes. ``outputs`` and clients are what a run gives it."""

    patch: pytest.MonkeyPatch
    folder: Path
    tables: OneAtATime

    def serve(self, outputs: Mapping[str, str], **clients: Any) -> Stack:
        """Let commands find a stack with these outputs and AWS clients."""
        aws: Any = SimpleNamespace(dynamodb=as_client(self.tables), sqs=Queue(), **clients)
        stack = Stack("gridwix", outputs, aws)
        self.patch.setattr(Stack, "read", lambda *_: stack)
        return stack

    def replace(self, name: str, value: Any) -> None:
        """Replace a name of ``ops.commands``."""
        self.patch.setattr(f"ops.commands.{name}", value)


class Queue:
    """An SQS client whose queues take every message, and have no tags."""

    def send_message(self, **_: str) -> None: ...

    def list_queue_tags(self, **_: str) -> Any:
        return {"Tags": {"gridwix:paused-at": NOW.isoformat(), "gridwix:paused-by": "user/ann"}}


class Site:
    """A Wix site with one partner, and one member who acts for it."""

    link = DataItem(
        WixItemId("link-1"),
        {
            "memberId": MEMBER,
            "partnerId": BALTIC,
            "role": "edi",
            "verifiedBy": "hub",
            "verifiedAt": NOW,
        },
    )

    def items_where(self, collection: str, *_: str) -> Sequence[DataItem]:
        return [] if collection in ("InvitationRedemptions", "MemberSettings") else [self.link]

    def query_pages(self, *_: str, **__: Any) -> Iterator[Any]:
        # Site editors can empty fields.
        yield SimpleNamespace(items=[self.link, DataItem(WixItemId("link-2"), {})])

    def get_item(self, _: str, __: str) -> DataItem | None:
        return None

    def insert_item(self, _: str, item: DataItem) -> DataItem:
        return item

    save_item = insert_item

    def bulk_insert(self, collection: CollectionId, items: Sequence[DataItem]) -> BulkOutcome:
        assert collection == PEOPLE_HISTORY
        return BulkOutcome(frozenset(one.id for one in items), ())

    def remove_item(self, _: str, __: str) -> None: ...


@contextmanager
def _connected(*_: Any, **__: Any) -> Iterator[Any]:
    answer = {"members": [{"id": MEMBER, "loginEmail": "dana@partner.example"}]}
    site = SimpleNamespace(call=lambda *_, **__: answer)
    yield SimpleNamespace(wix=Site(), site=site, community=None)


def run_status(world: Deployed) -> None:
    world.serve({})
    overview = Overview(
        now=NOW.timestamp(),
        consumers=(
            Consumer(
                "status_publisher",
                Depth(5, 1, 2),
                Depth(3, 0, 0),
                sources=(EventSource("uuid-1", "Disabled"),),
                oldest=90.0,
                pause=PauseNote(NOW, "user/ann"),
            ),
        ),
        cursors=(CursorState(READERS[0], FeedCursor(), None),),
        refused=2,
        runs=(PublicationRun(NOW.timestamp(), "status_publisher", 4, {"written": 3}),),
    )
    world.replace("status.read_overview", lambda *_: overview)

    document = printed_document("status", code=1)

    assert document["healthy"] is False
    assert document["queues"][0]["pausedSince"] == "2026-11-29T09:30:00Z"
    assert document["queues"][0]["deadLetters"] == 3
    assert document["publications"][0]["rows"] == {"written": 3}
    assert [one["subject"] for one in document["faults"]][-1] == "refused items"


def run_doctor(world: Deployed) -> None:
    world.serve({})
    findings = [
        Finding("AWS", "queues", True, "all are read"),
        Finding("Wix", "items", False, "401: see docs/runbook.md"),
        Finding("Wix", "media", False, "no time", skipped=True),
        Finding("Portal", "rings", False, "off", absent=True),
    ]
    world.replace("doctor.examine_stack", lambda *_, **__: findings)

    document = printed_document("doctor", code=1)

    verdicts = {one["capability"]: one["verdict"] for one in document["findings"]}
    assert verdicts == {"queues": "works", "items": "fault", "media": "skipped", "rings": "absent"}
    assert (document["faults"], document["skipped"]) == (1, 1)


def run_trace(world: Deployed) -> None:
    world.serve({})
    entry = JournalEntry(
        record="cases/case_1",
        at=NOW.timestamp(),
        function="notice_publisher",
        outcome=JournalOutcome.DONE,
        event_id="evt_7",
        event_type="case.updated",
        rows={"OpenIssues#case_1": "written"},
    )
    story = Story(
        "case_1",
        ("cases/case_1",),
        (entry,),
        (RowState(ISSUE, None),),
        endings=list_endings([entry], {}),
        submissions=(submission("sub_1"),),
        queues=(BusyQueue("notice_publisher", 1, 0),),
    )
    world.replace("trace.read_story", lambda *_, **__: story)

    assert printed_document("trace", "case_1")["steps"][0]["event"] == "evt_7"


def run_explain(world: Deployed) -> None:
    world.serve({})
    site = World()
    site.publish("PartnerStatus", BALTIC)
    world.replace("explain.explain_row", lambda _, key: site.explain(key.collection, key.item_id))

    assert printed_document("explain", f"PartnerStatus/{BALTIC}")["right"] is True


def run_smoke(world: Deployed) -> None:
    world.serve({"BusName": "bus", "JournalTableName": "journal"}, events=None)
    settings = SimpleNamespace(trading_grid_company_id="HUB")
    world.replace("smoke.publisher_settings", lambda _: settings)
    world.replace("smoke.shared_budget", lambda *_: None)
    world.replace("smoke.connect", _connected)
    result = SmokeResult("evt_9", f"PartnerStatus#{BALTIC}", "written", 4.2)
    world.patch.setattr("ops.smoke.SmokeTest.run", lambda *_: result)

    assert printed_document("smoke", "--partner", BALTIC)["seconds"] == 4.2


def run_test_alarm(world: Deployed) -> None:
    cloudwatch = SimpleNamespace(
        describe_alarms=lambda **_: {
            "MetricAlarms": [
                {"AlarmName": "a-1", "StateValue": "OK", "AlarmActions": ["arn:aws:sns:eu:1:t"]}
            ]
        },
        set_alarm_state=lambda **_: None,
        describe_alarm_history=lambda **_: {
            "AlarmHistoryItems": [{"HistorySummary": "Successfully executed action arn:aws:sns"}]
        },
    )
    stack = world.serve({}, cloudwatch=cloudwatch)
    resources = {"AWS::CloudWatch::Alarm": {"FirstAlarm": "a-1"}}
    world.patch.setattr(type(stack), "read_resources", lambda _: resources)
    world.replace("alarm_trial.check_alarm_topic", lambda _: "2 subscriptions of t")

    document = printed_document("test-alarm", "--yes")

    assert (document["alarm"], document["sent"]) == ("FirstAlarm", True)


def run_pause(world: Deployed) -> None:
    _, stopped = _switches(world)

    document = printed_document("pause", "--all", "--yes")

    changed = {one["function"]: one["changed"] for one in document["functions"]}
    assert changed == {"status_publisher": True, stopped.name: False}
    assert document["functions"][0]["pausedBy"] == "user/ann"


def run_resume(world: Deployed) -> None:
    running, _ = _switches(world)

    document = printed_document("resume", "--all", "--yes")

    changed = {one["function"]: one["changed"] for one in document["functions"]}
    assert changed == {running.name: False, "notice_publisher": True}


def _switches(world: Deployed) -> tuple[Switch, Switch]:
    """Serve one function that runs and one that is paused. Pausing itself does nothing."""
    names = {"StatusPublisher": "Enabled", "NoticePublisher": "Disabled"}
    world.serve(
        {f"{name}{kind}": "url" for name in names for kind in ("QueueUrl", "DeadLetterQueueUrl")},
        caller="user/ann",
    )
    note = PauseNote(NOW, "user/ann")
    running, stopped = (
        Switch(
            QueuePair(name, "url", "url"),
            (QueueMapping("uuid", state, NOW),),
            note if state == "Disabled" else None,
            1_209_600,
            12,
        )
        for name, state in (("status_publisher", "Enabled"), ("notice_publisher", "Disabled"))
    )
    known = {one.name: one for one in (running, stopped)}
    world.replace("pause.read_switch", lambda _, pair: known[pair.name])
    for name in ("pause_functions", "resume_functions"):
        world.replace(f"pause.{name}", lambda *_, **__: None)
    return running, stopped


def run_resync(world: Deployed) -> None:
    world.serve({"CursorTableName": "cursors", "TradingGridFeedQueueUrl": "url"})
    world.replace("resync.request_resync", lambda *_: None)

    assert printed_document("resync", "--yes")["queued"] is True


def run_refused(world: Deployed) -> None:
    table = create_table(world.tables, "row")
    stack = world.serve({"RefusedItemTableName": table})
    items = DynamoDBRefusedItems(stack.aws.dynamodb, table)
    for number, name in enumerate(("case_1", "case_2")):
        refusal = Refusal(ISSUE.collection, WixItemId(name), "WDE0074", "too\x1blong")
        items.add([refusal], function="status_publisher", at=NOW.timestamp() + number)

    document = printed_document("refused")

    assert [one["id"] for one in document["items"]] == ["case_2", "case_1"]
    assert document["items"][1]["at"] == "2026-11-29T09:30:00Z"
    assert document["items"][1]["description"] == "too\x1blong"


def run_submissions(world: Deployed) -> None:
    table = create_journal_table(world.tables)
    world.serve(
        {
            "SubmissionTableName": "submissions",
            "FormIntakeQueueUrl": "url",
            "JournalTableName": table,
        }
    )
    inbox = FakeInbox()
    inbox.accept(submission("sub_1", stage=Stage.HELD, held_for=HoldReason.INVALID))
    world.replace("submissions.DynamoDBSubmissionInbox", lambda *_, **__: inbox)

    (held,) = printed_document("submissions")["submissions"]
    nothing = printed_document("submissions", "--waiting")
    released = printed_document("submissions", "--release", "sub_1", "--yes")

    assert (held["id"], held["heldFor"]) == ("sub_1", "invalid")
    assert "Dana" not in str(held)
    assert (nothing["submissions"], nothing["released"]) == ([], None)
    assert (released["released"], released["changed"]) == ("sub_1", ["sub_1"])


def run_form_address(world: Deployed) -> None:
    secret = '{"signingSecrets": [7, "whsec_#", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"]}'
    secrets = SimpleNamespace(get_secret_value=lambda **_: {"SecretString": secret})
    outputs = {"WixWebhookSecretName": "name", "WixWebhookUrl": "https://api.example"}
    world.serve(outputs, secrets=secrets)

    document = printed_document("form-address", "invoice-question")

    assert document["url"].startswith("https://api.example/forms/invoice-question?signature=")


def run_secret_set(world: Deployed) -> None:
    secret = "gridwix/trading-grid/webhook"
    secrets = FakeSecretsManager(**{secret: {"secrets": ["whsec_b2xk"]}})
    world.serve({}, secrets=secrets)
    new = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
    world.replace("secret.read_values", lambda *_: {"secrets": new})
    words = ("trading-grid/webhook", "--yes")

    added = printed_document("secret set", *words, "--file", "f")
    removed = printed_document("secret set", *words, "--remove-old", "--untried")

    assert (added["secret"], added["fields"], added["change"]) == (secret, ["secrets"], "added")
    assert (removed["change"], removed["removed"], removed["tried"]) == ("removed", 1, None)
    assert new not in str((added, removed))


def run_secret_check(world: Deployed) -> None:
    secret = "gridwix/trading-grid/webhook"
    world.serve({}, secrets=FakeSecretsManager(**{secret: {"secrets": ["whsec_b2xk", 7]}}))

    document = printed_document("secret check", code=1)

    assert [(one["place"], one["fault"]) for one in document["verdicts"]] == [
        (1, None),
        (2, "is no text"),
    ]
    assert len(document["empty"]) == 4


def run_secret_restore(world: Deployed) -> None:
    secrets = FakeSecretsManager(**{"gridwix/wix/automation": {"emailUrl": "https://a.example"}})
    secrets.put_secret_value(SecretId="gridwix/wix/automation", SecretString="{}")
    world.serve({}, secrets=secrets)

    document = printed_document("secret restore", "wix/automation", "--yes")

    assert document["secret"] == "gridwix/wix/automation"
    assert secrets.value("gridwix/wix/automation") == {"emailUrl": "https://a.example"}


def run_invite(world: Deployed) -> None:
    world.serve({})
    world.replace("members.connect", _connected)

    document = printed_document("invite", BALTIC, "--role", "edi", "--yes")

    assert (document["partner"], document["role"]) == (BALTIC, "edi")
    assert len(document["code"].replace("-", "")) == 32


def run_erase(world: Deployed) -> None:
    world.serve({})
    member = Subject(members=frozenset({MEMBER}), emails=frozenset({"dana@partner.example"}))
    failing = Forbidden("no", system="wix", status=403)
    stores = FakeStore("rows", {"row-1"}), FakeStore("members", {MEMBER})
    world.replace("erase.connect", _connected)
    world.replace("erase.find_subject", lambda *_: member)
    world.replace("erase.personal_stores", lambda *_: stores)

    dry = printed_document("erase", "--person", MEMBER, "--dry-run")
    stores[1].failure = failing
    stopped = printed_document("erase", "--person", MEMBER, "--yes", code=1)
    stores[1].failure = None
    done = printed_document("erase", "--person", MEMBER, "--yes")

    assert [one["removed"] for one in dry["stores"]] == [None, None]
    assert [one["removed"] for one in stopped["stores"]] == [1, 0]
    assert [one["fault"] for one in stopped["stores"]] == [None, "upstream_forbidden: no"]
    assert [one["outcome"] for one in (dry, stopped, done)] == ["dry_run", "incomplete", "erased"]
    assert (done["of"], done["ids"]) == ("person", [MEMBER])
    assert "dana@" not in str((dry, stopped, done))


def run_link(world: Deployed) -> None:
    world.serve({})
    world.replace("members.connect", _connected)

    assert printed_document("link", MEMBER, BALTIC, "--role", "edi", "--yes") == {
        "member": MEMBER,
        "partner": BALTIC,
        "role": "edi",
    }


def run_unlink(world: Deployed) -> None:
    world.serve({})
    world.replace("members.connect", _connected)

    document = printed_document("unlink", MEMBER, "--yes")

    assert document["partners"] == [BALTIC]
    assert document["erased"] == 1


def run_links(world: Deployed) -> None:
    world.serve({})
    world.replace("members.connect", _connected)

    full, empty = printed_document("links")["links"]

    assert full["since"] == "2026-11-29T09:30:00Z"
    assert (empty["member"], empty["since"]) == ("", None)


def run_campaign_list(_: Deployed) -> None:
    campaigns = {one["campaign"]: one for one in printed_document("campaign list")["campaigns"]}

    assert campaigns["certificate-expires"]["ahead"]["days"]
    assert campaigns["case-reminder"]["afterHours"]
    assert "en" in campaigns["case-opened"]["languages"]


def run_campaign_preview(_: Deployed) -> None:
    sample = str(ROOT / "events/partner_messenger/case_awaiting_partner.json")

    document = printed_document("campaign preview", "case-awaiting-partner", "--event", sample)

    assert document["subject"].startswith("cases/")
    assert document["wouldBeSent"] is (document["reason"] is None)


def run_campaign_failed(world: Deployed) -> None:
    table = create_table(world.tables, "id", index=(INDEX, "waiting", "dueAt"))
    stack = world.serve({"DispatchTableName": table, "PartnerMessengerQueueUrl": "url"})
    outbox = DynamoDBOutbox(stack.aws.dynamodb, table, time.time)
    (one,) = outbox.add_dispatches(
        [
            Dispatch(
                id="d-1",
                channel="email",
                campaign="review",
                occasion="evt_1",
                subject="cases/case_1",
                partner_id=PartnerId(PRAIRIE_GOLD),
                since=NOW,
                due_at=NOW,
            )
        ]
    )
    outbox.settle_dispatch(one, DispatchState.FAILED, reason="template")

    (failed,) = printed_document("campaign failed")["dispatches"]
    retried = printed_document("campaign failed", "--retry", "d-1", "--yes")

    assert (failed["id"], failed["state"], failed["reason"]) == ("d-1", "failed", "template")
    assert retried == {"dispatches": [], "retried": "d-1"}


def run_build(world: Deployed) -> None:
    world.replace("build.build_bundle", lambda _: world.folder / "template.yaml")
    world.replace("build.new_run", lambda _: world.folder)

    assert printed_document("build") == {"template": str(world.folder / "template.yaml")}


RUNS: Mapping[str, Callable[[Deployed], None]] = {
    "build": run_build,
    "campaign failed": run_campaign_failed,
    "campaign list": run_campaign_list,
    "campaign preview": run_campaign_preview,
    "doctor": run_doctor,
    "erase": run_erase,
    "explain": run_explain,
    "form-address": run_form_address,
    "invite": run_invite,
    "link": run_link,
    "links": run_links,
    "pause": run_pause,
    "refused": run_refused,
    "resume": run_resume,
    "resync": run_resync,
    "secret check": run_secret_check,
    "secret restore": run_secret_restore,
    "secret set": run_secret_set,
    "smoke": run_smoke,
    "status": run_status,
    "submissions": run_submissions,
    "test-alarm": run_test_alarm,
    "trace": run_trace,
    "unlink": run_unlink,
}
