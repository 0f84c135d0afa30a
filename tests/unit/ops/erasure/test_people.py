"""Whom an email address or a member's id stands for."""

from collections.abc import Iterable
from typing import Any, cast

import pytest

from ops.erasure.people import ErasureProgress, Person, SitePeople, find_person
from ops.erasure.subject import Subject
from ops.errors import OpsError

SHARED = "info@prairie.example"


class People:
    """A site whose contacts share an address; members by the id of their contact."""

    def __init__(self, members: dict[str, str]) -> None:
        self._members = members

    def contacts(self, field: str, values: Iterable[str]) -> list[Person]:
        assert field == "info.emails.email"
        assert SHARED in values
        return [
            {"id": contact, "info": {"emails": {"items": [{"email": SHARED}]}}}
            for contact in ("c-1", "c-2")
        ]

    def members(self, field: str, values: Iterable[str]) -> list[Person]:
        assert field == "contactId"
        return [
            {"id": member, "contactId": contact}
            for contact, member in self._members.items()
            if contact in values
        ]


class Progress:
    """What interrupted erasures have left, by contact."""

    def __init__(self, members: dict[str, str]) -> None:
        self._members = members

    def members_of(self, contact: str) -> frozenset[str]:
        return frozenset({self._members[contact]} if contact in self._members else ())


def find(members: dict[str, str], removed: dict[str, str] | None = None) -> Subject:
    progress: Any = Progress(removed or {})
    people = cast(SitePeople, People(members))
    return find_person(people, cast(ErasureProgress, progress), SHARED)


@pytest.mark.parametrize("removed", [{}, {"c-1": "m-1"}])
def test_address_of_two_members_stands_for_none_of_them(removed: dict[str, str]) -> None:
    members = {"c-1": "m-1", "c-2": "m-2"}

    with pytest.raises(OpsError, match="m-1, m-2"):
        find({key: value for key, value in members.items() if key not in removed}, removed)


@pytest.mark.parametrize("removed", [{}, {"c-1": "m-1"}])
def test_contacts_of_an_address_with_one_member_are_one_person(removed: dict[str, str]) -> None:
    found = find({} if removed else {"c-1": "m-1"}, removed)

    assert found.members == {"m-1"}
    assert found.contacts == {"c-1", "c-2"}


@pytest.mark.parametrize("wanted", ["Ada@Bücher.example", "ada@xn--bcher-kva.example"])
def test_address_is_looked_for_with_its_domain_in_both_spellings(wanted: str) -> None:
    class Spelled(People):
        def contacts(self, field: str, values: Iterable[str]) -> list[Person]:
            known = {"c-1": "ada@bücher.example", "c-2": "ada@xn--bcher-kva.example"}
            return [{"id": one} for one, email in known.items() if email in values]

    people = cast(SitePeople, Spelled({"c-1": "m-1"}))
    progress = cast(ErasureProgress, Progress({}))

    found = find_person(people, progress, wanted)

    assert (found.members, found.contacts) == (frozenset({"m-1"}), frozenset({"c-1", "c-2"}))
    assert found.emails == {wanted, "ada@bücher.example", "ada@xn--bcher-kva.example"}
