"""Members of records that must not be null by the OpenAPI file: they are left out instead. Pure."""

from collections.abc import Mapping
from typing import Any

from gridwix_gateway.documents import Document
from gridwix_gateway.profile.schemas import entity_schema, resolved_schema


def permits_null(schema: Any) -> bool:
    """Return True if an OpenAPI schema permits null.

    >>> permits_null({"type": ["string", "null"]}), permits_null({"type": "string"})
    (True, False)
    >>> permits_null({"enum": ["partner", None]}), permits_null({})
    (True, True)
    """
    found = resolved_schema(schema)
    if "enum" in found:
        return None in found["enum"]
    types = found.get("type", "null")
    return types == "null" or (isinstance(types, list) and "null" in types)


def forbids_null(entity: str, member: str) -> bool:
    """Return True if the OpenAPI file forbids null as the value of an entity's member.

    >>> forbids_null("Partner", "mailbox"), forbids_null("Partner", "legalName")
    (True, False)
    """
    return not permits_null(entity_schema(entity)["properties"].get(member, {}))


def without_forbidden_nulls(entity: str, fields: Document) -> Document:
    """Return an entity's members without those that are null although the OpenAPI file forbids it.

    Nested members are treated in the same way. Null stays where it is permitted. It also stays in a
    required member, so that validation then reports the missing value.

    >>> without_forbidden_nulls("Partner", {"mailbox": None, "legalName": None, "name": None})
    {'legalName': None, 'name': None}

    Args:
        entity: Name of the entity's schema, such as ``Case``.
        fields: The members.

    Returns:
        The remaining members.
    """
    kept: Document = _pruned(entity_schema(entity), fields)
    return kept


def _pruned(schema: Any, value: Any) -> Any:
    match value:
        case dict():
            found = resolved_schema(schema)
            members: Mapping[str, Any] = found.get("properties", {})
            required = found.get("required", ())
            return {
                name: _pruned(members.get(name, {}), member)
                for name, member in value.items()
                if member is not None or name in required or permits_null(members.get(name, {}))
            }
        case list():
            items = resolved_schema(schema).get("items", {})
            return [_pruned(items, item) for item in value]
    return value
