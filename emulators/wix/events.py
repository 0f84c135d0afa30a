"""Publishes events of the site's entities, in the envelope that an app's webhook receives.

The payload of the webhook's JWT contains the envelope as a JSON string. The envelope contains the
event as another JSON string. Source:
https://dev.wix.com/docs/rest/articles/get-started/webhook-structure and
``event-handlers-modules.js`` of ``@wix/sdk``.
"""

import uuid
from typing import Any

import orjson

from emulators.common.clock import Clock, rfc3339
from emulators.wix.auth import Identity
from emulators.wix.webhooks import Event, Webhooks
from emulators.wix.wire import Data


class Events:
    """Publishes events of the site to the webhooks that subscribe to them.

    An event to which no webhook subscribes is not stored. In each method, ``by`` is the identity
    that caused the event. ``entityEventSequence`` grows with each event of the site, and so with
    each event of an entity.
    """

    def __init__(self, webhooks: Webhooks, identity: Identity, clock: Clock) -> None:
        self._webhooks = webhooks
        self._identity = identity
        self._clock = clock

    def publish_created(self, fqdn: str, entity: Data, by: Data) -> None:
        self._publish(fqdn, "created", entity["id"], {"createdEvent": {"entity": entity}}, by)

    def publish_updated(self, fqdn: str, entity: Data, by: Data) -> None:
        self._publish(
            fqdn, "updated", entity["id"], {"updatedEvent": {"currentEntity": entity}}, by
        )

    def publish_deleted(self, fqdn: str, entity: Data, by: Data) -> None:
        self._publish(
            fqdn, "deleted", entity["id"], {"deletedEvent": {"deletedEntity": entity}}, by
        )

    def publish_action(self, fqdn: str, slug: str, entity_id: str, body: Data, by: Data) -> None:
        """Publish an event other than created, updated and deleted, such as ``status_updated``."""
        self._publish(fqdn, slug, entity_id, {"actionEvent": {"body": body}}, by)

    def is_wanted(self, event_type: str) -> bool:
        return self._webhooks.is_wanted(event_type)

    def publish_raw(self, event_type: str, data: Any, by: Data | None) -> tuple[str, int]:
        """Publish an event of any type. ``data`` is sent unchanged; a string is not encoded again.

        Returns the event's id and the number of queued deliveries.
        """
        text = data if isinstance(data, str) else orjson.dumps(data).decode()
        members = data if isinstance(data, dict) else {}
        event_id, entity_id = (
            str(members.get("id") or uuid.uuid4()),
            str(members.get("entityId", "")),
        )
        event = Event(
            self._webhooks.next_number(),
            event_id,
            event_type,
            entity_id,
            self._envelope(event_type, text, by),
        )
        return event_id, self._webhooks.queue_event(event)

    def _publish(self, fqdn: str, slug: str, entity_id: str, body: Data, by: Data) -> None:
        event_type, number, event_id = (
            f"{fqdn}_{slug}",
            self._webhooks.next_number(),
            str(uuid.uuid4()),
        )
        if not self.is_wanted(event_type):
            return
        data = {
            "id": event_id,
            "entityFqdn": fqdn,
            "slug": slug,
            "entityId": entity_id,
            "eventTime": rfc3339(self._clock.now()),
            "triggeredByAnonymizeRequest": False,
            "originatedFrom": "",
            "entityEventSequence": str(number),
            **body,
        }
        self._webhooks.queue_event(
            Event(
                number,
                event_id,
                event_type,
                entity_id,
                self._envelope(event_type, orjson.dumps(data).decode(), by),
            )
        )

    def _envelope(self, event_type: str, data: str, by: Data | None) -> str:
        account = {"accountId": self._identity.account_id, "siteId": self._identity.site_id}
        envelope = {
            "eventType": event_type,
            "instanceId": self._identity.instance_id,
            "data": data,
            "accountInfo": account,
        }
        if by is not None:
            envelope["identity"] = orjson.dumps(by).decode()
        return orjson.dumps(envelope).decode()
