"""Port of the notice publisher: reads cases, comments and notices of Trading Grid."""

from typing import Protocol

from gridwix.models.listings import Listing
from gridwix.models.trading_grid.comments import Comment
from gridwix.models.trading_grid.notices import ServiceNotice
from gridwix.ports import CaseReader, RecordReader

READS_IN_FLIGHT = 8
"""Maximum number of cases that are read in parallel, with their comments."""


class NoticeReader(RecordReader, CaseReader, Protocol):
    """Reads cases, their comments, and service notices from Trading Grid. Raises UpstreamError."""

    def comments(self, case_id: str) -> Listing[Comment]:
        """Return all comments of a case, internal ones included."""

    def notices(self) -> Listing[ServiceNotice]:
        """Return every service notice, past ones and tombstones included."""
