"""Campaigns outside of the functions: whether their texts can be made, and how they look for an event of the past."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from gridwix.configuration.campaigns import Campaign, RecordKind
from gridwix.configuration.everything import Configuration
from gridwix.errors import InvalidEvent
from gridwix.mapping.cloud_events import to_change
from gridwix.mapping.texts import Texts
from gridwix.models.events import Change
from gridwix.models.trading_grid.cases import Case
from gridwix.models.trading_grid.compliance import ComplianceCheck
from gridwix.models.trading_grid.documents import Document
from gridwix.models.trading_grid.entities import Entity
from gridwix.models.trading_grid.notices import ServiceNotice
from gridwix.models.trading_grid.onboarding import Enrollment
from gridwix.models.trading_grid.partners import Partner
from gridwix.partner_messenger.context import generated_texts, record_fields, template_context
from gridwix.partner_messenger.dispatches import Text
from gridwix.partner_messenger.messages import rendered_text, rendered_texts
from gridwix.partner_messenger.ports import MessageSource
from gridwix.partner_messenger.selection import has_relevant_change, is_addressed_to, is_condition_met
from gridwix.partner_messenger.templates import TemplateFault
from ops.errors import OpsError
from ops.paths import ROOT

SAMPLES = ROOT / "ops/samples.json"
"""A record of each kind, as Trading Grid answers it, and a partner."""

COLLECTIONS: Mapping[str, type[Entity]] = {model.COLLECTION: model for model in (Partner, ComplianceCheck, Case, ServiceNotice, Document, Enrollment)}
OF_KIND: Mapping[RecordKind, str] = {
    "check": "compliance-checks",
    "case": "cases",
    "notice": "service-notices",
    "document": "documents",
    "step": "enrollments",
    "enrollment": "enrollments",
}
PORTAL = "https://portal.example/partner-portal"
"""The portal's address in samples: the real one belongs to a stack."""

STEP = "edi_testing"
"""The step of the sample enrollment."""


@dataclass(frozen=True, slots=True)
class Preview:
    """A campaign's text for an event. ``would_not`` is why it would not be sent, "" if it would; ``record_from`` is where the record is from."""

    text: Text
    locale: str
    would_not: str
    record_from: str


def sample(collection: str) -> Entity:
    """The sample record of a collection."""
    documents: Mapping[str, Any] = json.loads(SAMPLES.read_text())
    now = datetime.now(UTC).isoformat()
    common = {"companyId": "GC00700011NR", "version": 1, "createdAt": now, "updatedAt": now}
    return COLLECTIONS[collection].model_validate({**common, **documents[collection]})


def faults(configuration: Configuration) -> Mapping[tuple[str, ...], str]:
    """What is wrong with the texts of the campaigns, by the members that lead to each: each is made once from a full record and once from a bare one."""
    found: dict[tuple[str, ...], str] = {}
    partner, texts = sample("partners"), Texts(configuration)
    assert isinstance(partner, Partner)
    for key, campaign in configuration.campaigns.items():
        kind = campaign.trigger.kind
        fields = record_fields(kind, sample(OF_KIND[kind]), STEP) or {}
        always = {
            *campaign.trigger.when,
            "title",
            "number",
            "subject",
            "status",
            "key",
            "version",
            *([campaign.trigger.ahead.field] if campaign.trigger.ahead else []),
        }
        bare = {name: value if name in always else [] if isinstance(value, list) else None for name, value in fields.items()}
        for locale in campaign.texts:
            for values in (fields, bare):
                words = partial(template_context, kind, values, {}, partner, texts, PORTAL)
                try:
                    rendered_text(campaign, locale, words)
                except TemplateFault as fault:
                    found.setdefault(("campaigns", key, "texts", locale), str(fault))
    return found


