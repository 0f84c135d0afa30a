"""Abnormal records: malformed ones among good ones, and giants, which grow past all limits.

Trading Grid shows a malformed record until it is mended, regardless of later changes.
"""

from collections.abc import Callable, Mapping
from typing import Any

from soak.traffic.cases import open_case
from soak.traffic.enrollments import titled_steps
from soak.traffic.population import COLLECTIONS, partner_id, record_id
from soak.traffic.ports import Document
from soak.traffic.records import new_notice
from soak.traffic.scene import Scene, next_mark

KINDS = ("p", "k", "c", "e", "n", "d")

OWNED = frozenset("cke")
"""Kinds whose records cannot be without a partner. A document without one is for all partners, so
that leaving it out makes no malformed record, but another one.
"""

LONG_TEXT = 2_000
"""Number of characters of each comment and each timeline entry of a giant record."""


def begin_spoiling(scene: Scene) -> Callable[[], None]:
    """Choose a record; return a function that makes it malformed at the first call, and mends it at
    the second.
    """
    kind, partner, number = _any_record(scene)
    collection = COLLECTIONS[kind]
    identifier = partner_id(partner) if kind == "p" else record_id(kind, partner, number)
    spoiled = False

    def spoil_or_mend() -> None:
        nonlocal spoiled
        current = scene.hub.get(collection, identifier) if number else None
        if spoiled:
            scene.hub.mend(collection, identifier)
        elif current is not None and not current.get("deletedAt"):
            ways = [how for how in scene.hub.spoils if how != "owner" or kind in OWNED]
            scene.hub.spoil(collection, identifier, scene.pick(ways))
        else:
            return
        assert current is not None
        spoiled = not spoiled
        scene.change(
            kind, current, _reworded(kind, current), next_mark(kind, current), readable=not spoiled
        )

    return spoil_or_mend


def spoil_record(scene: Scene, kind: str, partner: int, number: int, how: str) -> str | None:
    """Make a record permanently malformed.

    Args:
        scene: The world.
        kind: The letter of its kind.
        partner: The number of its partner.
        number: Its number.
        how: One of the ways of Trading Grid's model.

    Returns:
        Its name (``cases/case_7_1``); None if there is no such record.
    """
    collection = COLLECTIONS[kind]
    identifier = partner_id(partner) if kind == "p" else record_id(kind, partner, number)
    current = scene.hub.get(collection, identifier)
    if current is None or current.get("deletedAt"):
        return None
    scene.hub.spoil(collection, identifier, how)
    changes, mark = _reworded(kind, current), next_mark(kind, current)
    scene.change(kind, current, changes, mark, readable=False)
    return f"{collection}/{identifier}"


def _any_record(scene: Scene) -> tuple[str, int, int]:
    """Return the kind, partner and number of a random record. The number is 0 if none was found."""
    for _ in range(10):
        kind = scene.pick(KINDS)
        partner = 0 if kind == "n" else scene.population.any_partner()
        number = partner if kind == "p" else scene.population.any_number(partner, kind)
        if number:
            return kind, partner, number
    return "p", 0, 0


def _reworded(kind: str, current: Mapping[str, Any]) -> Document:
    """Return the members of a change of a record that changes only its texts."""
    mark = next_mark(kind, current)
    match kind:
        case "c":
            return {"subject": f"{mark} 856 rejected", "nextStep": f"{mark} Send it again."}
        case "k":
            return {"title": f"{mark} {current['ruleKey']}", "nextAction": f"{mark} Send it."}
        case "n":
            return {"title": f"{mark} {current['kind']}"}
        case "d":
            return {"title": f"{mark} {current['type']}"}
        case "p":
            return {"name": f"{mark} Cedar Foods"}
    return {"steps": titled_steps(current, mark)}


def begin_giant(scene: Scene) -> tuple[Callable[[], None], int]:
    """Choose a kind of giant record, which grows past every limit. Return a function that makes it
    grow by one piece, and the number of pieces.
    """
    begin = scene.pick((_giant_case, _giant_notice, _giant_name, _giant_references))
    return begin(scene)


def _giant_case(scene: Scene) -> tuple[Callable[[], None], int]:
    """Return a function that opens a case and then adds one long comment at each call, some
    internal; and the number of calls.
    """
    partner = scene.population.any_partner()
    number = 0

    def grow() -> None:
        nonlocal number
        current = scene.record("c", partner, number) if number else None
        if current is None:
            number = open_case(scene, partner)
            return
        internal = scene.chance(0.2)
        mark = scene.internal_mark(partner) if internal else scene.public_mark(partner)
        body = _long_text(mark)
        scene.comment_with("cases", current, partner, body, mark, internal)

    return grow, scene.shape.giant_comments


def _giant_notice(scene: Scene) -> tuple[Callable[[], None], int]:
    """Return a function that publishes a notice and then adds one long timeline entry at each call;
    and the number of calls.
    """
    number = 0

    def grow() -> None:
        nonlocal number
        current = scene.record("n", 0, number) if number else None
        if current is None:
            number = scene.population.next_number(0, "n")
            scene.create("n", 0, number, {**new_notice(scene, number), "impact": "minor"})
            return
        mark = next_mark("n", current)
        update = {
            "id": f"u{len(current['updates']) + 1}",
            "at": scene.now_text(),
            "status": current["status"],
            "bodyHtml": f"<p>{_long_text(mark)}</p>",
        }
        changes = {"title": f"{mark} {current['kind']}", "updates": [update, *current["updates"]]}
        scene.change("n", current, changes, mark)

    return grow, scene.shape.giant_updates


def _giant_name(scene: Scene) -> tuple[Callable[[], None], int]:
    """Return a function that gives a partner, or a case, a text too long for any field, and at the
    next call a usual one; and the number of calls.
    """
    partner = scene.population.any_partner()
    grown = False

    def grow() -> None:
        nonlocal grown
        current = scene.hub.get("partners", partner_id(partner))
        if current is None or current.get("deletedAt"):
            return
        mark = next_mark("p", current)
        filling = "" if grown else "x" * 100_000
        grown = not grown
        scene.change("p", current, {"name": f"{mark} {filling}"}, mark)

    return grow, 2


def _giant_references(scene: Scene) -> tuple[Callable[[], None], int]:
    """Return a function that opens a case and then adds transactions and changes of its status; and
    the number of calls.
    """
    partner = scene.population.any_partner()
    number = 0

    def grow() -> None:
        nonlocal number
        current = scene.record("c", partner, number) if number else None
        if current is None:
            number = open_case(scene, partner)
            return
        mark = next_mark("c", current)
        count = len(current["transactionRefs"])
        more = [
            {
                "correlationId": f"giant-{partner}-{number}-{one}",
                "exception": "validation_error",
                "editype": "856",
                "standard": "x12",
                "direction": "inbound",
                "poNumber": f"45{one} {mark}",
                "message": scene.internal_mark(partner),
            }
            for one in range(count, count + 50)
        ]
        history = [
            *(current["statusHistory"] or ()),
            *({"status": to, "at": scene.now_text(), "visibility": "public"} for to in _BACK),
        ]
        changes: Document = {
            "subject": f"{mark} 856 rejected",
            "nextStep": f"{mark} Send it again.",
            "transactionRefs": [*current["transactionRefs"], *more],
            "statusHistory": history,
        }
        scene.change("c", current, changes, mark)

    return grow, 8


_BACK = ("awaiting_partner", "open") * 20


def _long_text(mark: str) -> str:
    """Return a text of LONG_TEXT characters that begins with a token."""
    return f"{mark} {'All work and no play. ' * 100}"[:LONG_TEXT]
