"""Any JSON value that a schema of the profile allows, for property tests of its readers.

Only the keywords that the profile uses are known. Another one is an error, so that no rule of the
document is left out of the tests by accident.
"""

from collections.abc import Mapping
from datetime import UTC
from typing import Any

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

type Schema = Mapping[str, Any]

KEYWORDS = {
    "string": {"minLength", "maxLength", "pattern", "format"},
    "integer": {"minimum", "maximum"},
    "number": set[str](),
    "boolean": set[str](),
    "null": set[str](),
    "array": {"items", "minItems", "maxItems", "uniqueItems"},
    "object": {"properties", "required", "additionalProperties", "minProperties", "maxProperties"},
}
"""The keywords of each type besides ``type`` and ``description``."""

FAR = 2**70
"""Bound of integers without one: JSON has none."""


class ProfileRecords:
    """Makes values of the profile's schemas.

    Args:
        schemas: ``components.schemas`` of the profile.
    """

    def __init__(self, schemas: Mapping[str, Schema]) -> None:
        self._schemas = schemas

    def of(self, name: str) -> SearchStrategy[Any]:
        """Return a strategy for the values of a schema."""
        return self._values({"$ref": f"#/components/schemas/{name}"})

    def _values(self, schema: Schema) -> SearchStrategy[Any]:
        if "$ref" in schema:
            return self._values(self._schemas[schema["$ref"].rpartition("/")[2]])
        if "allOf" in schema:
            return self._values(self._merged(schema))
        if "enum" in schema:
            return st.sampled_from(schema["enum"])
        if "const" in schema:
            return st.just(schema["const"])
        types = [schema["type"]] if isinstance(schema["type"], str) else schema["type"]
        known = {"type", "description"}.union(*(KEYWORDS[name] for name in types))
        assert schema.keys() <= known, f"no values are made for {schema.keys() - known}"
        return st.one_of([self._values_of_type(name, schema) for name in types])

    def _merged(self, schema: Schema) -> Schema:
        """Return the one schema that several objects make together."""
        assert schema.keys() <= {"allOf", "description"}
        properties: dict[str, Any] = {}
        required: list[str] = []
        for part in schema["allOf"]:
            one = self._schemas[part["$ref"].rpartition("/")[2]] if "$ref" in part else part
            one = self._merged(one) if "allOf" in one else one
            assert not properties.keys() & one["properties"].keys()
            properties |= one["properties"]
            required += one["required"]
        return {"type": "object", "properties": properties, "required": required}

    def _values_of_type(self, name: str, schema: Schema) -> SearchStrategy[Any]:
        match name:
            case "string":
                return _texts(schema)
            case "integer":
                return st.integers(schema.get("minimum", -FAR), schema.get("maximum", FAR))
            case "number":
                return st.floats(allow_nan=False, allow_infinity=False)
            case "boolean":
                return st.booleans()
            case "null":
                return st.none()
            case "array":
                return st.lists(
                    self._values(schema["items"]),
                    max_size=min(schema.get("maxItems", 2), 2),
                    unique=schema.get("uniqueItems", False),
                )
        return self._objects(schema)

    def _objects(self, schema: Schema) -> SearchStrategy[Any]:
        members = {one: self._values(value) for one, value in schema.get("properties", {}).items()}
        required = schema.get("required", ())
        named = st.fixed_dictionaries(
            {one: members[one] for one in required},
            optional={one: value for one, value in members.items() if one not in required},
        )
        if schema.get("additionalProperties", True) is False:
            return named
        # Readers ignore what they do not know, whatever it is.
        unknown = st.dictionaries(
            st.text(max_size=3).map(lambda text: f"x-{text}"), st.none() | st.integers(), max_size=1
        )
        return st.builds(lambda first, more: {**more, **first}, named, unknown)


def _texts(schema: Schema) -> SearchStrategy[str]:
    pattern: str | None = schema.get("pattern")
    match schema.get("format"):
        case "date-time":
            # The profile's times are in UTC. RFC 3339 leaves the number of digits open.
            first = 1900 if pattern else 1
            last = 8999 if pattern else 9999
            if pattern == "^(19|20|21)[0-9]{2}-":
                last = 2199
            return st.datetimes(timezones=st.just(UTC)).map(
                lambda moment: (
                    moment.replace(year=first + moment.year % (last - first + 1), day=1)
                    .isoformat()
                    .replace("+00:00", "Z")
                )
            )
        case "date":
            return st.dates().map(str)
        case None if pattern:
            return st.from_regex(pattern, fullmatch=True).filter(
                lambda text: len(text) <= schema.get("maxLength", len(text))
            )
        case None:
            shortest = schema.get("minLength", 0)
            return st.text(
                st.characters(codec="utf-8"),
                min_size=shortest,
                max_size=min(schema.get("maxLength", shortest + 8), shortest + 8),
            )
    raise AssertionError(f"no texts are made for the format {schema['format']}")
