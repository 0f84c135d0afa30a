"""Parses users of OpenText's directory: the pages of a list of users, and roles. Pure.

OpenText publishes the paths of these calls, but no response. So each value has several possible
names, and a list may have pages in either way of OpenText's Cartographer API: by ``page``, or by
``totalCount`` and ``_links``. ``docs/people.md`` lists the names. A list that seems to have further
pages in another way counts as unreadable.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from gridwix.clients.json_values import json_object
from gridwix.clients.trading_grid.directory_entries import ENVELOPE_NAMES, first_text

LIST_NAMES = ("users", "userList", "user", *ENVELOPE_NAMES)
"""Members of a response that may hold the list of users, in order of precedence."""

ROLE_LIST_NAMES = ("roles", "userRoles", "roleList", *ENVELOPE_NAMES)
USER_ID_NAMES = ("userId", "uniqueId", "id")
LOGIN_NAMES = ("loginId", "userName", "login")
EMAIL_NAMES = ("email", "emailAddress")
NAME_NAMES = ("displayName", "fullName", "name")
STATUS_NAMES = ("status", "userStatus", "state")
LANGUAGE_NAMES = ("preferredLanguage", "language", "locale")
ROLE_NAMES = ("roleName", "name", "role")
MORE_NAMES = ("nextCursor", "nextPageToken", "nextToken", "scrollid", "hasMore", "hasNext")
"""Members by which a response states that there are further pages, in ways that are not supported.
"""

ACTIVE = "active"
"""Status of a user who can log in, in lowercase. Others are Inactive and Incomplete."""

INACTIVE = "inactive"
"""Status of a user who was deactivated, in lowercase."""

MAX_USERS = 20_000
"""Maximum number of users of one company: a longer list counts as unreadable."""

type Params = Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class DirectoryUser:
    """A user of a company, from OpenText's directory.

    Missing texts are "". ``roles`` is None if the entry does not list the user's roles.
    """

    user_id: str
    login_id: str = field(repr=False)
    email: str = field(repr=False)
    name: str = field(repr=False)
    status: str
    language: str = ""
    roles: tuple[str, ...] | None = None

    @property
    def is_active(self) -> bool:
        """True if the user can log in, by the directory's status. False if no status is stated."""
        return self.status.strip().casefold() == ACTIVE

    @property
    def is_inactive(self) -> bool:
        """True if the user was deactivated, by the directory's status.

        False for any other status, and if no status is stated.
        """
        return self.status.strip().casefold() == INACTIVE


@dataclass(frozen=True, slots=True)
class UserPage:
    """One page of a company's list of users.

    ``total`` is the number of all users; None if it is not stated. ``following`` is the query
    of the next page; None if the page names no next page. ``unknown_more`` is True if there are
    further pages that can be requested only in a way that is not supported. ``odd`` is the number
    of items on the page that are no users.
    """

    users: Sequence[DirectoryUser]
    total: int | None = None
    following: Params | None = None
    unknown_more: bool = False
    odd: int = 0


class UserCollector:
    """Collects the users of all pages of a company's list, and decides when the list is complete.

    A user that is on several pages is kept once (deduplication by id).
    """

    def __init__(self) -> None:
        self._users: dict[str, DirectoryUser] = {}

    @property
    def users(self) -> Sequence[DirectoryUser]:
        return tuple(self._users.values())

    def add_page(self, page: UserPage) -> Params | str | None:
        """Add a page's users, and return what to read next.

        Returns:
            The query of the next page; None after the last page; a sentence with the reason if the
            list cannot be read completely.
        """
        before = len(self._users)
        for user in page.users:
            self._users.setdefault(user.user_id or user.login_id, user)
        found = len(self._users)
        if page.odd:
            return f"{page.odd} entries are no users"
        if page.unknown_more:
            return "the list goes on in a way that is not known"
        if found > MAX_USERS:
            return f"the company has more than {MAX_USERS} users"
        if page.total is not None and found >= page.total:
            return None
        if page.following is None:
            return None if page.total is None else f"it has {found} of {page.total} users"
        if found == before:
            # An empty page is the end of a list that states no total.
            return None if page.total is None and not page.users else "its pages repeat"
        return page.following


