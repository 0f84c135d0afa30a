"""The modules of the portal's backend that are made from what gridwix knows: its forms, the fields of its collections, and what it says in each language."""

import json
from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from gridwix.configuration.everything import Configuration
from gridwix.configuration.forms import FILE_KINDS, MEANING_KINDS, NEEDED, FormDefinition, FormField
from gridwix.mapping.texts import catalog
from ops.collections import collection_definitions
from ops.paths import ROOT

FOLDER = ROOT / "portal/backend"

FILLED = ("name", "email")
"""What a form asks about its sender and a member's session knows."""

IDENTIFIERS = frozenset(MEANING_KINDS)
"""What a form can ask for to know the sender by, each a kind of field, too."""

HIDDEN = frozenset({"partnerId", "partnerIds", "memberId", "forEverybody", "roles", "agreed", "conflicts"})
"""Fields of the collections that are for gridwix and the portal's backend alone."""

BEHIND = frozenset({"PartnerLinks", "PartnerInvitations", "InvitationRedemptions", "InvitationAttempts", "PortalFreshness"})
"""Collections that no page shows."""

HEADER = "// Made by `make config`. Do not edit.\n\n"


def generate_modules(configuration: Configuration) -> Mapping[str, str]:
    """The modules' texts, by file name."""
    # A form that cannot do without files or a signature is one for Wix Forms, which takes them.
    askable = {key: form for key, form in configuration.forms.items() if not any(field.kind in FILE_KINDS and field.required for field in form.fields)}
    rules = configuration.intake.attachments
    forms = {key: {**_form_definition(definition), **(_attachment_question(definition) if rules.most else {})} for key, definition in askable.items()}
    attachments = {"types": list(rules.types), "most": rules.most, "mostBytes": rules.most_bytes}
    return {
        "forms.js": HEADER + _js_constant("FORMS", forms) + "\n" + _js_constant("ATTACHMENTS", attachments),
        "fields.js": HEADER + _js_constant("FIELDS", _visible_fields()),
        "texts.js": HEADER + _js_constant("TEXTS", texts_by_language(configuration)),
    }


def texts_by_language(configuration: Configuration) -> dict[str, dict[str, Any]]:
    """What each language has: ``{language: {labels: {group: {neutral, values}}, sentences: {code: text}}}``; a text with plural forms is a mapping of these."""
    found: defaultdict[str, dict[str, Any]] = defaultdict(lambda: {"labels": {}, "sentences": {}})
    for language in configuration.texts.languages:
        found[language]  # Also one in which nothing is written yet.
    for field, group in sorted(configuration.labels.items()):
        for language, label in group.neutral.items():
            found[language]["labels"].setdefault(field, {"values": {}})["neutral"] = label
        for value, label_in in sorted(group.values.items()):
            for language, label in label_in.items():
                found[language]["labels"].setdefault(field, {"values": {}})["values"][value] = label
    for code, said in sorted(catalog(configuration).items()):
        for language, text in said.items():
            forms = text.forms()
            found[language]["sentences"][code] = forms if len(forms) > 1 else text.other
    return dict(sorted(found.items()))


def write_modules(configuration: Configuration) -> None:
    for name, text in generate_modules(configuration).items():
        (FOLDER / name).write_text(text)


def form_wordings(definition: FormDefinition) -> list[str]:
    """What the portal shows of a form: its title, and the label, the hint and the choices of each question that it asks."""
    form = {**_form_definition(definition), **_attachment_question(definition)}
    questions = [*form["fields"], *([form["attachments"]] if "attachments" in form else [])]
    return [form["title"], *(said for one in questions for said in (one["label"], one.get("hint"), *one.get("choices", ())) if said)]


def _form_definition(definition: FormDefinition) -> dict[str, Any]:
    """What a page asks: not who somebody is, which the session tells, nor for files, which come over another way."""
    fields = [
        {
            "name": field.name,
            "target": field.target,
            "label": field.label,
            **({"hint": field.hint} if field.hint else {}),
            "kind": _question_kind(field),
            "required": field.required,
            "maxLength": field.max_length,
            "choices": list(field.choices),
            **({"other": field.other} if field.other else {}),
            **({"highest": field.highest} if field.kind == "rating" else {}),
        }
        for field in definition.fields
        if field.kind not in FILE_KINDS and _is_asked(field, definition)
    ]
    filled = {field.meaning: field.target for field in definition.fields if field.meaning in FILLED}
    words = {language: dict(sorted(said.items())) for language, said in sorted(definition.words.items())}
    return {"title": definition.title, "action": definition.action, "fields": fields, "filled": filled, "words": words}


def _attachment_question(definition: FormDefinition) -> dict[str, Any]:
    """The question of a request that files answer, the first if there are several: they are uploaded first, and then go along."""
    asked = [field for field in definition.fields if field.kind == "files" and definition.action == "request"]
    return {"attachments": {"name": asked[0].name, "target": asked[0].target, "label": asked[0].label}} if asked else {}


def _question_kind(field: FormField) -> str:
    """The kind of a field. What says who asks is an identifier, also where it is asked for as a text."""
    return field.meaning if field.meaning is not None and field.meaning in IDENTIFIERS and field.kind == "text" else field.kind


def _is_asked(field: FormField, definition: FormDefinition) -> bool:
    if field.meaning is None:
        return True
    if definition.action == "step_submission" and field.meaning in ("comment", *NEEDED["step_submission"]):
        return field.meaning == "comment"
    return definition.action in ("request", "step_submission") and field.required and field.meaning not in FILLED


def _visible_fields() -> dict[str, list[str]]:
    shown = [definition for definition in collection_definitions() if definition["id"] not in BEHIND]
    return {definition["id"]: [field["key"] for field in definition["fields"] if field["key"] not in HIDDEN] for definition in shown}


def _js_constant(name: str, value: object) -> str:
    return f"export const {name} = {json.dumps(value, indent=2, ensure_ascii=False)};\n"
