"""The hub's acts on cases: opened, moved on, commented, closed, opened again, deleted."""

from collections.abc import Callable, Mapping
from typing import Any

from soak.traffic.ports import Document
from soak.traffic.records import new_case
from soak.traffic.scene import Scene, next_mark

STATUSES = {
    "new": ("open", "open", "cancelled"),
    "open": ("awaiting_partner", "awaiting_partner", "awaiting_internal", "resolved"),
    "awaiting_partner": ("open",),
    "awaiting_internal": ("open",),
    "resolved": ("closed", "closed", "open"),
    "closed": ("open",),
}
"""Next statuses of a case that the traffic chooses from, by the current one. A cancelled case is
over; a closed one may be opened again.
"""

COMMENTED, INTERNAL = 0.45, 0.35
"""Share of acts on a case that are comments, and share of these that are internal."""


def begin_case(scene: Scene) -> Callable[[], None]:
    """Choose one of a partner's cases, or open one; return a function that acts on the case at each
    call.
    """
    population = scene.population
    partner = population.any_partner()
    number = 0 if scene.chance(0.25) else population.any_number(partner, "c")

    def work() -> None:
        nonlocal number
        current = scene.record("c", partner, number) if number else None
        if current is None or current["status"] not in STATUSES or current.get("deletedAt"):
            number = open_case(scene, partner)
        else:
            work_on_case(scene, current, partner)

    return work


def open_case(scene: Scene, partner: int) -> int:
    """Open a case of a partner. Returns its number."""
    number = scene.population.next_number(partner, "c")
    scene.create("c", partner, number, new_case(scene, partner, number))
    return number


def work_on_case(scene: Scene, current: Mapping[str, Any], partner: int) -> None:
    """Comment on a case, move it, change its text, or delete it if it is over.

    Args:
        scene: The world.
        current: The case.
        partner: The number of its partner.
    """
    chance = scene.random.random()
    if chance < COMMENTED:
        scene.comment("cases", current, partner, internal=scene.chance(INTERNAL))
        return
    mark = next_mark("c", current)
    changes: Document = {"subject": f"{mark} 856 rejected"}
    closed = current["status"] == "closed"
    if closed and chance < 0.7:
        changes["deletedAt"] = scene.now_text()
    elif chance < 0.8 or closed:
        changes |= _moved(scene, current, partner)
    else:
        changes["priority"] = scene.pick(("low", "normal", "high", "critical"))
        changes["dueAt"] = scene.day(1 + int(scene.random.random() * 9)) + "T12:00:00.000Z"
    changes["nextStep"] = f"{mark} {scene.words()}"
    changes["nextStepOwner"] = scene.pick((None, "partner", "hub"))
    scene.change("c", current, changes, mark)


def _moved(scene: Scene, current: Mapping[str, Any], partner: int) -> Document:
    """Return the members that change when a case moves to its next status."""
    status = scene.pick(STATUSES[current["status"]])
    visibility = "internal" if scene.chance(0.2) else "public"
    # A case that the functions have opened by themselves has a history, too.
    history = [
        *(current.get("statusHistory") or ()),
        {"status": status, "at": scene.now_text(), "visibility": visibility},
    ]
    changes: Document = {
        "status": status,
        "statusHistory": history,
        "statusReason": scene.internal_mark(partner),
    }
    if status == "resolved":
        changes["resolution"] = {"code": "fixed", "summary": scene.internal_mark(partner)}
        changes["resolvedAt"] = scene.now_text()
    return changes
