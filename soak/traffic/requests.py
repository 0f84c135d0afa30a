"""The hub's acts on partners' submissions: requests, and new versions of documents."""

from collections.abc import Callable, Mapping
from typing import Any

from soak.inputs import RecordChanged, VersionDecided, token
from soak.traffic.population import partner_number
from soak.traffic.ports import Document
from soak.traffic.scene import REVISION, Scene, revision

REQUESTS = "collaboration-requests"
STATUSES = {
    "received": ("triaged",),
    "triaged": ("in_progress", "in_progress", "in_progress", "rejected"),
    "in_progress": ("waiting_on_partner", "waiting_on_partner", "completed"),
    "waiting_on_partner": ("in_progress",),
}
"""Next statuses of a request that the traffic chooses from, by the current one. A request with any
other status is over.
"""


def watch_arrivals(scene: Scene) -> None:
    """Register new requests and approvals in the population, so that the hub's people act on
    them.
    """

    def notice(event: Mapping[str, Any]) -> None:
        kind, subject = event["type"], event["subject"]
        if kind.endswith(".request.received"):
            scene.population.requests.append(subject.partition("/")[2])
        elif kind.endswith(".approval.requested"):
            scene.population.approvals.append(subject.partition("/")[2])

    scene.hub.on_event.append(notice)


def begin_request(scene: Scene) -> Callable[[], None]:
    """Choose a request or approval that arrived; return a function that acts on it at each call, if
    there is any.
    """
    requests = scene.population.requests
    # People work on what came lately.
    last = len(requests)
    index = max(0, last - 1 - int(scene.random.random() * 200)) if last else -1

    def work() -> None:
        if scene.population.approvals and (index < 0 or scene.chance(0.3)):
            decide(scene)
            return
        current = scene.hub.get(REQUESTS, requests[index]) if index >= 0 else None
        if current is not None and current["status"] in STATUSES and current.get("partnerId"):
            work_on_request(scene, current, index + 1)

    return work


def work_on_request(scene: Scene, current: Mapping[str, Any], number: int) -> None:
    """Comment on a request, or move it to its next status.

    Args:
        scene: The world.
        current: The request.
        number: Its number, by arrival.
    """
    partner = partner_number(current["partnerId"])
    if scene.chance(0.4):
        scene.comment(REQUESTS, current, partner, internal=scene.chance(0.3))
        return
    count = revision(current) + 1
    mark = token(partner, "q", number, count)
    status = scene.pick(STATUSES[current["status"]])
    if status == "waiting_on_partner":
        scene.population.waiting.append((current["id"], partner))
    changes: Document = {
        "id": current["id"],
        "status": status,
        "nextStep": f"{mark} {scene.words()}",
        "externalRefs": [{"system": REVISION, "id": str(count)}],
    }
    events = scene.hub.put(REQUESTS, changes)
    stored = scene.hub.get(REQUESTS, current["id"]) or current
    scene.accept(
        RecordChanged(
            scene.now,
            REQUESTS,
            current["id"],
            current["partnerId"],
            stored["version"],
            stored,
            tuple([event["id"] for event in events]),
            mark,
        )
    )


def decide(scene: Scene) -> None:
    """Approve or reject the oldest pending version of a partner's document."""
    approval = scene.population.approvals.pop(0)
    current = scene.hub.get("approvals", approval)
    if current is None or current["status"] != "pending":
        return
    decision = "approved" if scene.chance(0.8) else "rejected"
    scene.hub.decide(approval, decision, "")
    document_id, _, number = current["subject"]["id"].rpartition("/")
    scene.accept(
        VersionDecided(
            scene.now,
            document_id,
            current.get("partnerId"),
            int(number),
            decision == "approved",
        )
    )
