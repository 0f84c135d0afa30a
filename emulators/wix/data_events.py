"""Publishes events of data items, for webhooks that subscribe to them.

Source: ``@wix/data``. Its handlers, such as ``onDataItemCreated``, receive these events.
"""

from collections.abc import Sequence

from emulators.wix.events import Events
from emulators.wix.tables import Write
from emulators.wix.wire import Data

FQDN = "wix.data.v2.data_item"


def is_wanted(events: Events) -> bool:
    return any(events.is_wanted(f"{FQDN}_{slug}") for slug in ("created", "updated", "deleted"))


def publish_item_events(events: Events, by: Data, collection: str, writes: Sequence[Write]) -> None:
    """Publish one event for each written item, in order.

    A truncation of the collection publishes no events: it runs no hooks in Wix either.
    """
    for write in writes:
        entity = {"id": write.id, "dataCollectionId": collection}
        match write.action:
            case "INSERT":
                events.publish_created(FQDN, {**entity, "data": write.data}, by)
            case "UPDATE" | "PATCH":
                events.publish_updated(FQDN, {**entity, "data": write.data}, by)
            case "REMOVE":
                events.publish_deleted(FQDN, entity, by)
