"""Users of OpenText's directory: published paths, and answers whose shape nobody has published."""

import json
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from hypothesis import given

from gridwix.clients.trading_grid.directory import MAX_USER_PAGES, DirectoryClient
from gridwix.clients.trading_grid.directory_users import read_roles, read_user_page
from gridwix.errors import Forbidden, NotFound, Unavailable
from gridwix.models.ids import CompanyId
from tests.fakes.any_json import any_json
from tests.fakes.wire import ManualClock, Sleeper, Wire, open_auth

PARTNER = CompanyId("GC1")
USERS = "/TGCommunityServices/v1/companies/GC1/users"
ADA = {
    "userId": "U1",
    "loginId": "ada",
    "firstName": "Ada",
    "lastName": "Lovelace",
    "status": "Active",
    "preferredLanguage": "de_DE",
    "contactInformation": {"email": "ada@x.example"},
}


def directory(answer: Callable[[httpx.Request], httpx.Response]) -> tuple[DirectoryClient, Wire]:
    wire, clock = Wire(handler=answer), ManualClock()
    url = "https://apigrid.example/"
    return (
        DirectoryClient(
            wire.client(), open_auth(), base_url=url, clock=clock, sleep=Sleeper(clock)
        ),
        wire,
    )


def answering(body: object, status: int = 200) -> DirectoryClient:
    return directory(lambda _: httpx.Response(status, json=body))[0]


@pytest.mark.parametrize(
    "body",
    [
        [ADA],
        {"users": [ADA]},
        {"response": [ADA]},
        {"data": {"users": [ADA]}},
        {"entries": [ADA], "totalCount": 1, "fetchedCount": 1, "_links": {"self": "/x"}},
        {"page": {"page": 1, "pageSize": 10, "pageTotal": 1, "totalCount": 1}, "response": [ADA]},
        ADA,
    ],
)
def test_list_when_it_has_any_known_shape_then_its_users_are_read(body: object) -> None:
    (user,) = answering(body).company_users(PARTNER)

    assert (user.user_id, user.login_id, user.email) == ("U1", "ada", "ada@x.example")
    assert (user.name, user.language, user.roles) == ("Ada Lovelace", "de_DE", None)
    assert user.is_active
    assert "ada" not in repr(user).lower()


@pytest.mark.parametrize(
    ("entry", "email", "roles"),
    [
        ({"uniqueId": "U1", "email": "a@x.example"}, "a@x.example", None),
        ({"id": "U1", "loginId": "a@x.example", "roles": ["Lens"]}, "a@x.example", ("Lens",)),
        ({"id": "U1", "loginId": "a", "roles": [{"roleName": "Lens"}]}, "a", ("Lens",)),
        ({"id": "U1", "loginId": "a", "roles": []}, "a", None),
        ({"id": "U1", "loginId": "a", "roles": [7]}, "a", None),
    ],
)
def test_entry_when_members_have_other_names_then_is_read(
    entry: dict[str, Any], email: str, roles: object
) -> None:
    (user,) = answering([entry]).company_users(PARTNER)

    assert (user.email, user.roles, user.is_active) == (email, roles, False)


@pytest.mark.parametrize(
    "body",
    [
        "users",
        7,
        {"users": "none"},
        {"users": {}},
        {"count": 3},
        {"users": [ADA, 7]},
        [{"name": "A"}],
    ],
)
def test_list_when_it_is_not_understood_then_nobody_counts_as_missing(body: object) -> None:
    with pytest.raises(Unavailable):
        answering(body).company_users(PARTNER)


@pytest.mark.parametrize("body", [[], {}, {"users": []}, {"users": [], "totalCount": 0}])
def test_company_when_it_has_no_users_then_the_list_is_empty(body: object) -> None:
    assert answering(body).company_users(PARTNER) == ()


@pytest.mark.parametrize(("status", "error"), [(403, Forbidden), (404, NotFound)])
def test_company_when_the_hub_may_not_read_it_then_is_an_error_of_its_own(
    status: int, error: type[Exception]
) -> None:
    with pytest.raises(error):
        answering({"message": "no"}, status).company_users(PARTNER)


