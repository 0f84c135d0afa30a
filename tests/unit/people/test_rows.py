"""Rows of invitations and links, and the event of an invitation."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from gridwix.models.ids import CompanyId, PartnerId, WixItemId
from gridwix.models.wix import DataItem
from gridwix.people.codes import code_hash, invitation_code
from gridwix.people.events import invitation_event, inviting_campaigns
from gridwix.people.persons import Person, Source
from gridwix.people.planning import NewInvitation
from gridwix.people.rows import invitation_row, read_invitation, read_link
from tests.fakes.messaging import campaigns

NOW = datetime(2026, 11, 30, 9, tzinfo=UTC)
KEY = b"key"
NEW = NewInvitation(
    Person(
        PartnerId("GC1"),
        "ada@x.example",
        "edi",
        name="Ada",
        language="de",
        source=Source.DIRECTORY,
        user_id="U1",
    ),
    2,
)


def test_row_when_read_again_is_the_same_person_and_has_no_code() -> None:
    row = invitation_row(NEW, KEY, bound=True, now=NOW, days=14)

    read = read_invitation(row)
    assert (read.id, read.partner_id, read.email, read.role) == (
        NEW.id,
        "GC1",
        "ada@x.example",
        "edi",
    )
    assert (read.status, read.round, read.name, read.source, read.user_id) == (
        "active",
        2,
        "Ada",
        "directory",
        "U1",
    )
    assert (read.expires_at, read.invited_at) == (NOW + timedelta(days=14), NOW)
    code = invitation_code(KEY, NEW.id)
    assert row.data["codeHash"] == code_hash(code)
    assert (row.data["bound"], row.data["invitedBy"], row.data["language"]) == (True, "hub", "de")
    assert code not in str(row.data)
    assert "ada" not in repr(read)


def test_field_when_unknown_then_is_absent() -> None:
    person = Person(PartnerId("GC1"), "ada@x.example", "edi")

    row = invitation_row(NewInvitation(person, 1), KEY, bound=False, now=NOW, days=1)

    assert not {"name", "language", "userId"} & row.data.keys()
    assert row.data["bound"] is False


@pytest.mark.parametrize("number", [None, "2", 0, -1, float("inf"), float("nan"), True])
def test_row_when_a_site_editor_has_spoilt_it_then_is_read(number: Any) -> None:
    row = DataItem(WixItemId("i"), {"email": 7, "expiresAt": "tomorrow", "round": number})

    read = read_invitation(row)

    assert (read.email, read.expires_at, read.round, read.status) == ("", None, 1, "")
    assert not read.is_open(NOW)


def test_link_has_the_addresses_of_its_member_in_normal_form() -> None:
    row = DataItem(WixItemId("l"), {"memberId": "m", "partnerId": "GC1", "email": "ADA@x.example"})

    assert read_link(row, ["Ada.New@X.example", "no address"]).emails == {
        "ada@x.example",
        "ada.new@x.example",
    }


def test_event_of_an_invitation_is_always_the_same_one_and_names_nobody() -> None:
    first = invitation_event(NEW.id, PartnerId("GC1"), CompanyId("HUB"), NOW)
    later = invitation_event(NEW.id, PartnerId("GC1"), CompanyId("HUB"), NOW + timedelta(days=2))

    assert first.event_id == later.event_id == f"invitation-{NEW.id}"
    assert first.record == f"invitations/{NEW.id}"
    assert (first.type, first.version) == ("invitation.created", None)
    assert "ada" not in first.model_dump_json()


def test_campaigns_of_other_events_invite_nobody() -> None:
    assert inviting_campaigns(campaigns(other={}).campaigns) == {}
