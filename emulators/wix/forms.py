"""The schemas of the site's forms.

Source: the types of ``@wix/forms``.
"""

import re
import uuid
from typing import Any

from emulators.common.clock import Clock
from emulators.wix.arguments import read_object
from emulators.wix.entities import Entities, Page, next_revision
from emulators.wix.errors import InvalidRequest, WixError
from emulators.wix.events import Events
from emulators.wix.tables import Tables
from emulators.wix.validation import OPTIONS
from emulators.wix.wire import Data

TABLE = "$forms"
FQDN = "wix.forms.v4.form"
NAMESPACE = "wix.form_app.form"
"""The namespace of the Wix Forms app."""

COMPONENTS = {
    "STRING": ("TEXT_INPUT", "textInputOptions"),
    "NUMBER": ("NUMBER_INPUT", "numberInputOptions"),
    "BOOLEAN": ("CHECKBOX", "checkboxOptions"),
    "ARRAY": ("CHECKBOX_GROUP", "checkboxGroupOptions"),
    "WIX_FILE": ("FILE_UPLOAD", "fileUploadOptions"),
    "ADDRESS": ("MULTILINE_ADDRESS", "multilineAddressOptions"),
}
"""Default component of each field type, with the name of the options that hold its label."""

LOOKS = {
    "STRING": (
        "TEXT_INPUT",
        "RADIO_GROUP",
        "DROPDOWN",
        "DATE_TIME",
        "PHONE_INPUT",
        "DATE_INPUT",
        "TIME_INPUT",
        "DATE_PICKER",
    ),
    "NUMBER": ("NUMBER_INPUT", "RATING_INPUT"),
    "BOOLEAN": ("CHECKBOX",),
    "ARRAY": ("CHECKBOX_GROUP", "TAGS"),
    "WIX_FILE": ("FILE_UPLOAD", "SIGNATURE"),
    "ADDRESS": ("MULTILINE_ADDRESS",),
}
"""Components as which a form can show a field, by field type.

Source: https://dev.wix.com/docs/api-reference/crm/forms/form-schemas/about-form-fields.
"""

GUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


class Forms:
    """Stores the schemas of the site's forms. Raises WixError (NOT_FOUND) for a missing form."""

    def __init__(self, tables: Tables, clock: Clock, events: Events) -> None:
        self._forms = Entities(tables, TABLE, clock)
        self._events = events

    def create(self, form: Data, by: Data, identifier: str | None = None) -> Data:
        """Create a form, and return it. ``form`` has at least ``namespace`` and ``formFields``."""
        identifier = read_guid(identifier, "id") if identifier is not None else str(uuid.uuid4())
        if self._forms.find(identifier):
            raise WixError("ALREADY_EXISTS", f"There is a form {identifier}")
        stored = self._forms.add(
            {"name": "", "enabled": True, **_check_form(form), "id": identifier, "revision": "1"}
        )
        self._events.publish_created(FQDN, stored, by)
        return stored

    def get(self, identifier: str) -> Data:
        return self._forms.get(identifier)

    def update(self, identifier: str, changes: Data, by: Data) -> Data:
        """Replace the given members of a form, and return it.

        ``revision`` in ``changes`` must be the form's current revision.
        """
        current = self._forms.get(identifier)
        revision = next_revision(current, changes.get("revision"), "form.revision")
        kept = {name: current[name] for name in ("id", "namespace", "createdDate")}
        stored = self._forms.replace(
            {**_check_form({**current, **changes, **kept}), "revision": revision}
        )
        self._events.publish_updated(FQDN, stored, by)
        return stored

    def remove(self, identifier: str, by: Data) -> None:
        self._events.publish_deleted(FQDN, self._forms.remove(identifier), by)

    def query(self, asked: Data) -> Page:
        return self._forms.query_by_cursor(asked)

    def all(self) -> list[Data]:
        return self._forms.all()


def simple_form(name: str, fields: list[Data]) -> Data:
    """Return the schema of a form of the Wix Forms app with these fields.

    Each field is ``{target, label, inputType, component, required, validation}``.
    """
    return {
        "name": name,
        "namespace": NAMESPACE,
        "formFields": [_simple_field(field) for field in fields],
    }