def paged(style: str, count: int, size: int) -> Callable[[httpx.Request], httpx.Response]:
    users = [{**ADA, "userId": f"U{number}"} for number in range(count)]

    def answer(request: httpx.Request) -> httpx.Response:
        asked = request.url.params
        if style == "page":
            number = int(asked.get("pageNo", 1))
            start, total = (number - 1) * size, -(-count // size)
            page = {"page": number, "pageSize": size, "pageTotal": total, "totalCount": count}
            return httpx.Response(200, json={"page": page, "response": users[start : start + size]})
        start = int(asked.get("offset", 0))
        more = f"https://elsewhere.example{USERS}?offset={start + size}&count={size}"
        following = {"href": more} if start % 2 else more
        links = {"next": following} if start + size < count else {}
        some = users[start : start + size]
        return httpx.Response(
            200,
            json={"totalCount": count, "fetchedCount": 2, "entries": some, "_links": links},
        )

    return answer


@pytest.mark.parametrize("style", ["page", "offset"])
@pytest.mark.parametrize("count", [1, 3, 6, 7])
def test_list_when_it_has_pages_then_all_of_them_are_read_at_our_own_address(
    style: str, count: int
) -> None:
    client, wire = directory(paged(style, count, 3))

    found = client.company_users(PARTNER)

    assert [one.user_id for one in found] == [f"U{number}" for number in range(count)]
    assert {request.url.host for request in wire.requests} == {"apigrid.example"}
    assert {request.url.path for request in wire.requests} == {USERS}
    assert len(wire.requests) == -(-count // 3)


@pytest.mark.parametrize(
    "more",
    [
        {"totalCount": 3},
        {"nextCursor": "abc"},
        {"hasMore": True},
        # The server ignores the number of the page.
        {"page": {"page": 1, "pageTotal": 2}},
        {"page": {"page": 1, "pageTotal": 2, "totalCount": 2}},
        {"_links": {"next": "/x?offset=1"}},
    ],
)
def test_list_when_it_may_be_incomplete_then_is_an_error(more: dict[str, Any]) -> None:
    with pytest.raises(Unavailable):
        answering({"users": [ADA], **more}).company_users(PARTNER)


def test_list_when_it_never_ends_then_is_given_up() -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        number = int(request.url.params.get("pageNo", 1))
        return httpx.Response(
            200, json={"page": {"page": number}, "users": [{**ADA, "userId": f"U{number}"}]}
        )

    client, wire = directory(answer)

    with pytest.raises(Unavailable, match="do not end"):
        client.company_users(PARTNER)
    assert len(wire.requests) == MAX_USER_PAGES


@pytest.mark.parametrize(
    ("body", "roles"),
    [
        ({"roles": [{"roleName": "Partner Admin"}]}, ("Partner Admin",)),
        (["Partner Admin", {"name": "Lens"}], ("Partner Admin", "Lens")),
        ({"data": []}, ()),
        ({}, ()),
    ],
)
def test_roles_when_they_have_any_known_shape_then_are_read(
    body: object, roles: tuple[str, ...]
) -> None:
    client, wire = directory(lambda _: httpx.Response(200, json=body))

    assert client.user_roles(PARTNER, "ada/../bo@x.example") == roles
    assert wire.requests[0].url.raw_path.decode() == f"{USERS}/ada%2F..%2Fbo%40x.example/roles"


def test_roles_of_a_user_who_is_gone_are_none() -> None:
    assert answering({}, 404).user_roles(PARTNER, "ada") is None


def test_roles_when_they_are_not_understood_then_are_an_error() -> None:
    with pytest.raises(Unavailable):
        answering({"roles": "Partner Admin"}).user_roles(PARTNER, "ada")


@given(any_json())
def test_any_json_is_read_without_an_error(document: Any) -> None:
    read_user_page(document)
    read_user_page({"users": document, "page": document, "_links": {"next": document}})
    roles = read_roles(document)
    assert roles is None or json.dumps(roles)
