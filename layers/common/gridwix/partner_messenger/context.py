"""Values that a campaign's message templates can use: listed fields of partner records. Pure."""

from collections.abc import Mapping
from datetime import date, datetime, tzinfo
from typing import Any

from gridwix.configuration.campaigns import FIELDS, RecordKind
from gridwix.mapping.case_texts import recognize_case_texts
from gridwix.mapping.cuts import cut_text
from gridwix.mapping.statuses import RUNNING_ENROLLMENT_STATUSES
from gridwix.mapping.texts import PartnerText, Texts
from gridwix.models.locales import DEFAULT_LOCALE
from gridwix.models.texts import LabelField
from gridwix.models.trading_grid.cases import Case
from gridwix.models.trading_grid.compliance import ComplianceCheck
from gridwix.models.trading_grid.documents import Document
from gridwix.models.trading_grid.entities import Entity
from gridwix.models.trading_grid.notices import ServiceNotice
from gridwix.models.trading_grid.onboarding import Enrollment
from gridwix.models.trading_grid.partners import Partner
from gridwix.partner_messenger.invitations import InvitationRow

NAMES = frozenset({"partner", "record", "labels", "portal"})
"""Top-level names in a template."""

MAX_TEXT = 2_000
"""Maximum length of a text field in a template's context, in characters; longer ones are cut."""

MAX_ITEMS = 50
"""Maximum number of items of a list in a template's context; longer ones are cut."""

LABELS: Mapping[RecordKind, Mapping[str, LabelField]] = {
    "case": {"status": "case.status", "category": "case.category", "priority": "case.priority"},
    "notice": {"kind": "notice.kind", "impact": "notice.impact", "status": "notice.status"},
    "document": {"category": "document.category"},
    "step": {
        "status": "step.status",
        "phase": "step.phase",
        "owner": "step.owner",
        "kind": "step.kind",
    },
    "enrollment": {"status": "enrollment.status"},
    "invitation": {"role": "invitation.role"},
    "access": {"role": "invitation.role"},
}
"""Fields that have labels in ``config/labels.yaml``, with their group there."""


def record_fields(
    kind: RecordKind, entity: Entity | InvitationRow, step: str = ""
) -> Mapping[str, Any] | None:
    """Return the fields of a record under the names that campaign templates use, as JSON values.

    The fields of an invitation do not include its code: see
    :func:`gridwix.partner_messenger.messages.contexts_with_code`.

    Args:
        kind: Kind of record that the campaign is about. For the kind ``access`` the record is
            the invitation that gave the access.
        entity: The record.
        step: Key of the enrollment's step, for the kind ``step``.

    Returns:
        The fields; None for a tombstone, for an invitation about which no message is sent, and
        for a record that is not of this kind.
    """
    if isinstance(entity, InvitationRow):
        return _person_fields(kind, entity)
    if entity.deleted_at is not None:
        return None
    found = _raw_fields(kind, entity, step)
    return None if found is None else {name: _json_value(value) for name, value in found.items()}


def _person_fields(kind: RecordKind, invitation: InvitationRow) -> Mapping[str, Any] | None:
    """Return the template fields for a message to an invited person; None if there is none to send.

    The message is about the invitation (kind ``invitation``) or about the end of the access that it
    gave (kind ``access``).
    """
    common = {"role": invitation.role, "name": _json_value(invitation.name)}
    if kind == "invitation" and invitation.is_announced:
        return {**common, "expires_on": _json_value(invitation.expires_at)}
    if kind == "access" and invitation.says_end:
        return {**common, "reason": invitation.ended_for}
    return None


def generated_texts(entity: Entity | InvitationRow, texts: Texts) -> Mapping[str, PartnerText]:
    """Return the fields of a record with a text that gridwix generated, by field name.

    Such a text can be rendered in each language. Empty for a record without such texts.
    """
    if not isinstance(entity, Case):
        return {}
    recognized = recognize_case_texts(entity, texts)
    found = {"subject": recognized.subject, "next_step": recognized.next_step}
    return {
        name: text for name, text in found.items() if text is not None and text.sentence is not None
    }


