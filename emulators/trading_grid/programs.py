"""Onboarding programs as the hub edits them. Reads are those of the profile; writing is the hub's own business, so it has no API."""

from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from emulators.trading_grid.community import Community
from emulators.trading_grid.store import Document

KIND = "onboarding-programs"


class Programs:
    """What the hub does with its programs. Enrollments that are open keep the steps that they were made with."""

    def __init__(self, community: Community) -> None:
        self._community = community

    def edit_program(self, identifier: str, wish: Document) -> Document:
        """``steps`` holds changed members by step, ``remove`` keys of steps that go, ``add`` whole steps; other members are the program's own.

        A change of steps only is a ``requirement.changed``, any other a ``program.published``.
        """
        program = self._community.get(KIND, identifier)
        changed, removed = wish.pop("steps", {}), set(wish.pop("remove", []))
        steps = [{**step, **changed.get(step["key"], {})} for step in program["steps"] if step["key"] not in removed] + wish.pop("add", [])
        event = "program.published" if wish else "requirement.changed"
        return self._community.change(KIND, identifier, {**wish, "steps": steps}, event)

    def routes(self) -> list[Route]:
        """``POST /__emulator/programs/{id}``."""

        async def handle_edit(request: Request) -> Response:
            wish: dict[str, Any] = await request.json()
            return JSONResponse(self.edit_program(request.path_params["id"], wish))

        return [Route("/__emulator/programs/{id}", handle_edit, methods=["POST"])]
