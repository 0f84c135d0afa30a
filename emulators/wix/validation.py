"""Validates the values of a form submission against its form. Pure.

Sources: https://dev.wix.com/docs/api-reference/crm/forms/form-submissions/introduction (one entry
for each value that fails) and the validation options of ``@wix/forms``.
"""

import re
from collections.abc import Iterator
from typing import Any

from emulators.wix.wire import Data

OPTIONS = {
    "STRING": "stringOptions",
    "NUMBER": "numberOptions",
    "BOOLEAN": "booleanOptions",
    "ARRAY": "arrayOptions",
    "OBJECT": "objectOptions",
    "WIX_FILE": "wixFileOptions",
    "PAYMENT": "paymentOptions",
    "SCHEDULING": "schedulingOptions",
    "ADDRESS": "addressOptions",
}
"""The member of a form field that holds its options, by the type of the field."""

FORMATS = {
    "EMAIL": re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+"),
    "URL": re.compile(r"(https?://)?[^\s/.]+\.\S+"),
    "URI": re.compile(r"[a-zA-Z][a-zA-Z0-9+.-]*:\S+"),
    "PHONE": re.compile(r"[+(]?[\d\s()./-]{5,30}"),
    "DATE": re.compile(r"\d{4}-\d{2}-\d{2}"),
    "TIME": re.compile(r"\d{2}:\d{2}(:\d{2}(\.\d+)?)?"),
    "DATE_TIME": re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:?\d{2})?"),
    "UUID": re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"),
}
TYPES: dict[str, type | tuple[type, ...]] = {
    "STRING": str,
    "NUMBER": (int, float),
    "BOOLEAN": bool,
    "ARRAY": list,
    "WIX_FILE": list,
}
"""Python types of values, by field type.

Values of other field types are objects, or lists of objects.
"""


def violations(form: Data, values: Data) -> list[Data]:
    """Return an error ``{errorType, errorPath, errorMessage, params}`` for each invalid value.

    The errors are in the order of the form's fields.
    """
    if not form["enabled"]:
        return [_violation("DISABLED_FORM_ERROR", "", "the form is disabled")]
    fields = input_fields(form)
    found = [entry for field in fields for entry in _field_violations(field, values)]
    known = {field["inputOptions"]["target"] for field in fields}
    unknown = [name for name in values if name not in known]
    return [
        *found,
        *(
            _violation(
                "UNKNOWN_VALUE_ERROR",
                name,
                "must NOT have additional properties",
                additionalProperty=name,
            )
            for name in unknown
        ),
    ]


def input_fields(form: Data) -> list[Data]:
    """Return the fields of a form that take a value, unlike headings and buttons."""
    return [field for field in form["formFields"] if field["fieldType"] == "INPUT"]


def _field_violations(field: Data, values: Data) -> Iterator[Data]:
    options = field["inputOptions"]
    target, kind = options["target"], options["inputType"]
    value = values.get(target)
    if value is None or value in ("", []):
        if options.get("required") and not field.get("hidden"):
            yield _violation(
                "REQUIRED_VALUE_ERROR",
                target,
                f"must have required property '{target}'",
                missingProperty=target,
            )
        return
    if not isinstance(value, TYPES.get(kind, dict | list)) or (
        isinstance(value, bool) and kind != "BOOLEAN"
    ):
        yield _violation("TYPE_ERROR", target, f"must be {kind.lower()}", type=kind)
        return
    rules = (options.get(OPTIONS[kind]) or {}).get("validation") or {}
    match value:
        case str():
            yield from _text_violations(target, value, rules)
        case list():
            yield from _list_violations(target, value, rules)
        case int() | float():
            yield from _number_violations(target, value, rules)


def _text_violations(target: str, value: str, rules: Data) -> Iterator[Data]:
    if rules.get("maxLength") is not None and len(value) > rules["maxLength"]:
        yield _violation(
            "MAX_LENGTH_ERROR",
            target,
            f"must NOT have more than {rules['maxLength']} characters",
            limit=rules["maxLength"],
        )
    if rules.get("minLength") is not None and len(value) < rules["minLength"]:
        yield _violation(
            "MIN_LENGTH_ERROR",
            target,
            f"must NOT have fewer than {rules['minLength']} characters",
            limit=rules["minLength"],
        )
    if rules.get("pattern") and not re.search(rules["pattern"], value):
        yield _violation(
            "PATTERN_ERROR",
            target,
            f'must match pattern "{rules["pattern"]}"',
            pattern=rules["pattern"],
        )
    wanted = FORMATS.get(str(rules.get("format")))
    if wanted and not wanted.fullmatch(value):
        yield _violation(
            "FORMAT_ERROR", target, f'must match format "{rules["format"]}"', format=rules["format"]
        )
    yield from _enum_violations(target, value, rules)


def _number_violations(target: str, value: float, rules: Data) -> Iterator[Data]:
    if rules.get("maximum") is not None and value > rules["maximum"]:
        yield _violation(
            "MAX_VALUE_ERROR", target, f"must be <= {rules['maximum']}", limit=rules["maximum"]
        )
    if rules.get("minimum") is not None and value < rules["minimum"]:
        yield _violation(
            "MIN_VALUE_ERROR", target, f"must be >= {rules['minimum']}", limit=rules["minimum"]
        )
    if rules.get("multipleOf") and value % rules["multipleOf"]:
        yield _violation(
            "MULTIPLE_OF_VALUE_ERROR",
            target,
            f"must be multiple of {rules['multipleOf']}",
            multipleOf=rules["multipleOf"],
        )
    yield from _enum_violations(target, value, rules)


def _list_violations(target: str, value: list[Any], rules: Data) -> Iterator[Data]:
    if rules.get("maxItems") is not None and len(value) > rules["maxItems"]:
        yield _violation(
            "MAX_ITEMS_ERROR",
            target,
            f"must NOT have more than {rules['maxItems']} items",
            limit=rules["maxItems"],
        )
    if rules.get("minItems") is not None and len(value) < rules["minItems"]:
        yield _violation(
            "MIN_ITEMS_ERROR",
            target,
            f"must NOT have fewer than {rules['minItems']} items",
            limit=rules["minItems"],
        )
    items = rules.get("items") or {}
    for place, one in enumerate(value):
        yield from _enum_violations(
            f"{target}/{place}", one, items.get("stringOptions") or items.get("numberOptions") or {}
        )


def _enum_violations(target: str, value: Any, rules: Data) -> Iterator[Data]:
    if rules.get("enum") and value not in rules["enum"]:
        yield _violation(
            "NOT_ALLOWED_VALUE_ERROR",
            target,
            "must be equal to one of the allowed values",
            allowedValues=rules["enum"],
        )


def _violation(error_type: str, path: str, message: str, **params: Any) -> Data:
    return {"errorType": error_type, "errorPath": path, "errorMessage": message, "params": params}
