"""Reasons why a file cannot be published as a document. Pure."""

from collections.abc import Sequence

from gridwix_gateway.sources.mapping import CellFault


class FileRefused(Exception):
    """An uploaded file is refused: the file is not published, and its document stays as it is.

    Args:
        code: Stable code of the first fault.
        reason: The reason in words, for the people who maintain the source's file share.
        part: Name of what is at fault: a part of the file's path, or a field computed from the
            path; "" if the file as a whole is at fault.
        value: The value at fault, shortened.
        more: Further faults of the file.
    """

    def __init__(
        self,
        code: str,
        reason: str,
        part: str = "",
        value: str = "",
        more: Sequence[CellFault] = (),
    ) -> None:
        super().__init__(reason)
        self.faults = (CellFault(part, value, code, reason), *more)

    @property
    def code(self) -> str:
        """Stable code of the first fault of the file."""
        return self.faults[0].code
