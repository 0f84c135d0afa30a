"""A contact's ``info``: completes lists, merges changes, reads values by filter path. Pure.

Source: https://dev.wix.com/docs/api-reference/crm/members-contacts/contacts/introduction and
``@wix/crm``.
"""

import uuid
from collections.abc import Mapping
from typing import Any

from emulators.wix.errors import InvalidRequest, WixError
from emulators.wix.query import value_at
from emulators.wix.wire import Data

LISTS = {"emails": "email", "phones": "phone", "addresses": "address"}
"""Lists of a contact, each with the member that holds an entry's value.

Each entry has an id and a tag, and one entry is the primary one.
"""
EXTENDED = "info.extendedFields."


def complete_info(info: Data) -> Data:
    """Return a contact's info, with ids, tags and a primary entry added to its lists.

    Raises InvalidRequest for a malformed list, WixError for two primary entries.
    """
    found = dict(info)
    for name, value in LISTS.items():
        if name in info:
            found[name] = {"items": _complete_list(list_items(info, name), name, value)}
    if "labelKeys" in info:
        found["labelKeys"] = {"items": list(dict.fromkeys(list_items(info, "labelKeys")))}
    return found


def merge_info(info: Data, changes: Data) -> Data:
    """Return a contact's info with changes applied: lists are replaced, a name is merged by parts.

    A property that is null in the changes is removed.

    >>> info = {"company": "A", "name": {"first": "B"}}
    >>> merge_info(info, {"company": None, "name": {"last": "C"}})
    {'name': {'first': 'B', 'last': 'C'}}
    """
    found = {**info, **changes}
    if isinstance(info.get("name"), dict) and isinstance(changes.get("name"), dict):
        found["name"] = {**info["name"], **changes["name"]}
    return {name: value for name, value in found.items() if value is not None}


def merge_lists(info: Data, others: list[Data]) -> Data:
    """Return a contact's info with the additional list entries of other contacts' infos.

    The added entries are not primary.

    >>> emails = lambda *some: {"emails": {"items": [{"email": one} for one in some]}}
    >>> merge_lists(emails("a@b.c"), [emails("A@b.c", "d@b.c")])["emails"]["items"]
    [{'email': 'a@b.c'}, {'email': 'd@b.c', 'primary': False}]
    """
    found = dict(info)
    for name, value in LISTS.items():
        entries = [*list_items(info, name)]
        known = {str(one.get(value)).casefold() for one in entries}
        for entry in (one for other in others for one in list_items(other, name)):
            if (key := str(entry.get(value)).casefold()) not in known:
                known.add(key)
                entries.append({**entry, "primary": False})
        if entries:
            found[name] = {"items": entries}
    labels = [key for one in (info, *others) for key in list_items(one, "labelKeys")]
    return {**found, "labelKeys": {"items": labels}} if labels else found


def check_sufficient(info: Data) -> None:
    """Raise WixError for a contact that has neither name, email address nor phone number."""
    name = info.get("name")
    if (
        not (isinstance(name, dict) and any(name.values()))
        and not list_values(info, "emails")
        and not list_values(info, "phones")
    ):
        raise WixError(
            "INSUFFICIENT_CONTACT_DATA",
            "A contact needs a name, an e-mail address or a phone number",
        )


def list_items(info: Mapping[str, Any], name: str) -> list[Any]:
    """Return the entries of a list in a contact's info.

    Raises InvalidRequest for a malformed list.
    """
    holder = info.get(name) or {}
    found = holder.get("items", []) if isinstance(holder, dict) else None
    if not isinstance(found, list):
        raise InvalidRequest(f"info.{name}", "must be an object with a list of items")
    return found


def list_values(info: Mapping[str, Any], name: str) -> list[str]:
    """Return the values of a list in a contact's info, such as the addresses of ``emails``."""
    return [one[LISTS[name]] for one in list_items(info, name)]


def primary_value(info: Data, name: str) -> str | None:
    """Return a contact's primary email address or phone number; None if there is no primary one.

    ``name`` is ``emails`` or ``phones``.
    """
    return next((one[LISTS[name]] for one in list_items(info, name) if one["primary"]), None)


def read_member(contact: Mapping[str, Any], path: str) -> Any:
    """Return a contact's value at a path that a filter names; None if there is no value.

    The path may leave out ``items``, the property with a list's entries: ``info.emails.email``.
    After ``info.extendedFields.``, the path has the key of a custom field, which may contain dots.
    """
    match path:
        case "info.emails.email" | "info.emails.items.email":
            return list_values(contact["info"], "emails")
        case "info.phones.phone" | "info.phones.items.phone":
            return list_values(contact["info"], "phones")
        case "info.labelKeys" | "info.labelKeys.items":
            return list_items(contact["info"], "labelKeys")
        case _ if path.startswith(EXTENDED):
            fields = value_at(contact, "info.extendedFields.items") or {}
            return fields.get(path.removeprefix(EXTENDED).removeprefix("items."))
        case _:
            return value_at(contact, path)


def _complete_list(given: list[Any], name: str, value: str) -> list[Data]:
    wanted = dict if name == "addresses" else str
    if not all(
        isinstance(one, dict) and isinstance(one.get(value), wanted) and one[value] for one in given
    ):
        raise InvalidRequest(f"info.{name}.items.{value}", "is missing")
    found = [
        {"id": str(uuid.uuid4()), "tag": "UNTAGGED", **one, "primary": bool(one.get("primary"))}
        for one in given
    ]
    primaries = sum(one["primary"] for one in found)
    if primaries > 1:
        raise WixError(
            "CANNOT_HAVE_MULTIPLE_PRIMARY_INFO", f"Only one of {name} can be the primary one"
        )
    if found and not primaries:
        found[0]["primary"] = True
    return found
