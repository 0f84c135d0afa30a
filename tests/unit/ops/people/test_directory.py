"""People of OpenText's directory: mapped roles, who is left out, and unreadable partners."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import pytest

from gridwix.clients.trading_grid.directory_users import DirectoryUser
from gridwix.configuration.people import DirectoryRole, People
from gridwix.errors import (
    Forbidden,
    NotFound,
    Throttled,
    Unauthenticated,
    Unavailable,
    UpstreamError,
)
from gridwix.models.ids import CompanyId, PartnerId
from ops.errors import OpsError
from ops.people.directory import LEFT_OUT, MAX_FAULTS, DirectoryPeople, DirectoryReader
from ops.people.report import LEFT_OUT as WORDS

SETTINGS = People(
    directory_roles=(
        DirectoryRole(name="Partner Admin", role="admin"),
        DirectoryRole(name="Lens", role="edi"),
    )
)
ADA = DirectoryUser("U1", "ada", "Ada@X.example", " Ada  L ", "Active", "de_DE", ("Lens",))
ONE, TWO = PartnerId("GC1"), PartnerId("GC2")


@dataclass
class FakeDirectory:
    """Users by company, or the error of a read. Roles by login id, None for a user who is gone."""

    users: dict[str, list[DirectoryUser] | Exception]
    roles: dict[str, list[str] | Exception | None] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    def company_users(self, company_id: CompanyId) -> Sequence[DirectoryUser]:
        self.asked.append(company_id)
        found = self.users[company_id]
        if isinstance(found, Exception):
            raise found
        return found

    def user_roles(self, company_id: CompanyId, login_id: str) -> Sequence[str] | None:
        self.asked.append(f"{company_id}/{login_id}")
        found = self.roles[login_id]
        if isinstance(found, Exception):
            raise found
        return found


def read(
    directory: FakeDirectory, *partners: PartnerId, settings: People = SETTINGS
) -> DirectoryPeople:
    reader = DirectoryReader(directory, settings, ["en", "de"], workers=1)
    return reader.read_people(partners or (ONE,))


def test_user_when_active_with_a_mapped_role_then_is_wanted() -> None:
    found = read(FakeDirectory({"GC1": [ADA]}))

    (person,) = found.people
    assert (person.partner_id, person.email, person.role) == ("GC1", "ada@x.example", "edi")
    assert (person.name, person.language, person.source) == ("Ada L", "de", "directory")
    assert person.user_id == "U1"
    assert found.read == {ONE}
    assert not found.unread
    assert not found.left_out


@pytest.mark.parametrize(
    ("roles", "role"),
    [
        (["Lens", "partner ADMIN"], "admin"),
        (["Other", " Lens "], "edi"),
        (["Other"], None),
        ([], None),
    ],
)
def test_roles_when_read_by_themselves_then_the_first_of_the_settings_counts(
    roles: list[str], role: str | None
) -> None:
    directory = FakeDirectory({"GC1": [replace(ADA, roles=None)]}, {"ada": roles})

    found = read(directory)

    assert [one.role for one in found.people] == ([role] if role else [])
    assert found.left_out == ({} if role else {"without_role": 1})
    assert directory.asked == ["GC1", "GC1/ada"]


@pytest.mark.parametrize(
    ("user", "reason"),
    [
        (replace(ADA, status="Inactive"), "inactive"),
        (replace(ADA, status="Incomplete"), "inactive"),
        (replace(ADA, status=""), "without_status"),
        (replace(ADA, email="ada"), "without_address"),
        (replace(ADA, login_id="gone", roles=None), "gone"),
    ],
)
def test_user_when_something_is_missing_then_is_left_out_and_counted(
    user: DirectoryUser, reason: str
) -> None:
    found = read(FakeDirectory({"GC1": [user]}, {"gone": None}))

    assert (found.people, found.left_out) == ((), Counter({reason: 1}))
    assert found.read == {ONE}


def test_users_when_two_share_an_address_then_the_better_role_counts() -> None:
    other = replace(ADA, user_id="U2", roles=("Partner Admin",))

    for users in ([ADA, other], [other, ADA]):
        found = read(FakeDirectory({"GC1": users, "GC2": [ADA]}), ONE, TWO)
        assert [(one.partner_id, one.role) for one in found.people] == [
            ("GC1", "admin"),
            ("GC2", "edi"),
        ]
        assert found.left_out == {"doubled": 1}


@pytest.mark.parametrize("error", [Forbidden, NotFound, Unavailable, Throttled])
def test_partner_when_it_cannot_be_read_then_is_left_alone_and_counted(
    error: type[UpstreamError],
) -> None:
    directory = FakeDirectory({"GC1": error(system="tg"), "GC2": [ADA]})

    found = read(directory, ONE, TWO)

    assert found.read == {TWO}
    assert sum(found.unread.values()) == 1
    assert [one.partner_id for one in found.people] == ["GC2"]


def test_partner_when_the_roles_of_one_user_cannot_be_read_then_is_left_alone() -> None:
    users = [ADA, replace(ADA, user_id="U2", login_id="bo", email="bo@x.example", roles=None)]
    directory = FakeDirectory({"GC1": users, "GC2": [ADA]}, {"bo": Unavailable(system="tg")})

    assert read(directory, ONE, TWO).read == {TWO}


def test_tenant_when_it_lets_nobody_be_read_then_says_so_in_a_sentence() -> None:
    directory = FakeDirectory({"GC1": Forbidden(system="tg"), "GC2": NotFound(system="tg")})

    with pytest.raises(OpsError, match="may not read the users of your partners"):
        read(directory, ONE, TWO)


def test_directory_when_it_does_not_answer_then_is_asked_no_further() -> None:
    partners = [PartnerId(f"GC{number}") for number in range(20)]
    directory = FakeDirectory({one: Unavailable(system="tg") for one in partners})

    with pytest.raises(Unavailable):
        read(directory, *partners)
    assert len(directory.asked) == MAX_FAULTS


def test_credentials_when_they_are_refused_then_the_error_is_raised() -> None:
    with pytest.raises(Unauthenticated):
        read(FakeDirectory({"GC1": Unauthenticated(system="tg")}))


def test_settings_when_they_map_no_role_then_nothing_is_read() -> None:
    directory = FakeDirectory({"GC1": [ADA]})

    with pytest.raises(OpsError, match="directory_roles"):
        read(directory, settings=People())
    assert directory.asked == []


def test_every_reason_has_its_words_and_the_shipped_settings_name_no_role_twice() -> None:
    assert set(WORDS) == set(LEFT_OUT)
    with pytest.raises(ValueError, match="has Lens twice"):
        People(
            directory_roles=(
                DirectoryRole(name="lens", role="edi"),
                DirectoryRole(name="Lens", role="admin"),
            )
        )
