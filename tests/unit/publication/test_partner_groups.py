"""Partners are read in groups, and a failed group leaves the earlier ones alone."""

from collections.abc import Sequence

from gridwix.errors import Unavailable
from gridwix.models.ids import PartnerId
from gridwix.publication.partner_groups import PARTNERS_AT_ONCE, read_in_groups

PARTNERS = [PartnerId(f"GC{number}") for number in range(3 * PARTNERS_AT_ONCE + 1)]


def test_read_in_groups_reads_each_partner_once() -> None:
    groups = list(read_in_groups(PARTNERS, list))

    assert [partner_id for group, _ in groups for partner_id in group] == PARTNERS
    assert all(list(group) == found for group, found in groups)
    assert [len(group) for group, _ in groups] == [PARTNERS_AT_ONCE] * 3 + [1]


def test_read_in_groups_after_a_failure_gives_its_error_to_the_groups_after_it_unread() -> None:
    asked: list[Sequence[PartnerId]] = []
    failure = Unavailable(system="trading_grid", status=503)

    def read(partner_ids: Sequence[PartnerId]) -> str:
        asked.append(partner_ids)
        if len(asked) == 2:
            raise failure
        return "read"

    found = [found for _, found in read_in_groups(PARTNERS, read)]

    assert found == ["read", failure, failure, failure]
    assert len(asked) == 2