def template_context(
    kind: RecordKind,
    fields: Mapping[str, Any],
    generated: Mapping[str, PartnerText],
    partner: Partner,
    texts: Texts,
    portal_url: str,
    locale: str = DEFAULT_LOCALE,
    zone: tzinfo | None = None,
) -> Mapping[str, Any]:
    """Return the values for message templates: ``record``, ``labels``, ``partner`` and ``portal``.

    Args:
        kind: Kind of record that the campaign is about.
        fields: Fields of the record, from :func:`record_fields`.
        generated: Fields to render in ``locale``, from :func:`generated_texts`. All other fields
            keep their text.
        partner: The partner that the message is for.
        texts: Labels and sentences. It counts each value that has no label.
        portal_url: Address of the partner portal, or "".
        locale: Language, such as ``de``.
        zone: Time zone of the reader; None for the time zone of the hub.
    """
    labelled = {
        name: group
        for name, group in LABELS.get(kind, {}).items()
        if fields.get(name) is not None and group in texts
    }
    labels = {
        name: texts.label(group, str(fields[name]), locale) for name, group in labelled.items()
    }
    rendered = {
        name: _json_value(texts.render(text.sentence, locale, zone))
        for name, text in generated.items()
        if text.sentence is not None and name in fields
    }
    about = {
        "id": partner.id,
        "name": _json_value(partner.name),
        "country": partner.country,
        "role": partner.role,
        "status": partner.status,
    }
    return {
        "partner": about,
        "record": {**fields, **rendered},
        "labels": labels,
        "portal": {"url": portal_url},
    }


def _raw_fields(kind: RecordKind, entity: Entity, step: str) -> Mapping[str, Any] | None:
    match kind, entity:
        case ("check", ComplianceCheck()) | ("case", Case()):
            return {name: getattr(entity, name) for name in FIELDS[kind]}
        case "notice", ServiceNotice():
            derived = {
                "expected_until": entity.scheduled_until,
                "components": [component.name for component in entity.affected_components],
                "transaction_types": [
                    affected.code for affected in entity.affected_transaction_types
                ],
            }
            return {name: getattr(entity, name) for name in FIELDS[kind] - set(derived)} | derived
        case "document", Document():
            return {name: getattr(entity, name) for name in FIELDS[kind] - {"version"}} | {
                "version": entity.current_version
            }
        case "step", Enrollment():
            return _step_fields(entity, step)
        case "enrollment", Enrollment():
            titles = {one.key: one.title or one.key for one in entity.steps}
            current = [titles.get(key, key) for key in entity.current_step_keys]
            return {name: getattr(entity, name) for name in FIELDS[kind] - {"current_steps"}} | {
                "current_steps": current
            }
    return None


def _step_fields(enrollment: Enrollment, key: str) -> Mapping[str, Any] | None:
    """Return the template fields of an onboarding step.

    None if the enrollment does not have the step, or is neither running nor completed.
    """
    step = next((one for one in enrollment.steps if one.key == key), None)
    if step is None or enrollment.status not in RUNNING_ENROLLMENT_STATUSES | {"completed"}:
        return None
    own = {
        name: getattr(step, name)
        for name in ("key", "phase", "owner", "kind", "status", "due_on", "note")
    }
    return {
        **own,
        "title": step.title or step.key,
        "enrollment_status": enrollment.status,
        "percent_complete": enrollment.percent_complete,
    }


def _json_value(value: Any) -> Any:
    """Return the value in its JSON form. Texts and lists are cut at their maximum length.

    >>> _json_value((date(2026, 3, 4), 7)), len(_json_value("x" * 9_999))
    (['2026-03-04', 7], 2000)
    """
    match value:
        case str():
            # A subclass of str could override methods that templates call: take its text only.
            return cut_text(str.__str__(value), MAX_TEXT)
        case datetime() | date():
            return value.isoformat()
        case list() | tuple():
            return [_json_value(item) for item in value[:MAX_ITEMS]]
    return value
