"""The hub's acts on partners and their compliance checks."""

from collections.abc import Callable, Mapping
from typing import Any

from soak.traffic.population import COUNTRIES, ROLES, partner_id
from soak.traffic.ports import Document
from soak.traffic.records import new_check, new_partner
from soak.traffic.scene import Scene, next_mark

STATUSES = {
    "invited": ("onboarding",),
    "onboarding": ("active", "active", "active", "terminated"),
    "active": ("suspended",),
    "suspended": ("active", "active", "active", "terminated"),
    "terminated": ("onboarding",),
}
"""Next statuses of a partner that the traffic chooses from, by the current one. A terminated
partner may come back.
"""

CHECKS = {
    "not_started": ("pending",),
    "pending": ("passed", "passed", "failed"),
    "failed": ("pending", "pending", "waived"),
    "passed": ("expired",),
    "expired": ("pending",),
}
"""Next statuses of a compliance check that the traffic chooses from, by the current one. A waived
one is over.
"""

NAMES = ("Cedar Foods", "Köhler & Söhne", "Río Verde", "L’Étoile", "Harbor Pine")


def begin_partner(scene: Scene) -> Callable[[], None]:
    """Choose a partner, or create one; return a function that changes it at each call."""
    population = scene.population
    if scene.chance(0.05) and (number := population.next_partner()):

        def create_or_change() -> None:
            if scene.hub.get("partners", partner_id(number)) is None:
                scene.create("p", number, number, new_partner(number, "invited"))
            else:
                change_partner(scene, number)

        return create_or_change
    chosen = population.any_partner()
    return lambda: change_partner(scene, chosen)


def change_partner(scene: Scene, number: int) -> None:
    """Rename a partner, move its status, move it to another country, delete it or bring it back."""
    current = scene.hub.get("partners", partner_id(number))
    if current is None:
        return
    mark = next_mark("p", current)
    changes: Document = {"name": f"{mark} {scene.pick(NAMES)}"}
    chance = scene.random.random()
    if current.get("deletedAt"):
        changes |= {"deletedAt": None, "status": "onboarding"}
        scene.population.deleted.discard(number)
    elif chance < 0.3:
        changes["status"] = scene.pick(STATUSES[current["status"]])
    elif chance < 0.4:
        changes |= {"country": scene.pick(COUNTRIES), "role": scene.pick(ROLES)}
    elif chance < 0.41:
        changes["deletedAt"] = scene.now_text()
        scene.population.deleted.add(number)
    scene.change("p", current, changes, mark)


def begin_check(scene: Scene) -> Callable[[], None]:
    """Choose one of a partner's compliance checks; return a function that moves it to its next
    status at each call.
    """
    partner = scene.population.any_partner()
    number = scene.population.any_number(partner, "k")

    def change() -> None:
        nonlocal number
        current = scene.record("k", partner, number) if number else None
        if current is None or current["status"] not in CHECKS or current.get("deletedAt"):
            number = scene.population.next_number(partner, "k")
            scene.create("k", partner, number, new_check(scene, partner, number))
        else:
            change_check(scene, current, partner)

    return change


def change_check(scene: Scene, current: Mapping[str, Any], partner: int) -> None:
    """Move a check to its next status.

    Args:
        scene: The world.
        current: The check.
        partner: The number of its partner.
    """
    mark = next_mark("k", current)
    status = scene.pick(CHECKS[current["status"]])
    changes: Document = {
        "status": status,
        "title": f"{mark} {current['ruleKey']}",
        "nextAction": f"{mark} {scene.words()}",
        "evaluatedAt": scene.now_text(),
        "findings": [{"text": scene.internal_mark(partner)}] if status == "failed" else [],
    }
    if status == "passed":
        changes["validUntil"] = scene.day(3 + int(scene.random.random() * 60))
    scene.change("k", current, changes, mark)
