"""Campaigns as a partner manager writes and previews them."""

import json
import shutil
import time
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from typer.testing import CliRunner

from gridwix.configuration.campaigns import FIELDS, TRIGGERS
from gridwix.mapping.cloud_events import KNOWN_TYPES
from gridwix.models.events import Change
from gridwix.partner_messenger.dispatches import Dispatch, DispatchState
from gridwix.partner_messenger.outbox_table import INDEX, DynamoDBOutbox
from ops.campaigns import SAMPLE_CODE, preview_campaign, read_event, sample_fields
from ops.cli import app
from ops.configuration import FOLDER, ConfigurationFault, load_configuration
from ops.errors import OpsError
from ops.paths import ROOT
from tests.factories import NOW, PRAIRIE_GOLD, case, check, cloud_event, partner
from tests.fakes.aws import as_client, create_table, dynamodb
from tests.fakes.messaging import FakeInvitations
from tests.fakes.trading_grid import FakeTradingGrid

EVENTS = ROOT / "events"
REVIEW = "campaigns/compliance-review-completed.yaml"


def edited(tmp_path: Path, old: str, new: str, name: str = REVIEW) -> tuple[Path, int]:
    """A copy of ``config/`` with a text replaced, and the line of it."""
    folder = Path(shutil.copytree(FOLDER, tmp_path / "config"))
    text = (folder / name).read_text()
    assert old in text
    (folder / name).write_text(text.replace(old, new, 1))
    return folder, text[: text.index(old)].count("\n") + 1


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (
            "  events: [compliance.status_changed]",
            "  events: [compliance.changed]",
            "compliance.changed begins no campaign; these do: ",
        ),
        (
            "  events: [compliance.status_changed]",
            "  events: [compliance.status_changed, case.created]",
            "about different kinds of records",
        ),
        ("  when: {status:", "  when: {state:", "a check has no state; it has category, due_on"),
        (
            "channels: [portal, email]",
            "channels: [portal, fax]",
            "input should be 'portal', 'inbox' or 'email'",
        ),
        ("channels: [portal, email]", "channels: [email, email]", "a channel is named twice"),
        (
            "kind: transactional\ngroup: compliance",
            "kind: transactional\noptional: true",
            "optional needs a group",
        ),
        (
            "kind: transactional",
            "kind: transactional\nimportance: important\noptional: true",
            "optional is for what is not important",
        ),
        (
            "channels: [portal, email]",
            "channels: [portal]\noptional: true",
            "optional is for what is not important",
        ),
        (
            "kind: transactional",
            "kind: transactional\nimportance: important\ndigest: true",
            "a digest is for what is not important",
        ),
        (
            "kind: transactional",
            "kind: transactional\nmax_age_hours: 0",
            "greater than or equal to 1",
        ),
        ("  en:\n", "  it:\n", "the texts need at least en"),
        (
            "  events:",
            "  ahead: {field: expires_on, days: [3]}\n  events:",
            "a check has no date expires_on",
        ),
        (
            "  events:",
            "  ahead: {field: due_on, days: [3]}\n  after_hours: [1]\n  events:",
            "ahead has dates of its own: leave out",
        ),
        (
            "  events:",
            "  ahead: {field: due_on, days: [3]}\n  once: record\n  events:",
            "ahead has dates of its own: leave out",
        ),
        (
            "  events:",
            "  changed: [state]\n  events:",
            "a check has no state; it has category, due_on",
        ),
        (
            "  events:",
            "  changed: [due_on]\n  after_hours: [1]\n  events:",
            "changed sends the message at once",
        ),
        (
            "  events:",
            "  changed: [due_on]\n  ahead: {field: due_on, days: [3]}\n  events:",
            "changed sends the message at once",
        ),
        ("  events:", "  once: version\n  events:", "once: version is for documents"),
        (
            "  events: [compliance.status_changed]",
            "  changed: [percent_complete]\n  events: [step.status_changed]",
            "no event of a step says that percent_complete has changed",
        ),
        ("roles: [admin, edi]", "roles: [boss]", "input should be"),
        ("name: Compliance", "nmae: Compliance", "field required: add it (is nmae meant?)"),
    ],
)
def test_campaign_that_makes_no_sense_is_told_where_and_why(
    tmp_path: Path, old: str, new: str, said: str
) -> None:
    folder, line = edited(tmp_path, old, new)

    with pytest.raises(ConfigurationFault) as fault:
        load_configuration(folder)

    shown = [text for text in str(fault.value).splitlines() if said in text]
    assert shown
    assert shown[0].startswith(str(folder / REVIEW))
    assert abs(int(shown[0].removeprefix(f"{folder / REVIEW}:").partition(":")[0]) - line) <= 12


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (
            "{{ record.title }}",
            "{{ record.titel }}",
            "texts.en: 'titel' is undefined: correct the template",
        ),
        ("{{ record.title }}", "{{ record.title ", "texts.en: line 1:"),
        (
            "{{ record.title }}",
            "{{ record.__class__ }}",
            "texts.en: line 1: __class__ cannot be read",
        ),
        (
            "{% if record.next_action %}",
            "{% if true %}",
            "texts.en: nothing cannot be shown: use an if",
        ),
    ],
)
def test_text_that_cannot_be_made_is_told_with_file_line_and_fix(
    tmp_path: Path, old: str, new: str, said: str
) -> None:
    folder, line = edited(tmp_path, old, new)

    with pytest.raises(ConfigurationFault, match="correct the template") as fault:
        load_configuration(folder)

    (shown,) = str(fault.value).splitlines()
    assert said in shown
    assert shown.startswith(f"{folder / REVIEW}:")
    assert 0 <= line - int(shown.removeprefix(f"{folder / REVIEW}:").partition(":")[0]) <= 5


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (
            "EE: Europe/Tallinn",
            "EE: Europe/Talinn",
            r"time_zones\.EE: .*there is no such time zone",
        ),
        ("keep_days: 365", "keep_days: 13", r"keep_days: .*greater than or equal to 14"),
        ("keep_days: 365", "keep_days: 366", r"keep_days: .*less than or equal to 365"),
    ],
)
def test_messaging_that_makes_no_sense_is_told(
    tmp_path: Path, old: str, new: str, said: str
) -> None:
    folder, _ = edited(tmp_path, old, new, "messaging.yaml")

    with pytest.raises(ConfigurationFault, match=rf"messaging\.yaml:\d+: {said}"):
        load_configuration(folder)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("channels: [email, inbox]", "channels: [email, portal]", "goes to one person"),
        ("channels: [email, inbox]", "channels: [email]\ndigest: true", "goes to one person"),
        ("channels: [email, inbox]", "channels: [email]\ngroup: issues", "goes to one person"),
        (
            "channels: [email, inbox]",
            "channels: [email]\naudience: {roles: [edi]}",
            "goes to one person",
        ),
        (
            "  events: [invitation.created]",
            "  events: [invitation.created]\n  when: {code: [x]}",
            "a invitation has no code; it has role",
        ),
        (
            "  events: [invitation.created]",
            "  events: [invitation.created]\n  changed: [role]",
            "has no changed members: remove changed",
        ),
        (
            "  events: [invitation.created]",
            "  events: [invitation.created]\n  when: {role: [boss]}",
            "a invitation never has the role boss",
        ),
    ],
)
def test_campaign_of_invitations_that_makes_no_sense_is_told(
    tmp_path: Path, old: str, new: str, said: str
) -> None:
    folder, _ = edited(tmp_path, old, new, "campaigns/invitation.yaml")

    with pytest.raises(ConfigurationFault, match=said):
        load_configuration(folder)


