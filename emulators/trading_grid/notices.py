"""Service notices to trading partners, such as incidents, and the updates on them.

In Trading Grid, the company that runs the network (the hub) writes notices; the emulated API can
only read them. Tests and demos write notices through control routes (``/__emulator/notices``).
"""

from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from emulators.trading_grid.community import Community
from emulators.trading_grid.problems import Problem
from emulators.trading_grid.state_machines import require_transition
from emulators.trading_grid.store import Document

KIND = "service-notices"
MACHINES = {"incident": "incidents", "maintenance": "maintenances", "advisory": "advisories"}
FIRST = {"incident": "investigating", "maintenance": "scheduled", "advisory": "published"}
OVER = frozenset({"resolved", "completed", "cancelled", "withdrawn"})


class Notices:
    """Publishes and changes service notices.

    Each change raises the notice's version and appends an event.
    """

    def __init__(self, community: Community) -> None:
        self._community = community

    def publish_notice(self, fields: Document) -> Document:
        """Create a service notice, and return it.

        ``fields`` has at least ``kind`` and ``title``.
        """
        kind = fields["kind"]
        if kind not in MACHINES:
            raise Problem(
                "validation",
                "The notice is not valid.",
                errors=[
                    {"pointer": "/kind", "code": "enum", "detail": f"one of {', '.join(MACHINES)}"}
                ],
            )
        now = self._community.now()
        with self._community.store.transaction():
            number = self._community.store.next_number("notice")
            given = {name: value for name, value in fields.items() if name != "bodyHtml"}
            status = fields.get("status", FIRST[kind])
            document = {
                **_default_fields(now),
                "id": f"ntc_{number:04}",
                "status": status,
                "updates": [],
                **given,
            }
            if "bodyHtml" in fields:
                document["updates"] = [
                    {"id": "u1", "at": now, "status": status, "bodyHtml": fields["bodyHtml"]}
                ]
            return self._community.create(KIND, document, "notice.published")

    def update_notice(
        self, identifier: str, to: str | None, body_html: str | None, changes: Document
    ) -> Document:
        """Change a service notice, and return it: add an update, or change its status or fields.

        Args:
            identifier: The notice.
            to: The new status, if it changes.
            body_html: The text of the update, if there is one.
            changes: Other fields to change, with their new values.

        Raises:
            Problem: The notice does not exist, or the transition is not allowed.
        """
        current = self._community.get(KIND, identifier)
        status = current["status"]
        fresh: Document = dict(changes)
        if to is not None and to != status:
            require_transition(MACHINES[current["kind"]], f"notice {identifier}", status, to)
            status = fresh["status"] = to
        if body_html is not None:
            handle_update = {
                "id": f"u{len(current['updates']) + 1}",
                "at": self._community.now(),
                "status": status,
                "bodyHtml": body_html,
            }
            fresh["updates"] = [handle_update, *current["updates"]]
        if status in OVER and current.get("endsAt") is None:
            fresh["endsAt"] = self._community.now()
        over = status in OVER and current["status"] not in OVER
        return self._community.change(
            KIND, identifier, fresh, "notice.resolved" if over else "notice.updated"
        )

    def routes(self) -> list[Route]:
        """Return the control routes of service notices.

        ``POST /__emulator/notices`` publishes a notice. ``POST /__emulator/notices/{id}`` changes
        one: its status (``to``), a new update (``bodyHtml``), or any other field.
        """

        async def handle_publish(request: Request) -> Response:
            return JSONResponse(self.publish_notice(await request.json()), 201)

        async def handle_update(request: Request) -> Response:
            wish: dict[str, Any] = await request.json()
            return JSONResponse(
                self.update_notice(
                    request.path_params["id"],
                    wish.pop("to", None),
                    wish.pop("bodyHtml", None),
                    wish,
                )
            )

        return [
            Route("/__emulator/notices", handle_publish, methods=["POST"]),
            Route("/__emulator/notices/{id}", handle_update, methods=["POST"]),
        ]


def _default_fields(now: str) -> Document:
    return {
        "impact": "none",
        "startsAt": now,
        "endsAt": None,
        "scheduledFor": None,
        "scheduledUntil": None,
        "audience": {"all": True},
        "affectedComponents": [],
        "affectedTransactionTypes": [],
        "workaround": None,
        "supersedesId": None,
    }
