"""Changes onboarding programs, for tests and demos, through a control route of the emulator.

In Trading Grid, the company that runs the network (the hub) changes programs; the emulated API can
only read them.
"""

from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from emulators.trading_grid.community import Community
from emulators.trading_grid.store import Document

KIND = "onboarding-programs"


class Programs:
    """Changes onboarding programs. Enrollments keep the steps with which they started."""

    def __init__(self, community: Community) -> None:
        self._community = community

    def edit_program(self, identifier: str, wish: Document) -> Document:
        """Change an onboarding program, append an event, and return the program.

        ``wish`` can have ``steps`` (by the key of a step, the step's changed fields), ``remove``
        (keys of steps to remove), ``add`` (new steps), and new values of other program fields. The
        event is ``requirement.changed`` if only steps change, else ``program.published``.
        """
        program = self._community.get(KIND, identifier)
        changed, removed = wish.pop("steps", {}), set(wish.pop("remove", []))
        steps = [
            {**step, **changed.get(step["key"], {})}
            for step in program["steps"]
            if step["key"] not in removed
        ] + wish.pop("add", [])
        event = "program.published" if wish else "requirement.changed"
        return self._community.change(KIND, identifier, {**wish, "steps": steps}, event)

    def routes(self) -> list[Route]:
        """Return the control route ``POST /__emulator/programs/{id}``, which changes a program."""

        async def handle_edit(request: Request) -> Response:
            wish: dict[str, Any] = await request.json()
            return JSONResponse(self.edit_program(request.path_params["id"], wish))

        return [Route("/__emulator/programs/{id}", handle_edit, methods=["POST"])]
