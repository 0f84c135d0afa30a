"""The emulator's own control routes for its Media Manager. Wix has no such routes.

``GET|POST /__emulator/media {readySeconds?, fileBytes?, storageBytes?}``
    Processing time of a file, maximum bytes of a file, and maximum bytes of all files.
``GET|DELETE /__emulator/media/files``
    All files, oldest first, including the trash; a DELETE removes all of them.
"""

from starlette.requests import Request
from starlette.routing import Route

from emulators.wix.arguments import read_int
from emulators.wix.control import MOST, json_handler
from emulators.wix.endpoint import base_url, read_arguments
from emulators.wix.errors import InvalidRequest
from emulators.wix.media.files import file_descriptor
from emulators.wix.site import Site
from emulators.wix.wire import Data

MAX_READY_SECONDS = 3600


def routes(site: Site) -> list[Route]:
    control = MediaControl(site)
    return [
        Route("/__emulator/media", json_handler(control.handle_settings), methods=["GET", "POST"]),
        Route(
            "/__emulator/media/files", json_handler(control.handle_files), methods=["GET", "DELETE"]
        ),
    ]


class MediaControl:
    """Handlers of the emulator's control routes ``/__emulator/media``, which Wix does not have.

    Each returns a JSON object, or raises InvalidRequest.
    """

    def __init__(self, site: Site) -> None:
        self._site = site

    async def handle_settings(self, request: Request) -> Data:
        limits, order = self._site.media.limits, await read_arguments(request)
        seconds = order.get("readySeconds", limits.ready_seconds)
        if (
            not isinstance(seconds, int | float)
            or isinstance(seconds, bool)
            or not 0 <= seconds <= MAX_READY_SECONDS
        ):
            raise InvalidRequest("readySeconds", f"must be 0 to {MAX_READY_SECONDS} seconds")
        file_bytes, storage_bytes = (
            read_int(order, "fileBytes", limits.file_bytes, most=MOST),
            read_int(order, "storageBytes", limits.storage_bytes, most=MOST),
        )
        limits.ready_seconds, limits.file_bytes, limits.storage_bytes = (
            seconds,
            file_bytes,
            storage_bytes,
        )
        return {
            "readySeconds": limits.ready_seconds,
            "fileBytes": limits.file_bytes,
            "storageBytes": limits.storage_bytes,
        }

    async def handle_files(self, request: Request) -> Data:
        files = self._site.media.files
        if request.method == "DELETE":
            for file in files.all():
                files.remove(file)
        return {"files": [file_descriptor(file, base_url(request)) for file in files.all()]}
