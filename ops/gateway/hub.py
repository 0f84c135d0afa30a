"""Lets tests and demos act as the hub when a deployed gateway stores the records.

Changes of records run on the gateway. All other requests go to the Trading Grid emulator.
"""

import base64
import hashlib
import random
from collections.abc import Mapping
from functools import partial
from typing import Any

import httpx

from emulators.trading_grid.documents import make_pdf
from gridwix_gateway.community.documents import create_document, publish_version
from gridwix_gateway.community.notices import publish_notice, update_notice
from gridwix_gateway.community.partners import patch_partner
from gridwix_gateway.community.programs import change_program
from gridwix_gateway.community.records import delete_record, read_open_record
from gridwix_gateway.documents import Document
from gridwix_gateway.store.commits import Draft
from ops.emulator import Emulator
from ops.gateway.deployment import DeployedGateway

NOTICES = "service-notices"
PROGRAMS = "onboarding-programs"


class GatewayHub(Emulator):
    """Client of the Trading Grid emulator for an environment in which a gateway stores the records.

    Requests to publish or change notices, programs or documents, to rename partners, or to delete a
    record do not go to the emulator: they run the gateway's use cases on the gateway's table. All
    other requests, such as those that make traffic or faults, go to the emulator.
    """

    def __init__(self, url: str, http: httpx.Client, gateway: DeployedGateway) -> None:
        super().__init__(url, http)
        self._gateway = gateway
        super().order("settings", {"communityAt": gateway.community_url})
        # Up to here it holds what was read to copy the community.
        super().clear("journal")

    def order(self, path: str, wish: Mapping[str, Any]) -> dict[str, Any]:
        match path.split("/"):
            case ["notices"]:
                return self._commit(partial(_publish_notice, wish))
            case ["notices", identifier]:
                return self._commit(partial(_update_notice, identifier, wish))
            case ["programs", identifier]:
                return self._commit(partial(_edit_program, identifier, wish))
            case ["library"]:
                return self._commit(partial(_create_document, wish))
            case ["library", identifier, "versions"]:
                return self._publish_version(identifier, wish)
            case ["changes"]:
                return self._rename_partners(wish)
            case _:
                return super().order(path, wish)

    def clear(self, path: str) -> dict[str, Any]:
        match path.split("/"):
            case ["entities", collection, identifier]:
                return self._commit(lambda draft: delete_record(draft, collection, identifier))
            case _:
                return super().clear(path)

    def _commit(self, work: Any) -> dict[str, Any]:
        result: dict[str, Any] = self._gateway.commits.run(work)
        self._gateway.announce_commit()
        return result

    def _publish_version(self, identifier: str, wish: Mapping[str, Any]) -> dict[str, Any]:
        content = (
            base64.b64decode(wish["content"], validate=True)
            if "content" in wish
            else make_pdf(str(wish.get("text", "")))
        ).ljust(int(wish.get("size", 0)), b" ")
        blob = self._gateway.store_content(content)
        file: Document = {
            "fileName": wish["fileName"],
            "mediaType": wish.get("mediaType", "application/pdf"),
            "sizeBytes": len(content),
            "sha256": hashlib.sha256(content).hexdigest(),
            "changeNote": wish.get("changeNote", ""),
        }
        return self._commit(lambda draft: publish_version(draft, identifier, file, blob))

    def _rename_partners(self, wish: Mapping[str, Any]) -> dict[str, Any]:
        """Rename random partners of ``wish["partnerIds"]``, ``wish["count"]`` times.

        ``wish`` is the body of the control request ``changes``; the emulator would change records
        of all kinds for it. Returns the response to the request: the number of changes in total,
        and by the type of event.
        """
        chance, count = random.Random(wish.get("seed", 1)), int(wish.get("count", 1))  # noqa: S311
        for _ in range(count):
            identifier, number = chance.choice(wish["partnerIds"]), chance.randint(2, 99)
            self._commit(partial(_rename_partner, identifier, number))
        return {"played": {"partner.updated": count}, "total": count}


def _publish_notice(wish: Mapping[str, Any], draft: Draft) -> Document:
    return publish_notice(draft, dict(wish))


def _update_notice(identifier: str, wish: Mapping[str, Any], draft: Draft) -> Document:
    changes = {name: value for name, value in wish.items() if name not in ("to", "bodyHtml")}
    notice = read_open_record(draft, NOTICES, identifier)
    return update_notice(
        draft,
        notice,
        target=wish.get("to"),
        body_html=wish.get("bodyHtml"),
        changes=changes,
    )


def _edit_program(identifier: str, wish: Mapping[str, Any], draft: Draft) -> Document:
    """Change an onboarding program by the body of a control request (``wish``); return the program.

    ``steps`` maps the key of a step to the fields to change in the step. ``remove`` lists the keys
    of steps to remove, and ``add`` new steps. Everything else in ``wish`` replaces fields of the
    program. ``draft`` is the commit that is being prepared.
    """
    program = read_open_record(draft, PROGRAMS, identifier)
    changed, removed = wish.get("steps", {}), set(wish.get("remove", []))
    kept = [
        {**step, **changed.get(step["key"], {})}
        for step in program["steps"]
        if step["key"] not in removed
    ]
    other = {name: value for name, value in wish.items() if name not in ("steps", "remove", "add")}
    return change_program(draft, program, {**other, "steps": [*kept, *wish.get("add", [])]})


def _create_document(wish: Mapping[str, Any], draft: Draft) -> Document:
    fields = {name: value for name, value in wish.items() if name != "id"}
    return create_document(draft, fields, wish.get("id"))


def _rename_partner(identifier: str, number: int, draft: Draft) -> Document:
    partner = read_open_record(draft, "partners", identifier)
    name = str(partner["name"]).split(" · ")[0]
    return patch_partner(draft, partner, {"name": f"{name} · {number}"})
