"""Checks templates of campaigns, and previews the message of a campaign for a past event.

A campaign has the rule and the texts of one kind of partner message.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from gridwix.configuration.campaigns import FIELDS, OF_A_PERSON, Campaign, RecordKind
from gridwix.configuration.everything import Configuration
from gridwix.errors import InvalidEvent
from gridwix.mapping.cloud_events import to_change
from gridwix.mapping.texts import Texts
from gridwix.models.events import Change
from gridwix.models.people_runs import EndReason
from gridwix.models.trading_grid.cases import Case
from gridwix.models.trading_grid.compliance import ComplianceCheck
from gridwix.models.trading_grid.documents import Document
from gridwix.models.trading_grid.entities import Entity
from gridwix.models.trading_grid.notices import ServiceNotice
from gridwix.models.trading_grid.onboarding import Enrollment
from gridwix.models.trading_grid.partners import Partner
from gridwix.partner_messenger.context import generated_texts, record_fields, template_context
from gridwix.partner_messenger.dispatches import Text
from gridwix.partner_messenger.invitations import COLLECTION as INVITATIONS
from gridwix.partner_messenger.invitations import InvitationCode, InvitationRow, invitation_id_of
from gridwix.partner_messenger.messages import (
    Contexts,
    contexts_with_code,
    rendered_text,
    rendered_texts,
)
from gridwix.partner_messenger.ports import InvitationStore, MessageSource
from gridwix.partner_messenger.quiet_hours import partner_zone
from gridwix.partner_messenger.record_cache import MessageRecord
from gridwix.partner_messenger.selection import (
    addressee_test,
    has_relevant_change,
    is_condition_met,
)
from gridwix.partner_messenger.template_faults import TemplateFault
from gridwix.people.codes import invitation_link
from ops.errors import OpsError
from ops.paths import ROOT

SAMPLES = ROOT / "ops/samples.json"
"""One sample record of each kind, as Trading Grid returns it, and a partner."""

COLLECTIONS: Mapping[str, type[Entity]] = {
    model.COLLECTION: model
    for model in (Partner, ComplianceCheck, Case, ServiceNotice, Document, Enrollment)
}
OF_KIND: Mapping[RecordKind, str] = {
    "check": "compliance-checks",
    "case": "cases",
    "notice": "service-notices",
    "document": "documents",
    "step": "enrollments",
    "enrollment": "enrollments",
    "invitation": "invitations",
    "access": "invitations",
}
PORTAL = "https://portal.example/partner-portal"
"""The portal's address in samples. The real address is a parameter of the stack."""

SAMPLE_CODE = InvitationCode(
    "ABCD-EFGH-IJKL-MNOP-QRST-UVWX-YZ23-4567",
    invitation_link(PORTAL, "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"),
    hash="",
)
"""A made-up invitation code for previews. Only the deployed messenger can derive real codes."""

STEP = "edi_testing"
"""Key of the step in the sample enrollment."""


@dataclass(frozen=True, slots=True)
class Preview:
    """The message that a campaign would send for one event.

    ``locale`` is the language of ``text``. ``would_not`` is the reason for which the message would
    not be sent, "" if it would be sent. ``record_from`` tells where the previewed record came from,
    such as Trading Grid or a sample.
    """

    text: Text
    locale: str
    would_not: str
    record_from: str


def sample_record(collection: str) -> MessageRecord:
    """Return the sample record of a collection of Trading Grid, from ``ops/samples.json``.

    For ``invitations``, which is no collection of Trading Grid, return the sample invitation.
    """
    documents: Mapping[str, Any] = json.loads(SAMPLES.read_text())
    if collection == INVITATIONS:
        fields = documents[collection]
        return InvitationRow(
            **{**fields, "expires_at": datetime.fromisoformat(fields["expires_at"])}
        )
    now = datetime.now(UTC).isoformat()
    common = {"companyId": "GC00700011NR", "version": 1, "createdAt": now, "updatedAt": now}
    return COLLECTIONS[collection].model_validate({**common, **documents[collection]})


