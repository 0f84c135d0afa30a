"""Maps the events of verified Wix webhooks to events of the bus.

Imports little, for a fast cold start.

The payload of a webhook is a JWT with three levels of stringified JSON
(https://dev.wix.com/docs/rest/articles/getting-started/webhooks).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from gridwix.edge.rejections import rejection
from gridwix.wix_webhook.json_values import is_id, parse_exact_json, utc_timestamp
from gridwix.wix_webhook.submissions import NewSubmission, read_submission

SUBMITTED = "wix.forms.v4.submission_created"
"""Wix event type of a form submission."""

EVENT_TYPES: Mapping[str, tuple[str, str]] = {
    SUBMITTED: ("form.submitted", "submissions"),
    "wix.data.v2.data_item_created": ("data_item.created", "items"),
    "wix.data.v2.data_item_updated": ("data_item.updated", "items"),
    "wix.data.v2.data_item_deleted": ("data_item.deleted", "items"),
    "wix.members.v1.member_created": ("member.created", "members"),
    "wix.members.v1.member_updated": ("member.updated", "members"),
    "wix.members.v1.member_deleted": ("member.deleted", "members"),
    "wix.contacts.v4.contact_created": ("contact.created", "contacts"),
    "wix.contacts.v4.contact_updated": ("contact.updated", "contacts"),
    "wix.contacts.v4.contact_deleted": ("contact.deleted", "contacts"),
    "wix.contacts.v4.contact_merged": ("contact.merged", "contacts"),
    "wix.media.site_media.v1.file_descriptor_file_ready": ("file.ready", "files"),
    "wix.media.site_media.v1.file_descriptor_file_failed": ("file.failed", "files"),
}
"""Wix event types that gridwix uses, with the type of the bus event and the first part of its
subject.
"""

MAX_NAME = 200
"""Maximum length of an event type, in characters."""


@dataclass(frozen=True, slots=True)
class ReceivedEvent:
    """A verified Wix request, mapped to an event of the bus.

    ``event_type`` is the type that Wix gives the event. ``type`` and ``subject`` are those of the
    bus event; both are "" for an event that gridwix does not use. ``submission`` is the form
    submission in the event, None if it has none: it must be stored before the event is put on the
    bus.
    """

    event_type: str
    event_id: str = ""
    type: str = ""
    subject: str = ""
    occurred_at: str = ""
    submission: NewSubmission | None = None


def read_event(claims: Mapping[str, Any], *, instance_id: str) -> ReceivedEvent:
    """Map the claims of a verified token to an event of the bus.

    Legacy events, which have no envelope, are not used.

    Args:
        claims: the claims of the token; ``data`` holds the event.
        instance_id: id of the app instance on the site. Events of other sites are rejected.

    Raises:
        WebhookRejected: if the event is malformed or belongs to another site.
    """
    event = _json_object(claims["data"])
    event_type = event.get("eventType")
    if not isinstance(event_type, str) or not 0 < len(event_type) <= MAX_NAME:
        raise rejection("malformed-event")
    if event.get("instanceId") != instance_id:
        raise rejection("unknown-instance")
    if event_type not in EVENT_TYPES:
        return ReceivedEvent(event_type)
    domain = _json_object(event.get("data"))
    event_id = domain.get("id")
    entity = _find_entity(domain)
    entity_id = domain.get("entityId") or entity.get("id")
    if not (is_id(event_id) and is_id(entity_id)):
        raise rejection("malformed-event")
    kind, subject = EVENT_TYPES[event_type]
    collection = entity.get("dataCollectionId")
    # Item ids are unique only within their collection.
    if subject == "items":
        if not (isinstance(collection, str) and is_id(collection)):
            raise rejection("malformed-event")
        subject = f"items/{collection}"
    submission = read_submission(entity) if event_type == SUBMITTED else None
    at = utc_timestamp(domain.get("eventTime"))
    return ReceivedEvent(event_type, str(event_id), kind, f"{subject}/{entity_id}", at, submission)


def _json_object(value: object) -> Mapping[str, Any]:
    """Parse a JSON object, which may be stringified. Raises WebhookRejected for anything else."""
    found: object = parse_exact_json(value) if isinstance(value, str) else value
    if not isinstance(found, dict):
        raise rejection("malformed-event")
    return found


def _find_entity(domain: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the entity (such as an item or a member) of a Wix event; {} if the event has none.

    Older packages of Wix stringify the entity, in members ``...AsJson``.
    """
    for event, members in (
        ("createdEvent", ("entity", "entityAsJson")),
        ("updatedEvent", ("currentEntity", "currentEntityAsJson")),
        ("deletedEvent", ("deletedEntity", "deletedEntityAsJson")),
        ("actionEvent", ("body", "bodyAsJson")),
    ):
        inner = domain.get(event)
        if isinstance(inner, dict):
            return _json_object(
                next(
                    (inner[member] for member in members if inner.get(member) is not None),
                    dict[str, Any](),
                )
            )
    return {}
