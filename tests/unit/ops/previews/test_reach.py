"""Reach of a campaign: counts and ids of the members that it would be sent to."""

import contextlib
from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any, cast

import pytest
from typer.testing import CliRunner

from gridwix.clients.wix.bounced_addresses import BOUNCED
from gridwix.configuration.campaigns import Channel
from gridwix.configuration.everything import Configuration
from gridwix.models.ids import PartnerId
from gridwix.partner_messenger.dispatches import Contact
from gridwix.partner_messenger.mail_automation import has_address
from gridwix.partner_messenger.member_settings import MemberSettings
from gridwix.runtime.configuration import configuration
from ops.cli import app
from ops.errors import OpsError
from ops.previews.reach import Reach, preview_reach
from tests.factories import BALTIC, PRAIRIE_GOLD, case, partner
from tests.fakes.messaging import FakePeople
from tests.fakes.trading_grid import FakeTradingGrid

KEY = "case-opened"
OWN = PartnerId(PRAIRIE_GOLD)
CAN_REACH: dict[Channel, Callable[[Contact], bool]] = {
    "inbox": lambda _: True,
    "email": has_address,
}


def with_campaign(**changes: Any) -> Configuration:
    """Return the shipped configuration with other settings of the campaign, and two channels."""
    shipped = configuration()
    campaign = shipped.campaigns[KEY].model_copy(
        update={"channels": ("inbox", "email"), "optional": False, **changes}
    )
    return shipped.model_copy(update={"campaigns": {**shipped.campaigns, KEY: campaign}})


class World:
    """Two partners, each with a member."""

    def __init__(self) -> None:
        self.grid = FakeTradingGrid()
        self.grid.put(partner(), partner(BALTIC), case("case_1"))
        self.people = FakePeople()
        self.people.add_link("ann")
        self.people.add_link("bo", BALTIC, role="logistics")

    def reach(self, record: str | None = None, **changes: Any) -> Reach:
        return preview_reach(
            with_campaign(**changes), KEY, self.grid, self.people, CAN_REACH, record
        )


@pytest.fixture
def world() -> World:
    return World()


def test_campaign_of_invitations_reaches_nobody_that_a_link_names(world: World) -> None:
    with pytest.raises(OpsError, match="goes to the person who is invited"):
        preview_reach(configuration(), "invitation", world.grid, world.people, CAN_REACH)


def test_all_members_of_all_partners_are_reached(world: World) -> None:
    reach = world.reach()

    assert sorted(reach.partners) == sorted([PRAIRIE_GOLD, BALTIC])
    assert reach.members == {
        channel: {PRAIRIE_GOLD: ["ann"], BALTIC: ["bo"]} for channel in ("inbox", "email")
    }
    assert reach.unreached() == []
    assert reach.would_not == ""


def test_roles_of_the_audience_leave_out_others(world: World) -> None:
    audience = configuration().campaigns[KEY].audience.model_copy(update={"roles": ("edi",)})

    reach = world.reach(audience=audience)

    assert reach.members["email"] == {PRAIRIE_GOLD: ["ann"]}
    assert reach.unreached() == [BALTIC]


@pytest.mark.parametrize("status", ["terminated", "deleted"])
def test_former_partner_gets_nothing(world: World, status: str) -> None:
    gone = (
        partner(BALTIC, version=2, deletedAt="2026-03-01T00:00:00Z")
        if status == "deleted"
        else partner(BALTIC, version=2, status=status)
    )
    world.grid.put(gone)

    assert list(world.reach().partners) == [PRAIRIE_GOLD]


def test_member_whom_a_channel_does_not_reach_is_counted_by_the_reason(world: World) -> None:
    world.people.add_link("no-mail", email="")
    world.people.add_link("bounces", deliverability=BOUNCED)
    world.people.add_link("gone")
    del world.people.known["gone"]
    world.people.add_link("off")
    world.people.settings["off"] = MemberSettings(turned_off=frozenset({("cases", "email")}))

    reach = world.reach(group="cases", optional=True)

    assert reach.members["email"][OWN] == ["ann"]
    assert reach.members["inbox"][OWN] == ["ann", "bounces", "no-mail", "off"]
    assert reach.left_out["email"] == {"no_address": 2, "no_member": 1, "turned_off": 1}
    assert reach.left_out["inbox"] == {"no_member": 1}


def test_member_cannot_turn_off_a_campaign_that_is_not_optional(world: World) -> None:
    world.people.settings["ann"] = MemberSettings(turned_off=frozenset({("cases", "email")}))

    assert "ann" in world.reach(group="cases").members["email"][OWN]


def test_marketing_reaches_only_subscribers(world: World) -> None:
    world.people.add_link("cy", subscription="SUBSCRIBED")

    reach = world.reach(kind="marketing", group="cases")

    assert reach.members["email"] == {PRAIRIE_GOLD: ["cy"]}
    assert reach.left_out["email"] == {"no_consent": 2}


def test_record_reaches_its_own_partner(world: World) -> None:
    reach = world.reach("cases/case_1")

    assert list(reach.partners) == [PRAIRIE_GOLD]
    assert reach.members["inbox"] == {PRAIRIE_GOLD: ["ann"]}


def test_record_that_does_not_match_and_a_paused_campaign_say_so(world: World) -> None:
    trigger = (
        configuration().campaigns[KEY].trigger.model_copy(update={"when": {"status": ("closed",)}})
    )

    assert "does not match its conditions" in world.reach("cases/case_1", trigger=trigger).would_not
    assert world.reach(status="paused").would_not == "the campaign is paused"


@pytest.mark.parametrize(
    ("record", "said"),
    [
        ("cases/none", "Trading Grid knows no cases/none"),
        ("partners/" + PRAIRIE_GOLD, "does not exist as a case"),
    ],
)
def test_record_that_the_campaign_is_not_about_is_refused(
    world: World, record: str, said: str
) -> None:
    with pytest.raises(OpsError, match=said):
        world.reach(record)


def test_unknown_campaign_names_those_that_exist(world: World) -> None:
    with pytest.raises(OpsError, match=r"there is no campaign none: choose one of .*case-opened"):
        preview_reach(configuration(), "none", world.grid, world.people, CAN_REACH)


def test_unreadable_link_is_named_and_others_are_reached(world: World) -> None:
    world.people.add_link("odd")
    world.people.unreadable["odd"] = "link"

    reach = world.reach()

    assert reach.members["email"][OWN] == ["ann"]
    assert reach.unreadable == ["PartnerLinks/?"]


def test_command_prints_counts_and_ids_and_no_address(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    @contextlib.contextmanager
    def connected(*_: object) -> Iterator[object]:
        yield SimpleNamespace(community=world.grid, wix=None, site=None)

    module = "ops.commands.config_preview"
    monkeypatch.setattr(f"{module}.connect", connected)
    monkeypatch.setattr(f"{module}.WixMemberDirectory", lambda *_: world.people)
    monkeypatch.setattr(f"{module}.Aws", lambda: None)
    monkeypatch.setattr(f"{module}.Stack", cast(Any, SimpleNamespace(read=lambda *_: None)))
    for number in range(30):
        world.people.add_link(f"member-{number:02}")

    result = CliRunner().invoke(app, ["config", "preview", "campaign", "document-updated"])
    everybody = CliRunner().invoke(
        app, ["config", "preview", "campaign", "document-updated", "--all"]
    )

    shown = " ".join(result.output.split())
    assert result.exit_code == 0, result.exception
    assert "2 partners: " in shown
    assert "more (--all)" in shown
    assert "@partner.example" not in shown
    assert "member-29" in everybody.output
