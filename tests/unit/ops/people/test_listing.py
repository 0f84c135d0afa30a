"""The list of people: one line for each, and what became of the mail."""

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, NamedTuple

import pytest

from gridwix.models.ids import PartnerId, WixItemId
from gridwix.partner_messenger.dispatches import DispatchState as State
from gridwix.partner_messenger.selection import channel_dispatch
from gridwix.people.persons import Invitation, LinkedMember
from ops.people.announcing import Invited
from ops.people.listing import Access, ListedPerson, Mail, list_people
from ops.people.portal import PortalPeople
from tests.fakes.people import NOW, Messenger

ONE = PartnerId("GC1")
SOON = NOW + timedelta(days=3)


def row(
    email: str, status: str = "active", number: int = 1, *, until: datetime = SOON, **more: Any
) -> Invitation:
    identifier = WixItemId(f"{email}-{number}")
    return Invitation(identifier, ONE, email, "edi", status, until, number, **more)


def linked(member: str, *emails: str) -> LinkedMember:
    return LinkedMember(WixItemId(member), member, ONE, "edi", frozenset(emails), since=NOW)


def listed(
    links: list[LinkedMember],
    rows: list[Invitation],
    messenger: Messenger | None = None,
    bounced: Collection[str] = (),
    **options: Any,
) -> list[ListedPerson]:
    found = PortalPeople(tuple(links), tuple(rows))
    announcer = (messenger or Messenger()).announcer()
    return list(list_people(found, announcer, Bounces(bounced), NOW, **options))


class Bounces(NamedTuple):
    """What Wix has seen of addresses."""

    bounced: Collection[str]

    def find_bounced(self, emails: Collection[str]) -> Collection[str]:
        return {one for one in emails if one in self.bounced}


def test_person_whose_access_has_ended_by_itself_is_listed_with_the_time() -> None:
    rows = [row("ada@x.example", "used", ended_at=NOW, ended_for="directory", used_by="gone")]

    (ada,) = listed([], rows)

    assert (ada.access, ada.since) == (Access.ENDED, NOW)


def test_each_person_is_listed_once_with_the_last_that_is_known() -> None:
    past = NOW - timedelta(days=1)
    links = [linked("m1", "ada@x.example"), linked("m2", "bo@x.example")]
    rows = [
        row("ada@x.example", "used"),
        row("bo@x.example"),
        row("cy@x.example", "revoked"),
        row("cy@x.example", number=2),
        row("di@x.example", until=past),
        row("ed@x.example", "revoked"),
        row("fi@x.example", "used", used_by="gone"),
        row("", "used", number=7, used_by="m1"),
        row("", number=8),
    ]

    found = listed(links, rows)

    assert [(one.email, one.access) for one in found] == [
        ("", Access.INVITED),
        ("ada@x.example", Access.LINKED),
        ("bo@x.example", Access.LINKED),
        ("cy@x.example", Access.INVITED),
        ("di@x.example", Access.EXPIRED),
        ("ed@x.example", Access.REVOKED),
        ("fi@x.example", Access.REMOVED),
    ]
    pending = listed(links, rows, pending=True)
    assert [one.email for one in pending] == ["", "cy@x.example", "di@x.example"]
    # A code that was given by hand is in no mail.
    assert [one.mail for one in pending] == [None, Mail.WAITING, None]


@pytest.mark.parametrize(
    ("occasion", "message", "mail"),
    [
        (None, None, Mail.WAITING),
        (State.PLANNED, None, Mail.WAITING),
        (State.EXPANDED, None, Mail.WAITING),
        (State.EXPANDED, State.PLANNED, Mail.WAITING),
        (State.EXPANDED, State.SENT, Mail.SENT),
        (State.EXPANDED, State.FAILED, Mail.FAILED),
        (State.EXPANDED, State.UNKNOWN, Mail.FAILED),
        (State.FAILED, None, Mail.FAILED),
    ],
)
def test_mail_when_the_outbox_has_it_then_says_what_became_of_it(
    occasion: State | None, message: State | None, mail: Mail
) -> None:
    messenger, invitation = Messenger(), row("ada@x.example")
    announcer, outbox = messenger.announcer(), messenger.outbox
    if occasion is not None:
        announcer.announce([Invited(invitation.id, ONE)], NOW)
        messenger.handle_events()
        (first, _) = outbox.kept.values()
        outbox.kept[first.id] = replace(first, state=occasion)
        if message is not None:
            sent = replace(channel_dispatch(first, "email", "", NOW), state=message)
            outbox.kept[sent.id] = sent

    (found,) = listed([], [invitation], messenger)

    assert found.mail is mail


def test_mail_when_the_messenger_had_a_reason_then_is_not_sent() -> None:
    messenger, invitation = Messenger(), row("ada@x.example")
    messenger.announcer().announce([Invited(invitation.id, ONE)], NOW)
    messenger.handle_events()
    for one in list(messenger.outbox.kept.values()):
        messenger.outbox.kept[one.id] = replace(one, state=State.SUPPRESSED)

    assert [one.mail for one in listed([], [invitation], messenger)] == [Mail.NOT_SENT]


def test_address_that_bounces_is_said_of_who_is_invited_whatever_was_sent() -> None:
    people = ["ada@x.example", "bo@x.example"]
    rows = [row(people[0]), row(people[1], until=NOW - timedelta(days=1))]

    found = listed([], rows, bounced=people)

    assert [(one.access, one.mail) for one in found] == [
        (Access.INVITED, Mail.BOUNCED),
        (Access.EXPIRED, None),
    ]