def template_faults(configuration: Configuration) -> Mapping[tuple[str, ...], str]:
    """Return the faults in campaign templates, by the path of each text in the configuration.

    Renders each template twice: with a complete record, and with a record that has only the fields
    that are always present.
    """
    found: dict[tuple[str, ...], str] = {}
    partner, texts = sample_record("partners"), Texts(configuration)
    assert isinstance(partner, Partner)
    for key, campaign in configuration.campaigns.items():
        kind = campaign.trigger.kind
        fields = sample_fields(kind)
        always = {
            *campaign.trigger.when,
            "title",
            "number",
            "subject",
            "status",
            "key",
            "version",
            *(FIELDS[kind] - {"name"} if kind in OF_A_PERSON else ()),
            *([campaign.trigger.ahead.field] if campaign.trigger.ahead else []),
        }
        bare = {
            name: value if name in always else _without_content(value)
            for name, value in fields.items()
        }
        for locale in campaign.texts:
            for values in (fields, bare):
                words = partial(template_context, kind, values, {}, partner, texts, PORTAL)
                try:
                    rendered_text(campaign, locale, words, UTC)
                except TemplateFault as fault:
                    found.setdefault(("campaigns", key, "texts", locale), str(fault))
    return found


def _without_content(value: object) -> list[object] | None:
    return [] if isinstance(value, list) else None


def sample_of(kind: RecordKind) -> MessageRecord:
    """Return the sample record of a kind that a campaign can be about, such as a case."""
    record = sample_record(OF_KIND[kind])
    if kind == "access" and isinstance(record, InvitationRow):
        return replace(record, status="used", ended_for=EndReason.DIRECTORY.value)
    return record


def sample_fields(kind: RecordKind) -> Mapping[str, Any]:
    """Return the fields that a campaign's template can use, from the sample record of a kind."""
    fields = record_fields(kind, sample_of(kind), STEP) or {}
    if kind != "invitation":
        return fields
    return {**fields, "code": SAMPLE_CODE.code, "link": SAMPLE_CODE.link}


def read_event(path: Path) -> tuple[Change, Entity | None]:
    """Read an event from a JSON file; return the change, and the record if the event carries it.

    Accepts an SQS message, an EventBridge event, a CloudEvent and a webhook body.

    Raises:
        OpsError: The file cannot be read, or holds no Trading Grid event that gridwix reads.
    """
    try:
        document = json.loads(path.read_text())
    except (OSError, ValueError) as error:
        raise OpsError(
            f"{path} is no JSON file that can be read ({type(error).__name__})",
            "give another file, such as one of events/",
        ) from None
    # Envelopes can be nested: a Lambda event, its SQS message, an EventBridge event.
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
            change = Change.model_validate(
                to_change(document, prefix="net.example.tg.", via="feed")
            )
            return change, _carried_record(document, change)
        return Change.model_validate(document), None
    except (InvalidEvent, ValidationError):
        raise OpsError(
            f"{path} holds no event of Trading Grid that gridwix reads",
            "give another file, such as one of events/",
        ) from None