def field_label(field: Data) -> str:
    """Return the label of a form's field, or the field's key (``target``) if it has no label."""
    options = field["inputOptions"]
    for found in (options.get(OPTIONS[options["inputType"]]) or {}).values():
        if isinstance(found, dict) and isinstance(found.get("label"), str):
            return str(found["label"])
    return str(options["target"])


def read_guid(value: Any, field: str) -> str:
    """Return a value that must be a GUID. Raises InvalidRequest for anything else."""
    if not isinstance(value, str) or not GUID.fullmatch(value):
        raise InvalidRequest(field, "must be a GUID")
    return value


def _simple_field(field: Data) -> Data:
    kind = field.get("inputType") or "STRING"
    plain, options = COMPONENTS.get(str(kind), ("UNKNOWN_COMPONENT_TYPE", "options"))
    component = field.get("component") or plain
    if component != plain:
        if component not in LOOKS.get(str(kind), ()):
            raise InvalidRequest(
                "fields.component", f"must be one that a field of the type {kind} can have"
            )
        # The options of a component are named after it: PHONE_INPUT has phoneInputOptions.
        first, *rest = str(component).lower().split("_")
        options = first + "".join(word.capitalize() for word in rest) + "Options"
    look = {
        "componentType": component,
        options: {"label": field.get("label") or field.get("target")},
        "validation": field.get("validation") or {},
    }
    given = {
        "target": field.get("target"),
        "inputType": kind,
        "required": field.get("required", False),
        "pii": False,
    }
    return {
        "fieldType": "INPUT",
        "inputOptions": {**given, OPTIONS.get(str(kind), "options"): look},
    }


def _check_form(form: Data) -> Data:
    if not isinstance(form.get("namespace"), str) or not form["namespace"]:
        raise InvalidRequest("form.namespace", "is missing")
    if not isinstance(form.get("enabled", True), bool):
        raise InvalidRequest("form.enabled", "must be a boolean")
    fields = form.get("formFields", [])
    if not isinstance(fields, list):
        raise InvalidRequest("form.formFields", "must be a list")
    checked = [
        _check_field(field, f"form.formFields[{place}]") for place, field in enumerate(fields)
    ]
    targets = [
        field["inputOptions"]["target"] for field in checked if field["fieldType"] == "INPUT"
    ]
    if len(set(targets)) < len(targets):
        raise InvalidRequest(
            "form.formFields", "have targets that come twice", rule="DUPLICATED_FIELD_TARGETS"
        )
    return {**form, "formFields": checked}


def _check_field(field: Any, where: str) -> Data:
    if not isinstance(field, dict):
        raise InvalidRequest(where, "must be an object")
    checked: Data = {"id": str(uuid.uuid4()), "hidden": False, "fieldType": "INPUT", **field}
    if checked["fieldType"] != "INPUT":
        return checked
    options = checked.get("inputOptions")
    if (
        not isinstance(options, dict)
        or not isinstance(options.get("target"), str)
        or not options["target"]
    ):
        raise InvalidRequest(f"{where}.inputOptions.target", "is missing")
    kind = options.get("inputType")
    if not isinstance(kind, str) or kind not in OPTIONS:
        raise InvalidRequest(f"{where}.inputOptions.inputType", "is missing or not known")
    _check_rules(
        read_object(read_object(options, OPTIONS[kind]), "validation"),
        f"{where}.inputOptions.{OPTIONS[kind]}.validation",
    )
    return checked


def _check_rules(rules: Data, where: str) -> None:
    try:
        re.compile(rules.get("pattern") or "")
    except (re.error, TypeError):
        raise InvalidRequest(f"{where}.pattern", "must be a regular expression") from None
    limits = [
        rules.get(name)
        for name in (
            "maxLength",
            "minLength",
            "maximum",
            "minimum",
            "multipleOf",
            "maxItems",
            "minItems",
        )
    ]
    if not all(limit is None or isinstance(limit, int | float) for limit in limits):
        raise InvalidRequest(where, "has a limit that is no number")
    if not isinstance(rules.get("enum", []), list | None) or not isinstance(
        rules.get("items", {}), dict | None
    ):
        raise InvalidRequest(where, "has values that are not listed")
