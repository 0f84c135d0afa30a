"""The two modules of the portal's backend that are made from what gridwix knows: its forms, and the fields of its collections."""

import json
from collections.abc import Mapping
from typing import Any

from gridwix.models.configuration import Configuration, FormDefinition
from ops.collections import definitions
from ops.paths import ROOT

FOLDER = ROOT / "portal/backend"

FILLED = ("name", "email")
"""What a form asks about its sender and a member's session knows."""

HIDDEN = frozenset({"partnerId", "partnerIds", "memberId", "everyone", "forEverybody", "roles", "agreed", "conflicts"})
"""Fields of the collections that are for gridwix and the portal's backend alone."""

BEHIND = frozenset({"PartnerLinks", "PartnerInvitations", "InvitationRedemptions", "InvitationAttempts", "PortalFreshness"})
"""Collections that no page shows."""

HEADER = "// Made by `make config`. Do not edit.\n\n"


def modules(configuration: Configuration) -> Mapping[str, str]:
    """The modules' texts, by file name."""
    forms = {key: _form(definition) for key, definition in configuration.forms.items()}
    rules = configuration.intake.attachments
    attachments = {"types": list(rules.types), "mostBytes": rules.most_bytes}
    return {
        "forms.js": HEADER + _constant("FORMS", forms) + "\n" + _constant("ATTACHMENTS", attachments),
        "fields.js": HEADER + _constant("FIELDS", _fields()),
    }


def write(configuration: Configuration) -> None:
    for name, text in modules(configuration).items():
        (FOLDER / name).write_text(text)


def _form(definition: FormDefinition) -> dict[str, Any]:
    """What a page may ask. Files come over another way, and who somebody is tells the session alone."""
    fields = [
        {
            "name": field.name,
            "target": field.target,
            "label": field.label,
            "kind": field.kind,
            "required": field.required,
            "maxLength": field.max_length,
            "choices": list(field.choices),
        }
        for field in definition.fields
        if field.kind != "files" and (field.meaning is None or (field.meaning == "comment" and definition.action == "step_submission"))
    ]
    filled = {field.meaning: field.target for field in definition.fields if field.meaning in FILLED}
    return {"title": definition.title, "action": definition.action, "fields": fields, "filled": filled}


def _fields() -> dict[str, list[str]]:
    shown = [definition for definition in definitions() if definition["id"] not in BEHIND]
    return {definition["id"]: [field["key"] for field in definition["fields"] if field["key"] not in HIDDEN] for definition in shown}


def _constant(name: str, value: object) -> str:
    return f"export const {name} = {json.dumps(value, indent=2, ensure_ascii=False)};\n"