def read_event(path: Path) -> tuple[Change, Entity | None]:
    """The event of a file, and the record if the event carries it: a message of a queue, an event of the bus, a CloudEvent, or a webhook. Raises OpsError."""
    try:
        document = json.loads(path.read_text())
    except (OSError, ValueError) as error:
        raise OpsError(f"{path} is no JSON file that can be read: {type(error).__name__}") from None
    for _ in range(3):
        match document:
            case {"Records": [{"body": str(body)}, *_]} | {"body": str(body)}:
                try:
                    document = json.loads(body)
                except ValueError:
                    break
            case {"detail": dict(detail)}:
                document = detail
            case _:
                break
    try:
        if isinstance(document, dict) and "specversion" in document:
            change = Change.model_validate(to_change(document, prefix="net.example.tg.", via="feed"))
            return change, _carried(document, change)
        return Change.model_validate(document), None
    except (InvalidEvent, ValidationError):
        raise OpsError(f"{path} holds no event of Trading Grid that gridwix reads") from None


def preview(configuration: Configuration, key: str, change: Change, carried: Entity | None, locale: str, source: MessageSource | None) -> Preview:
    """How a campaign would look. ``source`` is asked for the record and the partner; without it they are the event's own, or a sample. Raises OpsError."""
    campaign = configuration.campaigns.get(key)
    if campaign is None:
        raise OpsError(f"there is no campaign {key}; there are {', '.join(sorted(configuration.campaigns))}")
    kind = campaign.trigger.kind
    entity, partner, where = _records(campaign, change, carried, source)
    parts = change.subject.split("/")
    step = parts[3] if len(parts) == 4 else STEP
    fields = record_fields(kind, entity, step)
    if fields is None:
        raise OpsError(f"{change.subject} is no {kind} that is there")
    reasons = [
        "" if change.type in campaign.trigger.events else f"{change.type} does not begin it",
        ""
        if has_relevant_change(change, campaign)
        else f"the event does not say that {' or '.join(campaign.trigger.changed)} has changed in a record that was as it asks",
        "" if is_condition_met(campaign, fields) else "the record is not as it asks",
        "" if is_addressed_to(partner, entity, configuration.audiences.regions) else "the record is not the partner's",
    ]
    said = Texts(configuration)
    words = partial(template_context, kind, fields, generated_texts(entity, said), partner, said, PORTAL)
    try:
        texts = rendered_texts(campaign, words)
    except TemplateFault as fault:
        raise OpsError(f"campaign {key} has a broken text: {fault}") from None
    found = locale if locale in texts else "en"
    return Preview(texts[found], found, "; ".join(filter(None, reasons)), where)


def _records(campaign: Campaign, change: Change, carried: Entity | None, source: MessageSource | None) -> tuple[Entity, Partner, str]:
    if source is not None:
        entity = source.record(change.record)
        if entity is None:
            raise OpsError(f"Trading Grid knows no {change.record}")
        owner = getattr(entity, "partner_id", None) or change.partner_id
        found = source.partners([owner]).records if owner else source.every_partner().records[:1]
        if not found:
            raise OpsError(f"Trading Grid knows no partner {owner}")
        return entity, found[0], "Trading Grid, as it is now"
    entity = carried or sample(OF_KIND[campaign.trigger.kind])
    partner = sample("partners")
    assert isinstance(partner, Partner)
    if (owner := getattr(entity, "partner_id", None)) is not None:
        partner = partner.model_copy(update={"id": owner})
    return entity, partner, "the event" if carried is not None else "a sample, as the event carries none (--stack asks Trading Grid)"


def _carried(event: Mapping[str, Any], change: Change) -> Entity | None:
    """The record in ``data.after``, completed by the sample's members where the event has only what is needed to tell of it."""
    model = COLLECTIONS.get(change.record.partition("/")[0])
    after = event.get("data", {}).get("after")
    if model is None or not isinstance(after, dict) or "/steps/" in change.subject:
        return None
    documents: Mapping[str, Any] = json.loads(SAMPLES.read_text())
    owner = {} if change.partner_id is None else {"partnerId": change.partner_id}
    at = change.occurred_at.isoformat()
    common = {"companyId": change.company_id, "version": change.version or 1, "createdAt": at, "updatedAt": at}
    try:
        return model.model_validate({**common, **documents[model.COLLECTION], **owner, **after})
    except ValidationError:
        return None