def test_preview_of_an_invitation_reads_its_row_and_shows_no_real_code() -> None:
    change, carried = read_event(EVENTS / "partner_messenger/invitation_created.json")
    source, invitations = FakeTradingGrid(), FakeInvitations()
    source.put(partner())
    invitation = invitations.invite(
        name="Bo Lind", id=change.subject.partition("/")[2], partner_id=PRAIRIE_GOLD
    )
    invitations.rows = {invitation.id: invitation}

    shown = preview_campaign(
        load_configuration(), "invitation", change, carried, "en", source, invitations
    )

    assert "Hello Bo Lind," in shown.text.body
    assert SAMPLE_CODE.code in shown.text.body
    assert (shown.would_not, shown.record_from) == ("", "the site, current")
    invitations.rows.clear()
    with pytest.raises(OpsError, match="the site knows no invitations/"):
        preview_campaign(
            load_configuration(), "invitation", change, carried, "en", source, invitations
        )


def test_every_kind_of_record_has_events_that_are_read_and_a_sample_with_all_its_fields() -> None:
    assert set(TRIGGERS) - {"invitation.created", "access.ended"} <= KNOWN_TYPES
    for kind in FIELDS:
        fields = sample_fields(kind)
        assert set(fields) == FIELDS[kind]
        assert all(value is not None for value in fields.values())


