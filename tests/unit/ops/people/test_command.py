"""``gridwix people`` as a person sees it: the plan, the question, and the exit codes."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from gridwix.errors import ConfigurationError
from gridwix.models.ids import PartnerId
from gridwix.models.people_runs import (
    CompanyCounts,
    InvitationCounts,
    PartnerInvitations,
    PeopleReport,
    RowCounts,
)
from gridwix.models.portal.collection_ids import PARTNER_INVITATIONS, PARTNER_LINKS
from ops.cli import app
from ops.commands import people as command
from ops.configuration import load_configuration
from ops.people.leaving import report_lines
from ops.people.listing import Access, ListedPerson, Mail
from tests.factories import PRAIRIE_GOLD
from tests.fakes.aws import OneAtATime
from tests.fakes.people import NOW, inviting
from tests.unit.ops.json_runs import Deployed
from tests.unit.ops.people_runs import ADA, BO, CY, ROWS, Bus, PeopleSite, serve_people


@pytest.fixture
def world(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, tables: OneAtATime
) -> Iterator[Deployed]:
    yield Deployed(monkeypatch, tmp_path, tables)


@pytest.fixture
def served(world: Deployed) -> tuple[PeopleSite, Bus]:
    return serve_people(world)


def run(*arguments: str) -> Result:
    return CliRunner().invoke(app, ["people", *arguments])


def a_file(world: Deployed, text: str = "") -> str:
    file = world.folder / "people.csv"
    file.write_text(ROWS.format(PRAIRIE_GOLD, ADA) + text)
    return str(file)


def test_import_when_asked_first_then_shows_the_plan_and_does_it(
    world: Deployed, served: tuple[PeopleSite, Bus]
) -> None:
    file = a_file(world, f"{PRAIRIE_GOLD},{BO},edi,\n{PRAIRIE_GOLD},{CY},edi,\n")

    shown = run("import", file, "--yes")

    assert shown.exit_code == 0, shown.output
    lines = [" ".join(line.split()) for line in shown.output.splitlines()]
    assert lines == [
        "Ignored columns: phone",
        "1 new",
        f"{PRAIRIE_GOLD} {ADA} edi",
        "1 changed",
        f"{PRAIRIE_GOLD} {BO} admin → edi",
        "1 unchanged",
        "1 are invited already, and have no mail yet",
        "1 people are invited, 1 have another role; 2 mails are on their way",
    ]


def test_import_when_nobody_can_be_asked_then_changes_nothing(
    world: Deployed, served: tuple[PeopleSite, Bus]
) -> None:
    shown = run("import", a_file(world))

    assert shown.exit_code == 2
    assert "Invite 1 people, in stack gridwix?" in shown.output
    assert (served[0].calls, served[1].entries) == ([], [])


def test_import_when_everything_is_as_wanted_then_asks_nothing(
    world: Deployed, served: tuple[PeopleSite, Bus]
) -> None:
    file = world.folder / "people.csv"
    file.write_text(f"partner,email,role\n{PRAIRIE_GOLD},{BO},admin\n")

    shown = run("import", str(file))

    assert (shown.exit_code, shown.output.strip()) == (0, "1 unchanged")


@pytest.mark.parametrize("arguments", [(), ("people.csv", "--from-directory")])
def test_import_when_no_source_or_two_are_given_then_is_an_invalid_command_line(
    served: tuple[PeopleSite, Bus], arguments: tuple[str, ...]
) -> None:
    assert run("import", *arguments).exit_code == 2


def test_import_when_rows_are_bad_then_names_some_and_does_nothing(
    world: Deployed, served: tuple[PeopleSite, Bus]
) -> None:
    shown = run("import", a_file(world, "GC9,=1,edi,\n" * 12), "--yes")

    assert shown.exit_code == 1
    assert "12 rows are not understood:" in shown.output
    assert "row 3, email: it is a formula" in shown.output
    assert "… and 2 more" in shown.output
    assert "--skip-bad-rows" in str(shown.exception)
    assert served[0].calls == []


def test_import_when_wix_refuses_a_row_then_names_the_person_and_fails(
    world: Deployed, served: tuple[PeopleSite, Bus], monkeypatch: pytest.MonkeyPatch
) -> None:
    site, bus = served
    refuse: Any = lambda collection, items: site._outcome(  # noqa: E731
        collection,
        [one.id for one in items],
        {items[0].id: "WDE0009"} if collection == PARTNER_INVITATIONS else {},
    )
    monkeypatch.setattr(site, "bulk_insert", refuse)

    shown = run("import", a_file(world), "--yes")

    assert shown.exit_code == 1
    assert f"{PRAIRIE_GOLD}  {ADA}  Wix refused the row: WDE0009" in shown.output
    assert bus.entries == []


def test_import_when_no_campaign_sends_a_mail_then_says_so(
    world: Deployed, served: tuple[PeopleSite, Bus]
) -> None:
    configuration = load_configuration()
    paused = configuration.model_copy(update={"campaigns": {"a": inviting(status="paused")}})
    world.replace("people.configuration_in_effect", lambda *_: paused)

    shown = run("import", a_file(world), "--yes")

    assert shown.exit_code == 0
    assert "nobody gets a mail" in shown.output
    assert served[1].entries == []


@pytest.mark.parametrize("secret", ["{}", '{"invitationKey": ""}', '{"invitationKey": 7}'])
def test_key_when_its_secret_has_none_then_says_what_to_store(world: Deployed, secret: str) -> None:
    class Secrets:
        def get_secret_value(self, **_: str) -> Any:
            return {"SecretString": secret}

    stack = world.serve({"InvitationKeySecretName": "s/people/invitation-key"}, secrets=Secrets())

    with pytest.raises(ConfigurationError, match="s/people/invitation-key has no invitationKey"):
        command.read_key(stack)


def test_list_when_read_by_a_person_then_is_a_table(served: tuple[PeopleSite, Bus]) -> None:
    shown = run("list")

    assert shown.exit_code == 0
    assert [word in shown.output for word in (BO, CY, "linked", "invited", "bounced")] == [True] * 5


def test_reconcile_when_invitations_are_unused_then_counts_them_by_partner() -> None:
    partners = [
        PartnerInvitations(partner_id=PartnerId(f"GC{number:02}"), counts=counts)
        for number, counts in enumerate(
            [InvitationCounts(unknown=1), *[InvitationCounts(expired=2, bounced=1)] * 12]
        )
    ]
    report = PeopleReport(
        run="people-1",
        begun=NOW,
        finished=NOW,
        dry_run=True,
        total=RowCounts(invitations=40),
        found={},
        waiting=0,
        ended={},
        companies=CompanyCounts(),
        stopped=(),
        unused=InvitationCounts(expired=24, expiring=1, bounced=12, unknown=1),
        unused_of=tuple(partners),
    )

    lines = list(report_lines(report))

    assert lines[1:4] == [
        "Wix did not say whether 1 open invitations bounce",
        "unused invitations: 24 expired, 1 expire within 3 days, 12 do not reach their address"
        " (`gridwix people list --pending` names them)",
        "  GC01  2 expired, 1 do not reach their address",
    ]
    assert lines[-1] == "  … and 2 more partners"
    unused = InvitationCounts()
    assert len(list(report_lines(report.model_copy(update={"unused": unused})))) == 1


def test_list_when_there_is_nobody_then_says_so(served: tuple[PeopleSite, Bus]) -> None:
    served[0].items = {name: [] for name in served[0].items}

    assert "There are no people" in run("list").output


@pytest.mark.parametrize("arguments", [("list", "--partner", "GC9"), ("history", "GC9")])
def test_partner_when_the_portal_does_not_know_it_then_says_so(
    served: tuple[PeopleSite, Bus], arguments: tuple[str, ...]
) -> None:
    served[0].items[PARTNER_INVITATIONS] = served[0].items[PARTNER_LINKS] = []

    shown = run(*arguments)

    assert shown.exit_code == 1
    assert "the portal knows no partner GC9" in str(shown.exception)


def test_history_when_a_known_partner_has_none_then_says_so(
    served: tuple[PeopleSite, Bus],
) -> None:
    assert "There is no history of this partner" in run("history", PRAIRIE_GOLD).output


def test_list_when_mails_have_failed_then_says_where_the_reasons_are(
    world: Deployed, served: tuple[PeopleSite, Bus]
) -> None:
    failed = ListedPerson(
        PartnerId(PRAIRIE_GOLD), CY, "", "", "edi", Access.INVITED, "file", None, mail=Mail.FAILED
    )
    world.replace("people.list_people", lambda *_, **__: [failed])

    assert "1 mails have failed: `gridwix campaign failed --stack gridwix`" in run("list").output


def test_reminder_when_no_campaign_sends_a_mail_then_changes_nothing(
    world: Deployed, served: tuple[PeopleSite, Bus]
) -> None:
    configuration = load_configuration()
    paused = configuration.model_copy(update={"campaigns": {"a": inviting(status="paused")}})
    world.replace("people.configuration_in_effect", lambda *_: paused)

    shown = run("remind", "--yes")

    assert (shown.exit_code, served[0].calls) == (1, [])
    assert "nobody would get a mail" in str(shown.exception)


def test_reminder_when_the_address_is_none_then_is_an_invalid_command_line(
    served: tuple[PeopleSite, Bus],
) -> None:
    assert run("remind", "--email", "ada").exit_code == 2
