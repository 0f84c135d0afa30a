"""Carries out the plan of an import of people: role changes, new invitations, and their events.

Idempotent and resumable. A run that ends anywhere is completed by running the same import again:
ids of rows and events are derived from the person, so a repeated write changes nothing.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import batched
from typing import Any, Protocol

from gridwix.configuration.people import People
from gridwix.models.ids import CollectionId, WixItemId
from gridwix.models.portal.collection_ids import PARTNER_INVITATIONS
from gridwix.models.wix import EXISTING_ITEM, MAX_BULK_ITEMS, BulkOutcome, DataItem
from gridwix.people.history import HUB, HistoryLine, line_id, repeatable_line_id
from gridwix.people.persons import InvitationStatus, PersonKey
from gridwix.people.planning import (
    NewInvitation,
    PeoplePlan,
    RoleChange,
    rows_to_change,
)
from gridwix.people.rows import invitation_row
from gridwix.people.unlinking import set_fields
from ops.people.announcing import Announcer, Invited


class PeopleRows(Protocol):
    """The part of the Wix client that writes rows about people.

    Methods raise UpstreamError, BudgetExhausted.
    """

    def bulk_insert(self, collection: CollectionId, items: Sequence[DataItem]) -> BulkOutcome: ...
    def bulk_set(
        self, collection: CollectionId, changes: Mapping[WixItemId, Mapping[str, Any]]
    ) -> BulkOutcome: ...


@dataclass(frozen=True, slots=True)
class Failure:
    """A person with a row that Wix has refused, and the code of the error."""

    key: PersonKey
    code: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """Result of an import of people, in numbers.

    ``invited`` invitations were stored, ``changed`` people got another role, and ``announced``
    events were put on the bus. ``failures`` are the people with a row that Wix has refused.
    """

    invited: int = 0
    changed: int = 0
    announced: int = 0
    failures: tuple[Failure, ...] = field(default=())


def plan_lines(plan: PeoplePlan, now: datetime) -> Mapping[WixItemId, HistoryLine]:
    """Return the lines of the portal's history for the changes of an import, by line id.

    The lines are written before the changes that they describe. The id of an invitation's line is
    derived from the invitation, so that a second run adds no line.
    """
    lines: dict[WixItemId, HistoryLine] = {}
    for one in plan.new:
        act = "sent_again" if one.replaces else "invited"
        lines[line_id(act, one.id)] = HistoryLine(
            one.person.partner_id,
            now,
            HUB,
            act,
            one.person.email,
            role_after=one.person.role,
        )
    for change in plan.changed:
        person = change.person
        line = HistoryLine(
            person.partner_id,
            now,
            HUB,
            "role_changed",
            person.email,
            role_before=", ".join(change.before),
            role_after=person.role,
        )
        lines[repeatable_line_id(line)] = line
    return lines


class PeopleImport:
    """Carries out plans of an import: changes roles, stores invitations, and triggers their mails.

    Args:
        rows: The Wix client.
        announcer: Triggers the mails of invitations.
        key: The secret key of the stack for the codes of invitations.
        settings: ``config/people.yaml``.
        now: The current time.
        report: Receives the name of a step, the number of done items, and the number of all items.
    """

    def __init__(
        self,
        rows: PeopleRows,
        announcer: Announcer,
        key: bytes,
        settings: People,
        now: datetime,
        report: Callable[[str, int, int], None] = lambda *_: None,
    ) -> None:
        self._rows = rows
        self._announcer = announcer
        self._key = key
        self._settings = settings
        self._now = now
        self._report = report

    def carry_out(self, plan: PeoplePlan, unannounced: Sequence[Invited]) -> Outcome:
        """Carry out the plan of an import: write the rows, and trigger the mails.

        Args:
            plan: The plan.
            unannounced: Open invitations from earlier runs for which no mail was triggered yet.

        Raises:
            UpstreamError, BudgetExhausted: A call failed. Run the same command again.
        """
        done = self._change_roles(plan.changed)
        invited = list(unannounced)
        total = len(plan.new)
        inserted = 0
        for some in batched(plan.new, MAX_BULK_ITEMS, strict=False):
            written, failures = self._insert(some)
            self._revoke_replaced(some, {one.id for one in written})
            inserted += len(some)
            invited += written
            done = replace(
                done,
                invited=done.invited + len(written),
                failures=done.failures + failures,
            )
            self._report("Inviting people", inserted, total)
        announced = 0

        def count(number: int) -> None:
            nonlocal announced
            announced += number
            self._report("Sending events", announced, len(invited))

        return replace(done, announced=self._announcer.announce(invited, self._now, count))

    def _insert(
        self, some: Sequence[NewInvitation]
    ) -> tuple[Sequence[Invited], tuple[Failure, ...]]:
        """Insert the rows of new invitations.

        Return the invitations that are on the portal now, including those of an earlier run, and
        the failures.
        """
        settings = self._settings
        outcome = self._rows.bulk_insert(
            PARTNER_INVITATIONS,
            [
                invitation_row(
                    one, self._key, bound=settings.bound, now=self._now, days=settings.valid_days
                )
                for one in some
            ],
        )
        refused = {one.item_id: one.code for one in outcome.refused if one.code != EXISTING_ITEM}
        return (
            [Invited(one.id, one.person.partner_id) for one in some if one.id not in refused],
            tuple(Failure(one.person.key, refused[one.id]) for one in some if one.id in refused),
        )

    def _revoke_replaced(
        self, some: Sequence[NewInvitation], written: Collection[WixItemId]
    ) -> None:
        """Revoke the former invitations that new invitations replace.

        Until then, a person has both invitations.
        """
        replaced = [row for one in some if one.id in written for row in one.replaces]
        revoked = {"status": InvitationStatus.REVOKED.value}
        for part in batched(replaced, MAX_BULK_ITEMS, strict=False):
            set_fields(self._rows, PARTNER_INVITATIONS, dict.fromkeys(part, revoked))

    def _change_roles(self, changes: Sequence[RoleChange]) -> Outcome:
        refused: dict[tuple[CollectionId, WixItemId], str] = {}
        rows = rows_to_change(changes)
        total = sum(map(len, rows.values()))
        done = 0
        for collection, fields in rows.items():
            for some in batched(fields.items(), MAX_BULK_ITEMS, strict=False):
                outcome = self._rows.bulk_set(collection, dict(some))
                refused |= {(collection, one.item_id): one.code for one in outcome.refused}
                done += len(some)
                self._report("Changing roles", done, total)
        failures = tuple(
            Failure(change.person.key, code)
            for change in changes
            for code in {
                refused[row.collection, row.item_id]
                for row in change.rows
                if (row.collection, row.item_id) in refused
            }
        )
        failed = {failure.key for failure in failures}
        return Outcome(changed=len(changes) - len(failed), failures=failures)
