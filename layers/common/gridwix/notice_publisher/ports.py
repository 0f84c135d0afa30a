"""What the notice publisher needs of Trading Grid."""

from typing import Protocol

from gridwix.models.listings import Listing
from gridwix.models.trading_grid.comments import Comment
from gridwix.models.trading_grid.notices import ServiceNotice
from gridwix.ports import CaseReader, PartnerReader, RecordReader


class NoticeReader(RecordReader, CaseReader, PartnerReader, Protocol):
    """What the community gateway profile says of cases and notices. Raises :class:`gridwix.errors.UpstreamError`."""

    def comments(self, case_id: str) -> Listing[Comment]:
        """The comments of a case, internal ones included."""

    def notices(self) -> Listing[ServiceNotice]:
        """Every service notice, those that are over and tombstones included."""
