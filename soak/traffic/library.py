"""The hub's acts on documents: new versions, withdrawals, and decisions on partners' versions."""

from collections.abc import Callable, Mapping
from hashlib import sha256
from typing import Any

from soak.inputs import VersionAdded, token
from soak.traffic.population import partner_id, record_numbers
from soak.traffic.records import new_audience, new_document
from soak.traffic.scene import Scene, next_mark

MEDIA_TYPES = {"pdf": "application/pdf", "txt": "text/plain", "csv": "text/csv"}
ENDED = frozenset({"withdrawn", "superseded"})


def begin_document(scene: Scene) -> Callable[[], None]:
    """Choose a document of a partner or of the library; return a function that acts on it at each
    call.
    """
    population = scene.population
    partner = 0 if scene.chance(0.15) else population.any_partner()
    number = 0 if scene.chance(0.2) else population.any_number(partner, "d")

    def work() -> None:
        nonlocal number
        current = scene.record("d", partner, number) if number else None
        if current is None or current["status"] in ENDED or current.get("deletedAt"):
            number = population.next_number(partner, "d")
            scene.create("d", partner, number, new_document(scene, partner, number))
        else:
            work_on_document(scene, current)

    return work


def work_on_document(scene: Scene, current: Mapping[str, Any]) -> None:
    """Publish a version of a document, let it expire or return, withdraw or delete it. One of the
    shared library often comes to be for other partners.
    """
    if current["partnerId"] is None and scene.chance(0.3):
        mark = next_mark("d", current)
        changes = {"title": f"{mark} {current['type']}", "audience": new_audience(scene)}
        scene.change("d", current, changes, mark)
        return
    chance = scene.random.random()
    status = current["status"]
    if status in ("draft", "in_review") or (status == "published" and chance < 0.75):
        publish_version(scene, current)
        return
    mark = next_mark("d", current)
    ending = "expired" if chance < 0.9 else "withdrawn"
    to = "published" if status == "expired" else ending
    changes = {"title": f"{mark} {current['type']}", "status": to}
    if chance >= 0.98:
        changes["deletedAt"] = scene.now_text()
    scene.change("d", current, changes, mark)


def publish_version(scene: Scene, current: Mapping[str, Any]) -> None:
    """Add an approved version, which becomes the current one. Few have bytes of another type than
    their name claims.
    """
    identifier = current["id"]
    partner, record = record_numbers(identifier)
    restricted = current["classification"] == "restricted"
    # A document's versions also come from its partner, so the hub counts them.
    number = scene.population.next_version(identifier)
    mark = token(partner, "r" if restricted else "b", record, number)
    sound = restricted or not scene.chance(0.02)
    ending = scene.pick(("pdf", "txt", "csv")) if sound else "pdf"
    content = file_content(ending if sound else "txt", mark, scene.shape.file_bytes)
    name = f"{current['type']} {number}.{ending}"
    fields = {
        "fileName": name,
        "mediaType": MEDIA_TYPES[ending],
        "changeNote": "" if restricted else f"{mark} {scene.words()}",
    }
    scene.hub.publish_version(identifier, fields, content)
    stored = scene.hub.get("documents", identifier) or current
    scene.accept(
        VersionAdded(
            scene.now,
            identifier,
            partner_id(partner) if partner else None,
            stored["currentVersion"],
            name,
            sha256(content).hexdigest(),
            len(content),
            mark,
            restricted,
            sound,
        )
    )


def file_content(ending: str, mark: str, size: int) -> bytes:
    """Return the bytes of a file of a type, with a token.

    >>> file_content("txt", "[[p1.b1.v1]]", 20)
    b'[[p1.b1.v1]] xxxxxxx'

    Args:
        ending: pdf, txt or csv.
        mark: The token.
        size: How many bytes about.
    """
    text = f"{mark} ".encode()
    filling = b"x" * max(0, size - len(text))
    if ending == "pdf":
        return b"%PDF-1.4\n% " + text + filling + b"\n%%EOF\n"
    if ending == "csv":
        return b"name,value\r\n" + text + b"," + filling + b"\r\n"
    return text + filling
