"""What a message's texts are made from: plain data of one partner's records, and no more of them than is listed here. Pure."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from gridwix.configuration.campaigns import FIELDS, RecordKind
from gridwix.mapping.case_texts import recognize_case_texts
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

NAMES = frozenset({"partner", "record", "labels", "portal"})
"""The names that a template can use."""

MAX_TEXT = 2_000
MAX_ITEMS = 50

LABELS: Mapping[RecordKind, Mapping[str, LabelField]] = {
    "case": {"status": "case.status", "category": "case.category", "priority": "case.priority"},
    "notice": {"kind": "notice.kind", "impact": "notice.impact", "status": "notice.status"},
    "document": {"category": "document.category"},
    "step": {"status": "step.status", "phase": "step.phase", "owner": "step.owner", "kind": "step.kind"},
    "enrollment": {"status": "enrollment.status"},
}
"""Which fields of a record have words for people, in ``config/labels.yaml``."""


def fields_of(kind: RecordKind, entity: Entity, step: str = "") -> Mapping[str, Any] | None:
    """The fields of a record as a campaign sees them; None for one that is gone, or of another kind. ``step`` is the key of an enrollment's step."""
    if entity.deleted_at is not None:
        return None
    found = _fields(kind, entity, step)
    return None if found is None else {name: _plain(value) for name, value in found.items()}


def own_words(entity: Entity, texts: Texts) -> Mapping[str, PartnerText]:
    """The fields of a record, as a campaign sees them, that gridwix itself has worded."""
    if not isinstance(entity, Case):
        return {}
    words = recognize_case_texts(entity, texts)
    said = {"subject": words.subject, "next_step": words.next_step}
    return {name: one for name, one in said.items() if one is not None and one.sentence is not None}


def context(
    kind: RecordKind, fields: Mapping[str, Any], own: Mapping[str, PartnerText], partner: Partner, texts: Texts, portal_url: str, locale: str = DEFAULT_LOCALE
) -> Mapping[str, Any]:
    """What the templates of a campaign may say in a language: the record, its words for people, the partner and the portal's address.

    ``own`` are the fields that :func:`own_words` has found; all others are said as they are.
    """
    labelled = {name: group for name, group in LABELS.get(kind, {}).items() if fields.get(name) is not None and group in texts}
    words = {name: texts.label(group, str(fields[name]), locale) for name, group in labelled.items()}
    ours = {name: _plain(texts.render(said.sentence, locale)) for name, said in own.items() if said.sentence is not None and name in fields}
    about = {"id": partner.id, "name": _plain(partner.name), "country": partner.country, "role": partner.role, "status": partner.status}
    return {"partner": about, "record": {**fields, **ours}, "labels": words, "portal": {"url": portal_url}}


def _fields(kind: RecordKind, entity: Entity, step: str) -> Mapping[str, Any] | None:
    match kind, entity:
        case ("check", ComplianceCheck()) | ("case", Case()):
            return {name: getattr(entity, name) for name in FIELDS[kind]}
        case "notice", ServiceNotice():
            derived = {
                "expected_until": entity.scheduled_until,
                "components": [component.name for component in entity.affected_components],
                "transaction_types": [affected.code for affected in entity.affected_transaction_types],
            }
            return {name: getattr(entity, name) for name in FIELDS[kind] - set(derived)} | derived
        case "document", Document():
            return {name: getattr(entity, name) for name in FIELDS[kind] - {"version"}} | {"version": entity.current_version}
        case "step", Enrollment():
            return _step(entity, step)
        case "enrollment", Enrollment():
            titles = {one.key: one.title or one.key for one in entity.steps}
            current = [titles.get(key, key) for key in entity.current_step_keys]
            return {name: getattr(entity, name) for name in FIELDS[kind] - {"current_steps"}} | {"current_steps": current}
    return None


def _step(enrollment: Enrollment, key: str) -> Mapping[str, Any] | None:
    """A step of an enrollment that is under way, or has just been completed."""
    step = next((one for one in enrollment.steps if one.key == key), None)
    if step is None or enrollment.status not in RUNNING_ENROLLMENT_STATUSES | {"completed"}:
        return None
    own = {name: getattr(step, name) for name in ("key", "phase", "owner", "kind", "status", "due_on", "note")}
    return {**own, "title": step.title or step.key, "enrollment_status": enrollment.status, "percent_complete": enrollment.percent_complete}


def _plain(value: Any) -> Any:
    """The value as JSON has it, and not endless."""
    match value:
        case str():
            # A plain text, whatever kind of string it was.
            return str.__str__(value)[:MAX_TEXT]
        case datetime() | date():
            return value.isoformat()
        case list() | tuple():
            return [_plain(item) for item in value[:MAX_ITEMS]]
    return value
