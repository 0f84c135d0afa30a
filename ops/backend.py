"""Generates JavaScript modules of the portal from the configuration.

They are modules of the portal's backend (forms, visible fields, roles, and texts per language) and
the sanitizer rules of the page's web component.
"""

import json
from collections import defaultdict
from collections.abc import Mapping
from typing import Any, get_args

from gridwix.configuration.campaigns import Channel, RecordKind
from gridwix.configuration.everything import Configuration
from gridwix.configuration.forms import FILE_KINDS, MEANING_KINDS, NEEDED, FormDefinition, FormField
from gridwix.mapping import html_rules
from gridwix.mapping.texts import catalog
from gridwix.models.portal.areas import Area
from gridwix.models.time_zones import zone_names
from ops.collections import collection_definitions
from ops.paths import ROOT
from ops.role_page import write_page

FOLDER = ROOT / "portal/backend"

HTML_RULES = ROOT / "portal/element/html-rules.js"
"""The web component's copy of the sanitizer rules in ``gridwix.mapping.html_rules``."""

FILLED = ("name", "email")
"""Meanings of form fields that the portal fills in from the member's session."""

IDENTIFIERS = frozenset(MEANING_KINDS)
"""Meanings of form fields that identify the sender. Each is also a kind of field."""

HIDDEN = frozenset(
    {
        *("partnerId", "partnerIds", "memberId", "forEverybody", "roles", "classification"),
        *("agreed", "conflicts"),
    }
)
"""Collection fields that no page receives: only gridwix and the portal's backend read them."""

AREA_OF: Mapping[RecordKind, Area] = {
    "check": "compliance",
    "case": "issues",
    "notice": "notices",
    "document": "documents",
    "step": "onboarding",
    "enrollment": "onboarding",
}
"""Area of the portal that shows the records that a campaign is about, by kind of record."""

BEHIND = frozenset(
    {
        "PartnerLinks",
        "PartnerInvitations",
        "InvitationRedemptions",
        "InvitationAttempts",
        "MemberSettings",
        "MemberReadMarks",
        "PeopleHistory",
        "PortalChanges",
    }
)
"""Collections that no page shows, such as the links between members and partners."""

HEADER = "// Made by `make config`. Do not edit.\n\n"


def generate_modules(configuration: Configuration) -> Mapping[str, str]:
    """Return the generated JavaScript modules of the portal's backend, as text by file name."""
    # The portal cannot collect required files or signatures: such a form needs Wix Forms.
    askable = {
        key: form
        for key, form in configuration.forms.items()
        if not any(field.kind in FILE_KINDS and field.required for field in form.fields)
    }
    rules = configuration.intake.attachments
    forms = {
        key: {
            **_form_definition(definition),
            **(_attachment_question(definition) if rules.most else {}),
        }
        for key, definition in askable.items()
    }
    attachments = {"types": list(rules.types), "most": rules.most, "mostBytes": rules.most_bytes}
    return {
        "forms.js": HEADER
        + _js_constant("FORMS", forms)
        + "\n"
        + _js_constant("ATTACHMENTS", attachments),
        "fields.js": HEADER + _js_constant("FIELDS", _visible_fields()),
        "choices.js": HEADER
        + _js_constant("CHOICES", member_choices(configuration))
        + "\n"
        + _js_constant("INVITATION_DAYS", configuration.people.valid_days),
        "roles.js": HEADER
        + _js_constant("PERMISSIONS", configuration.roles.model_dump(mode="json", by_alias=True)),
        "texts.js": HEADER + _js_constant("TEXTS", texts_by_language(configuration)),
    }


def texts_by_language(configuration: Configuration) -> dict[str, dict[str, Any]]:
    """Return the portal's labels and sentences in each language.

    The shape is ``{language: {labels: {group: {neutral, values}}, sentences: {code: text}}}``. A
    text with plural forms is a mapping of plural categories.
    """
    found: defaultdict[str, dict[str, Any]] = defaultdict(lambda: {"labels": {}, "sentences": {}})
    for language in configuration.texts.languages:
        found[language]  # Creates the entry: a language without any text is listed, too.
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


def member_choices(configuration: Configuration) -> dict[str, Any]:
    """Return the options of the portal's page on which a member chooses how to get messages.

    ``groups`` maps each group of campaigns to its channels. A channel has the reason for which it
    cannot be turned off, or None if it can. ``areas`` has the areas of the portal that the messages
    of a group are about. ``quietHours`` are the hub's default, or None. ``timeZones`` are those
    that gridwix knows.
    """
    groups: dict[str, dict[str, str | None]] = {}
    areas: defaultdict[str, set[Area]] = defaultdict(set)
    for campaign in configuration.campaigns.values():
        if campaign.group is None or campaign.status != "active":
            continue
        areas[campaign.group].add(AREA_OF[campaign.trigger.kind])
        fixed = None if campaign.can_be_turned_off else "required"
        for channel in get_args(Channel.__value__):
            if channel in campaign.channels:
                groups.setdefault(campaign.group, {})[channel] = (
                    "portal" if channel == "portal" else fixed
                )
    quiet = configuration.messaging.quiet_hours
    return {
        "languages": sorted(configuration.texts.languages),
        "quietHours": None
        if quiet is None
        else {"begins": f"{quiet.begins:%H:%M}", "ends": f"{quiet.ends:%H:%M}"},
        "groups": dict(sorted(groups.items())),
        "areas": {group: sorted(names) for group, names in sorted(areas.items())},
        "timeZones": sorted(zone_names()),
    }