def test_shipped_campaigns_are_in_every_language_of_the_portal() -> None:
    shipped = load_configuration()

    assert all(
        set(campaign.texts) == set(shipped.texts.languages)
        for campaign in shipped.campaigns.values()
    )


@pytest.mark.parametrize(
    ("key", "event", "title"),
    [
        (
            "compliance-review-completed",
            "partner_messenger/compliance_passed",
            "Completed: Cargo insurance, USD 100,000",
        ),
        (
            "invitation",
            "partner_messenger/invitation_created",
            "Your access to the partner portal for Prairie Gold Foods",
        ),
        (
            "step-unlocked",
            "partner_messenger/step_unlocked",
            "You can start: Test 850 > 855 > 856 > 810 round trip",
        ),
        (
            "case-awaiting-partner",
            "partner_messenger/case_awaiting_partner",
            "Issue TG-2026-004711 waits for you",
        ),
        (
            "notice-major",
            "partner_messenger/notice_published",
            "Major: Delayed delivery of 810 to EU mailboxes",
        ),
        (
            "document-published",
            "partner_messenger/document_published",
            "New in your document center: 2026 Routing Guide",
        ),
        (
            "document-updated",
            "partner_messenger/document_updated",
            "Updated routing guide: 2026 Routing Guide",
        ),
        (
            "compliance-review-completed",
            "status_publisher/compliance_passed",
            "Completed: Cargo insurance, USD 100,000",
        ),
    ],
)
def test_preview_of_a_sample_event_shows_the_text(key: str, event: str, title: str) -> None:
    change, carried = read_event(EVENTS / f"{event}.json")

    shown = preview_campaign(load_configuration(), key, change, carried, "en", None)

    assert (shown.text.title, shown.would_not, carried) == (title, "", None)


def test_preview_of_a_webhook_shows_the_record_that_it_carries(tmp_path: Path) -> None:
    change, carried = read_event(EVENTS / "trading_grid_webhook/compliance_passed.json")
    shown = preview_campaign(
        load_configuration(), "compliance-review-completed", change, carried, "de", None
    )
    assert (shown.locale, shown.record_from) == ("de", "the event")

    file = tmp_path / "event.json"
    after = {"id": "chk_1", "status": "failed", "title": "Labels"}
    file.write_text(json.dumps(cloud_event(data={"version": 7, "after": after})))
    refused = preview_campaign(
        load_configuration(), "compliance-review-completed", *read_event(file), "en", None
    )
    assert (refused.text.title, refused.would_not) == (
        "Completed: Labels",
        "the record does not match its conditions",
    )


@pytest.mark.parametrize(
    ("told", "why"),
    [
        (
            {"changed": ["status"]},
            (
                "the event does not say that version has changed"
                " in a record that matched its conditions"
            ),
        ),
        (
            {"status": {"before": "in_review", "after": "published"}},
            (
                "the event does not say that version has changed"
                " in a record that matched its conditions"
            ),
        ),
        ({"type": "document.published"}, "document.published does not trigger it"),
    ],
)
def test_preview_of_an_event_that_changes_something_else_says_why_it_would_not_be_sent(
    told: dict[str, Any], why: str
) -> None:
    change, _ = read_event(EVENTS / "partner_messenger/document_updated.json")
    other = Change.model_validate({**change.model_dump(), **told})

    assert (
        preview_campaign(
            load_configuration(), "document-updated", other, None, "en", None
        ).would_not
        == why
    )