def read_user_page(document: Any) -> UserPage | None:
    """Parse one page of a company's list of users; None if the response is not understood.

    >>> page = read_user_page({"users": [{"userId": "U1", "loginId": "ada@x.example"}]})
    >>> [user.user_id for user in page.users], page.following
    (['U1'], None)
    """
    if isinstance(document, list):
        return _page(document, {})
    if not isinstance(document, dict):
        return None
    found = next((document[name] for name in LIST_NAMES if name in document), None)
    if isinstance(found, dict):
        # An envelope within an envelope.
        inner = next(
            (found[name] for name in LIST_NAMES if isinstance(found.get(name), list)), None
        )
        return None if inner is None else _page(inner, {**document, **found})
    if isinstance(found, list):
        return _page(found, document)
    if found is not None:
        return None
    if not document:
        return UserPage(())
    return _page([document], {}) if first_text(document, (*USER_ID_NAMES, *LOGIN_NAMES)) else None


def read_roles(document: Any) -> Sequence[str] | None:
    """Parse the names of a user's roles from a response; None if the response is not understood.

    >>> read_roles({"roles": [{"roleName": "Partner Admin"}, "Community Viewer"]})
    ('Partner Admin', 'Community Viewer')
    """
    if isinstance(document, dict):
        if not document:
            return ()
        document = next(
            (document[name] for name in ROLE_LIST_NAMES if isinstance(document.get(name), list)),
            None,
        )
    if not isinstance(document, list):
        return None
    names = [
        one if isinstance(one, str) else first_text(json_object(one), ROLE_NAMES)
        for one in document
    ]
    return tuple(names) if all(names) else None


def _page(items: Iterable[Any], document: Mapping[str, Any]) -> UserPage:
    found = [(_read_user(item) if isinstance(item, dict) else None) for item in items]
    users = [user for user in found if user is not None]
    total = _number(document.get("totalCount"))
    page = json_object(document.get("page"))
    if page:
        total = _number(page.get("totalCount"), total)
    return UserPage(
        users,
        total,
        _following(document, page),
        any(document.get(name) not in (None, "", False, 0) for name in MORE_NAMES),
        len(found) - len(users),
    )


def _following(document: Mapping[str, Any], page: Mapping[str, Any]) -> Params | None:
    """Return the query for the next page of a list of users; None after the last page.

    ``document`` is the whole response, ``page`` the object about paging in it. The query is that of
    the response's link to the next page or, without a link, has the number after that of ``page``.
    """
    for links in (document.get("_links"), document.get("links")):
        target = json_object(links).get("next")
        target = json_object(target).get("href", target)
        if isinstance(target, str) and target:
            # Only its query: the path is ours, so that no address of a response is called.
            return tuple(parse_qsl(urlsplit(target).query))
    number, size, last = (_number(page.get(name)) for name in ("page", "pageSize", "pageTotal"))
    if number is not None and (last is None or number < last):
        following = [("pageNo", str(number + 1))]
        return (*following, ("pageSize", str(size))) if size else tuple(following)
    return None


def _read_user(entry: Mapping[str, Any]) -> DirectoryUser | None:
    user_id, login_id = first_text(entry, USER_ID_NAMES), first_text(entry, LOGIN_NAMES)
    if not (user_id or login_id):
        return None
    contact = json_object(entry.get("contactInformation"))
    whole = " ".join(filter(None, (_text(entry, "firstName"), _text(entry, "lastName"))))
    listed = next((entry[name] for name in ROLE_LIST_NAMES[:3] if name in entry), None)
    roles = read_roles(listed) if isinstance(listed, list) else None
    return DirectoryUser(
        user_id=user_id,
        login_id=login_id,
        email=first_text(contact, EMAIL_NAMES) or first_text(entry, EMAIL_NAMES) or login_id,
        name=whole or first_text(entry, NAME_NAMES),
        status=first_text(entry, STATUS_NAMES),
        language=first_text(entry, LANGUAGE_NAMES),
        # An empty list may be that of a short form of the entry.
        roles=None if not roles else tuple(roles),
    )


def _text(entry: Mapping[str, Any], name: str) -> str:
    value = entry.get(name)
    return value.strip() if isinstance(value, str) else ""


def _number(value: object, otherwise: int | None = None) -> int | None:
    is_number = isinstance(value, int) and not isinstance(value, bool) and value >= 0
    return value if is_number and isinstance(value, int) else otherwise
