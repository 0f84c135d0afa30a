"""Webhooks of the site's app: files that are ready, and submissions of Wix's own forms.

Wix waits 1250 ms for a 200, and tries again up to twelve times within two days
(https://dev.wix.com/docs/rest/articles/get-started/webhook-resend-policy).
"""

import uuid
from collections.abc import Callable, Mapping
from typing import Any

from soak.traffic.ports import Document
from soak.traffic.scene import Scene

PATIENCE = 1.25
HOURS = 3_600.0
SCHEDULE = (60.0, 600.0, *(hours * HOURS for hours in (1, 2, 2, 2, 4, 4, 4, 8, 8, 12)))
"""Seconds to wait after each failed attempt of a webhook."""

_FILE = "wix.media.site_media.v1.file_descriptor"
SUBMITTED = "wix.forms.v4.submission_created"
ENTITIES: Mapping[str, tuple[str, str]] = {
    f"{_FILE}_file_ready": (_FILE, "file_ready"),
    f"{_FILE}_file_failed": (_FILE, "file_failed"),
    SUBMITTED: ("wix.forms.v4.submission", "created"),
}
"""Entity and slug of each type of Wix's events."""


def send_site_event(
    scene: Scene,
    event_type: str,
    entity_id: str,
    body: Mapping[str, Any],
    delay: float,
    taken: Callable[[], None] = lambda: None,
    unsure: Callable[[], None] = lambda: None,
) -> None:
    """Send an event of the site to the webhook, with retries until it is accepted.

    Args:
        scene: The world.
        event_type: Wix's type of the event.
        entity_id: The id of its entity.
        body: Member of the event that holds the entity or the body, such as ``createdEvent``.
        delay: Seconds from now until the first attempt.
        taken: Called when the webhook has answered 200.
        unsure: Called when the first attempt got no 200: it may have been taken all the same.
    """
    fqdn, slug = ENTITIES[event_type]
    data = {
        "id": str(uuid.UUID(int=scene.random.getrandbits(128), version=4)),
        "entityFqdn": fqdn,
        "slug": slug,
        "entityId": entity_id,
        "eventTime": scene.now_text(),
        "triggeredByAnonymizeRequest": False,
        "originatedFrom": "",
        "entityEventSequence": "1",
        **body,
    }

    def attempt(number: int) -> None:
        scene.outside.entrance.post(
            "/webhooks/wix",
            {"content-type": "text/plain"},
            scene.outside.keys.sign_event(event_type, data),
            PATIENCE,
            lambda status: answered(number, status),
        )

    def answered(number: int, status: int | None) -> None:
        if status == 200:
            taken()
            return
        if number == 0:
            unsure()
        if number < len(SCHEDULE):
            scene.scheduler.after(SCHEDULE[number], lambda: attempt(number + 1))

    scene.scheduler.after(delay, lambda: attempt(0))


def watch_files(scene: Scene) -> None:
    """Send the site's events of files to the webhook, those of the functions' own uploads
    included.
    """

    def tell(event_type: str, file_id: str, body: Document) -> None:
        delay = scene.random.random() * 2
        send_site_event(scene, event_type, file_id, {"actionEvent": {"body": body}}, delay)

    scene.site.listen(tell)
