"""What gridwix knows of a document's file on the portal, and of one that is on its way there. ``docs/adr/0010-a-file-is-switched-to-when-it-is-there.md`` gives
the reasons."""

from pydantic import BaseModel, ConfigDict


class TransferModel(BaseModel):
    """Frozen and closed."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Bytes(TransferModel):
    """Which bytes a file holds, and for whom: two files of the same bytes are the same file unless only one is private. ``version`` is the document's."""

    version: int
    sha256: str
    private: bool

    def same(self, other: "Bytes | None") -> bool:
        return other is not None and (self.sha256, self.private) == (other.sha256, other.private)


class PortalFile(Bytes):
    """A file in the portal's media library."""

    file_id: str


class Arrival(Bytes):
    """A file that is being copied, or was and is not usable yet. ``begun`` (Unix seconds) is when; ``file_id`` is "" until it is known."""

    begun: float
    file_id: str = ""


class Transfer(TransferModel):
    """Of one document. ``shown`` is the file that its row shows or is about to, ``arriving`` the one that follows, ``leaving`` those that are to be removed.

    ``fault`` (see ``gridwix.models.files.FileFault``) says why the wanted file could not be taken over; "" if nothing is wrong. ``edition`` grows whenever what
    the row is to show of ``shown`` and ``fault`` changes, before the row does; ``published`` is the one that the row is known to have. ``held_until`` (Unix
    seconds): somebody is copying. ``revision`` grows with every change.
    """

    document_id: str
    revision: int = 0
    edition: int = 1
    published: int = 0
    shown: PortalFile | None = None
    arriving: Arrival | None = None
    leaving: tuple[str, ...] = ()
    fault: str = ""
    held_until: float | None = None

    @property
    def record(self) -> str:
        """Its name in the row's version vector, in which its version is the edition."""
        return f"transfers/{self.document_id}"

    @property
    def waits(self) -> bool:
        """Whether something is still to be done about it."""
        return self.arriving is not None or bool(self.leaving) or (self.revision > 0 and self.published != self.edition)