def preview_campaign(
    configuration: Configuration,
    key: str,
    change: Change,
    carried: Entity | None,
    locale: str,
    source: MessageSource | None,
    invitations: InvitationStore | None = None,
) -> Preview:
    """Render the message of a campaign for an event without sending anything.

    Args:
        configuration: The settings with the campaign.
        key: The campaign's key.
        change: The event.
        carried: The record in the event, None if it carries none.
        locale: The wanted language. English is used if the campaign has no text in it.
        source: Trading Grid, to read the current record and partner. None uses the event's record,
            or a sample.
        invitations: The site, for an event of an invitation. Its code is not shown.

    Raises:
        OpsError: The campaign or the record does not exist, or the template is broken.
    """
    campaign = configuration.campaigns.get(key)
    if campaign is None:
        raise OpsError(
            f"there is no campaign {key}",
            f"choose one of {', '.join(sorted(configuration.campaigns))}",
        )
    kind = campaign.trigger.kind
    entity, partner, where = _preview_records(campaign, change, carried, source, invitations)
    parts = change.subject.split("/")
    step = parts[3] if len(parts) == 4 else STEP
    fields = record_fields(kind, entity, step)
    if fields is None:
        raise OpsError(
            f"{change.subject} does not exist as a {kind}",
            "give the event of another record, or another campaign",
        )
    changed = " or ".join(campaign.trigger.changed)
    checks = (
        (change.type in campaign.trigger.events, f"{change.type} does not trigger it"),
        (
            has_relevant_change(change, campaign),
            f"the event does not say that {changed} has changed in a record that matched its"
            " conditions",
        ),
        (is_condition_met(campaign, fields), "the record does not match its conditions"),
        (
            addressee_test(entity, configuration.audiences.regions)(partner),
            "the record is not the partner's",
        ),
    )
    reasons = "; ".join(reason for met, reason in checks if not met)
    said = Texts(configuration)
    words: Contexts = partial(
        template_context, kind, fields, generated_texts(entity, said), partner, said, PORTAL
    )
    if kind == "invitation":
        words = contexts_with_code(words, SAMPLE_CODE)
    try:
        texts = rendered_texts(campaign, words, partner_zone(partner, configuration.messaging))
    except TemplateFault as fault:
        raise OpsError(
            f"campaign {key} has a broken text ({fault})", f"correct config/campaigns/{key}.yaml"
        ) from None
    found = locale if locale in texts else "en"
    return Preview(texts[found], found, reasons, where)


def _preview_records(
    campaign: Campaign,
    change: Change,
    carried: Entity | None,
    source: MessageSource | None,
    invitations: InvitationStore | None,
) -> tuple[MessageRecord, Partner, str]:
    if source is not None:
        identifier, where = invitation_id_of(change.record), "Trading Grid"
        entity: MessageRecord | None
        if identifier is None or invitations is None:
            entity = source.record(change.record)
        else:
            entity, where = (
                next(iter(invitations.read_invitations([identifier]).records), None),
                "the site",
            )
        if entity is None:
            raise OpsError(
                f"{where} knows no {change.record}", "give the event of a record that exists"
            )
        owner = getattr(entity, "partner_id", None) or change.partner_id
        found = (
            source.partners([owner]).records if owner else next(source.partner_pages()).records[:1]
        )
        if not found:
            raise OpsError(
                f"Trading Grid knows no partner {owner}", "give the event of a partner that exists"
            )
        return entity, found[0], f"{where}, current"
    entity = carried or sample_of(campaign.trigger.kind)
    partner = sample_record("partners")
    assert isinstance(partner, Partner)
    if (owner := getattr(entity, "partner_id", None)) is not None:
        partner = partner.model_copy(update={"id": owner})
    return (
        entity,
        partner,
        "the event"
        if carried is not None
        else "a sample, as the event carries none (--stack asks Trading Grid)",
    )


def _carried_record(event: Mapping[str, Any], change: Change) -> Entity | None:
    """Return the record that an event holds in ``data.after``; None if it holds none that is valid.

    Fields of the record that the event leaves out are taken from the sample in
    ``ops/samples.json``.
    """
    model = COLLECTIONS.get(change.record.partition("/")[0])
    after = event.get("data", {}).get("after")
    if model is None or not isinstance(after, dict) or "/steps/" in change.subject:
        return None
    documents: Mapping[str, Any] = json.loads(SAMPLES.read_text())
    owner = {} if change.partner_id is None else {"partnerId": change.partner_id}
    at = change.occurred_at.isoformat()
    common = {
        "companyId": change.company_id,
        "version": change.version or 1,
        "createdAt": at,
        "updatedAt": at,
    }
    try:
        return model.model_validate({**common, **documents[model.COLLECTION], **owner, **after})
    except ValidationError:
        return None
