"""Web page that shows the files of the Media Manager. It refreshes once a second."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from emulators.wix.media.files import OWN, file_path
from emulators.wix.pages import new_pages
from emulators.wix.site import Site
from emulators.wix.wire import Data

MOST_ROWS = 200
TONES = {"READY": "good", "PENDING": "wait", "FAILED": "bad"}
UNITS = ("B", "kB", "MB", "GB")


def routes(site: Site) -> list[Route]:
    return [Route("/media", MediaPages(site).list_files)]


class MediaPages:
    """The web page of the Media Manager."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._pages = new_pages()

    async def list_files(self, _: Request) -> Response:
        """Show the files of the Media Manager, newest first, including the trash."""
        found = list(reversed(self._site.media.files.all()))
        rows = [self._file_row(file) for file in found[:MOST_ROWS]]
        return self._pages.render("media.html", rows=rows, total=len(found), tones=TONES)

    def _file_row(self, file: Data) -> Data:
        linked = (
            file["operationStatus"] == "READY" and file["state"] == "OK" and not file["private"]
        )
        return {
            "id": file["id"],
            "name": file["displayName"],
            "at": file["createdDate"],
            "url": file_path(file) if linked else None,
            "folder": self._site.media.folders.path(file["parentFolderId"]),
            "private": file["private"],
            "mime": file[OWN]["mimeType"] or "unknown",
            "status": file["operationStatus"],
            "deleted": file["state"] == "DELETED",
            "size": None if "sizeInBytes" not in file else format_bytes(int(file["sizeInBytes"])),
        }


def format_bytes(size: int) -> str:
    """Format a number of bytes for people, in units of a thousand.

    >>> format_bytes(999), format_bytes(1_500_000)
    ('999 B', '1.5 MB')
    """
    amount, unit = float(size), 0
    while amount >= 999.95 and unit < len(UNITS) - 1:
        amount, unit = amount / 1000, unit + 1
    return f"{size} B" if unit == 0 else f"{amount:.1f} {UNITS[unit]}"