def html_rules_module() -> str:
    """Return the source text of the JavaScript module ``portal/element/html-rules.js``.

    The portal's web component uses the module to sanitize rich text: it says which HTML elements
    are kept, renamed or dropped.
    """
    return HEADER + "\n".join(
        _js_constant(name, sorted(value) if isinstance(value, frozenset) else value)
        for name, value in (
            ("KEPT", html_rules.KEPT),
            ("RENAMED", html_rules.RENAMED),
            ("DROPPED", html_rules.DROPPED),
            ("HIGH_HEADINGS", html_rules.HIGH_HEADINGS),
            ("TOP_HEADING", html_rules.TOP_HEADING),
            ("LOWEST_HEADING", html_rules.LOWEST_HEADING),
            ("BLOCKS", html_rules.BLOCKS),
            ("SCHEMES", html_rules.SCHEMES),
            ("SILENT_SCHEMES", html_rules.SILENT_SCHEMES),
            ("SPOKEN_SCHEMES", html_rules.SPOKEN_SCHEMES),
            ("MAX_DEPTH", html_rules.MAX_DEPTH),
        )
    )


def write_modules(configuration: Configuration) -> None:
    """Write the generated modules to ``portal/backend`` and ``portal/element``.

    Also write the table of roles to ``docs/roles.md``.
    """
    for name, text in generate_modules(configuration).items():
        (FOLDER / name).write_text(text)
    HTML_RULES.write_text(html_rules_module())
    write_page(configuration)


def form_wordings(definition: FormDefinition) -> list[str]:
    """Return all texts that the portal shows of a form.

    These are its title, and the label, hint and choices of each question.
    """
    form = {**_form_definition(definition), **_attachment_question(definition)}
    questions = [*form["fields"], *([form["attachments"]] if "attachments" in form else [])]
    return [
        form["title"],
        *(
            said
            for one in questions
            for said in (one["label"], one.get("hint"), *one.get("choices", ()))
            if said
        ),
    ]


def _form_definition(definition: FormDefinition) -> dict[str, Any]:
    """Return the definition of a form as the portal's page needs it to show the form.

    Fields with the sender's identity are left out, since it comes from the session. File fields are
    left out, too, since files are uploaded separately.
    """
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
    words = {
        language: dict(sorted(said.items())) for language, said in sorted(definition.words.items())
    }
    return {
        "title": definition.title,
        "action": definition.action,
        "fields": fields,
        "filled": filled,
        "words": words,
    }


def _attachment_question(definition: FormDefinition) -> dict[str, Any]:
    """Return the question of a request form that is answered with files; empty if there is none.

    If there are several such questions, the first is taken. The portal uploads the files before it
    submits the form.
    """
    asked = [
        field
        for field in definition.fields
        if field.kind == "files" and definition.action == "request"
    ]
    return (
        {"attachments": {"name": asked[0].name, "target": asked[0].target, "label": asked[0].label}}
        if asked
        else {}
    )


def _question_kind(field: FormField) -> str:
    """Return the kind of a form's question for the portal's page, such as ``text``.

    A text field for an identifier of the sender has the kind of the identifier, such as ``gln``.
    """
    return (
        field.meaning
        if field.meaning is not None and field.meaning in IDENTIFIERS and field.kind == "text"
        else field.kind
    )


def _is_asked(field: FormField, definition: FormDefinition) -> bool:
    if field.meaning is None:
        return True
    # The page knows the enrollment and the step, so it asks only for the comment.
    if definition.action == "step_submission" and field.meaning in (
        "comment",
        *NEEDED["step_submission"],
    ):
        return field.meaning == "comment"
    return (
        definition.action in ("request", "step_submission")
        and field.required
        and field.meaning not in FILLED
    )


def _visible_fields() -> dict[str, list[str]]:
    shown = [
        definition for definition in collection_definitions() if definition["id"] not in BEHIND
    ]
    return {
        definition["id"]: [
            field["key"] for field in definition["fields"] if field["key"] not in HIDDEN
        ]
        for definition in shown
    }


def _js_constant(name: str, value: object) -> str:
    return f"export const {name} = {json.dumps(value, indent=2, ensure_ascii=False)};\n"
