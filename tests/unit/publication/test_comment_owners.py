"""Comments that are read after their record are not shown to a partner that no longer has it."""

from datetime import timedelta

import pytest

from gridwix.errors import SourceBehind
from gridwix.models.trading_grid.cases import Case
from gridwix.models.trading_grid.requests import CollaborationRequest
from gridwix.publication.comment_owners import require_owner
from tests.factories import BALTIC, NOW, case, comment, request
from tests.fakes.trading_grid import FakeTradingGrid

LATER = NOW + timedelta(seconds=1)
RECORDS = [case(), request()]


@pytest.mark.parametrize("record", RECORDS)
@pytest.mark.parametrize("at", [NOW, None])
def test_comments_that_are_no_newer_than_their_record_cost_no_call(
    record: Case | CollaborationRequest, at: object
) -> None:
    grid = FakeTradingGrid()

    require_owner(grid, record, [comment(createdAt=at)])

    assert grid.calls == 0


@pytest.mark.parametrize("record", RECORDS)
def test_newer_comment_on_a_record_of_the_same_partner_is_for_that_partner(
    record: Case | CollaborationRequest,
) -> None:
    grid = FakeTradingGrid()
    grid.put(record.model_copy(update={"version": record.version + 1}))

    require_owner(grid, record, [comment("cmt_1"), comment("cmt_2", createdAt=LATER)])

    assert grid.calls == 1


@pytest.mark.parametrize("record", RECORDS)
@pytest.mark.parametrize("owner", [BALTIC, None], ids=["another partner", "no record any more"])
def test_newer_comment_on_a_record_that_has_moved_is_read_again_later(
    record: Case | CollaborationRequest, owner: str | None
) -> None:
    grid = FakeTradingGrid()
    if owner is not None:
        grid.put(record.model_copy(update={"partner_id": owner, "version": record.version + 1}))

    with pytest.raises(SourceBehind):
        require_owner(grid, record, [comment(createdAt=LATER)])
