"""HTTP API of OAuth for apps: tokens by client credentials, and token info."""

from collections.abc import Callable

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from emulators.wix.arguments import read_text
from emulators.wix.endpoint import read_arguments
from emulators.wix.errors import InvalidRequest, WixError
from emulators.wix.site import Site
from emulators.wix.wire import Data, Json


def routes(site: Site) -> list[Route]:
    """Return the routes under ``/oauth2``.

    They need no credentials and do not count for the quota.
    """
    return [
        Route("/oauth2/token", _unauthenticated_handler(site.auth.create_token), methods=["POST"]),
        Route(
            "/oauth2/token-info",
            _unauthenticated_handler(
                lambda arguments: site.auth.token_info(read_text(arguments, "token"))
            ),
            methods=["POST"],
        ),
    ]


def _unauthenticated_handler(answer: Callable[[Data], Data]) -> Callable[[Request], object]:
    async def handle(request: Request) -> Response:
        try:
            return Json(answer(await read_arguments(request)))
        except (WixError, InvalidRequest) as error:
            return error.response()

    return handle
