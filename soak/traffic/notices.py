"""The hub's acts on service notices."""

from collections.abc import Callable, Mapping
from typing import Any

from soak.traffic.ports import Document
from soak.traffic.records import new_audience, new_notice
from soak.traffic.scene import Scene, next_mark

STATUSES = {
    "investigating": ("identified", "monitoring"),
    "identified": ("monitoring",),
    "monitoring": ("resolved",),
    "scheduled": ("in_progress", "cancelled"),
    "in_progress": ("verifying",),
    "verifying": ("completed",),
    "published": ("withdrawn",),
}
"""Next statuses of a notice that the traffic chooses from, by the current one. A notice with any
other status is over.
"""


def begin_notice(scene: Scene) -> Callable[[], None]:
    """Choose a notice, or publish one; return a function that updates it at each call."""
    population = scene.population
    # People work on the latest notices.
    last = population.count(0, "n")
    number = 0 if scene.chance(0.3) else max(0, last - int(scene.random.random() * 20))

    def work() -> None:
        nonlocal number
        current = scene.record("n", 0, number) if number else None
        if current is None or current["status"] not in STATUSES or current.get("deletedAt"):
            number = population.next_number(0, "n")
            scene.create("n", 0, number, new_notice(scene, number))
        else:
            update_notice(scene, current)

    return work


def update_notice(scene: Scene, current: Mapping[str, Any]) -> None:
    """Add an entry to a notice's timeline; often with a new status, sometimes with a new
    audience.
    """
    mark = next_mark("n", current)
    status = current["status"]
    changes: Document = {"title": f"{mark} {current['kind']}"}
    if scene.chance(0.4):
        status = changes["status"] = scene.pick(STATUSES[status])
        if status not in STATUSES:
            changes["endsAt"] = scene.now_text()
    if scene.chance(0.2):
        changes["audience"] = new_audience(scene)
    if scene.chance(0.3):
        changes["workaround"] = f"{mark} {scene.words()}"
    update = {
        "id": f"u{len(current['updates']) + 1}",
        "at": scene.now_text(),
        "status": status,
        "bodyHtml": f"<p>{mark} {scene.words()}</p>",
    }
    changes["updates"] = [update, *current["updates"]]
    scene.change("n", current, changes, mark)