def test_preview_with_a_stack_asks_trading_grid() -> None:
    grid = FakeTradingGrid()
    grid.put(
        partner(), check("chk_asn_timing_pgf", status="passed", title="From Trading Grid"), case()
    )
    change, carried = read_event(EVENTS / "partner_messenger/compliance_passed.json")

    shown = preview_campaign(
        load_configuration(), "compliance-review-completed", change, carried, "en", grid
    )

    assert (shown.text.title, shown.record_from) == (
        "Completed: From Trading Grid",
        "Trading Grid, current",
    )
    assert PRAIRIE_GOLD not in shown.text.body
    assert (
        "does not trigger it"
        in preview_campaign(
            load_configuration(),
            "case-opened",
            change.model_copy(update={"subject": "cases/case_1"}),
            None,
            "en",
            grid,
        ).would_not
    )


def test_what_cannot_be_previewed_is_told(tmp_path: Path) -> None:
    change, carried = read_event(EVENTS / "partner_messenger/compliance_passed.json")
    with pytest.raises(
        OpsError,
        match="there is no campaign none: choose one of access-ended, case-awaiting-partner",
    ):
        preview_campaign(load_configuration(), "none", change, carried, "en", None)
    with pytest.raises(OpsError, match=r"Trading Grid knows no compliance-checks/"):
        preview_campaign(
            load_configuration(),
            "compliance-review-completed",
            change,
            carried,
            "en",
            FakeTradingGrid(),
        )
    contents: list[Any] = [
        "{",
        "[]",
        '{"Records": []}',
        '{"body": "x"}',
        '{"reason": "schedule"}',
        '{"specversion": "1.0"}',
    ]
    for content in contents:
        (tmp_path / "event.json").write_text(content)
        with pytest.raises(OpsError):
            read_event(tmp_path / "event.json")
    with pytest.raises(OpsError):
        read_event(tmp_path / "missing.json")


def test_command_shows_what_failed_and_sends_it_once_more(monkeypatch: pytest.MonkeyPatch) -> None:
    runner, rung = CliRunner(), list[str]()
    with dynamodb() as client:
        table = create_table(client, "id", index=(INDEX, "waiting", "dueAt"))
        outbox = DynamoDBOutbox(as_client(client), table, time.time)
        about: dict[str, Any] = {
            "campaign": "review",
            "occasion": "evt_1",
            "subject": "cases/case_1",
            "partner_id": PRAIRIE_GOLD,
            "since": NOW,
            "due_at": NOW,
        }
        (one,) = outbox.add_dispatches([Dispatch(id="d-1", channel="email", **about)])
        queue = SimpleNamespace(send_message=lambda QueueUrl, MessageBody: rung.append(MessageBody))  # noqa: N803 - boto3's names
        stack = SimpleNamespace(
            aws=SimpleNamespace(dynamodb=client, sqs=queue), output=lambda _: table
        )
        monkeypatch.setattr("ops.commands.campaign.Stack.read", lambda *_: stack)

        nothing = runner.invoke(app, ["campaign", "failed"])
        outbox.settle_dispatch(one, DispatchState.FAILED, reason="template")
        listed = runner.invoke(app, ["campaign", "failed"])
        retried = runner.invoke(app, ["campaign", "failed", "--retry", "d-1", "--yes"])
        again = runner.invoke(app, ["campaign", "failed", "--retry", "d-1", "--yes"])

        assert "No dispatch has failed" in nothing.output
        assert all(text in listed.output for text in ("d-1", "review", "template"))
        assert (
            "is queued" in retried.output,
            len(rung),
            outbox.read_dispatches(["d-1"])["d-1"].state,
        ) == (True, 1, DispatchState.PLANNED)
        assert isinstance(again.exception, OpsError)


def test_command_lists_and_previews() -> None:
    runner = CliRunner()

    listed = runner.invoke(app, ["campaign", "list"])
    event = str(EVENTS / "partner_messenger/step_unlocked.json")
    shown = runner.invoke(
        app, ["campaign", "preview", "step-unlocked", "--event", event, "--locale", "de"]
    )

    assert all(key in listed.output for key in load_configuration().campaigns)
    assert "if version has changed" in " ".join(listed.output.split())
    assert "Sie können beginnen: Test 850" in shown.output
    assert "it would be sent" in shown.output
    for command in ("list", "preview", "failed"):
        assert runner.invoke(app, ["campaign", command, "--help"]).exit_code == 0
