"""Judges each write of a row at once: nothing foreign, internal or outdated may show even for a
moment.
"""

from collections.abc import Mapping
from typing import Any

from soak.judges.expected import Row
from soak.judges.tokens import (
    Tokens,
    moment_of,
    newest_revisions,
    parts_of,
    tokens_in,
)
from soak.judges.verdict import Findings, Kind
from soak.judges.world import World, is_hidden

OWNED = frozenset(
    {
        "PartnerStatus",
        "OpenIssues",
        "OnboardingProgress",
        "PartnerDocuments",
        "PartnerRequests",
        "PartnerMessages",
        "PartnerActivity",
    }
)
"""Collections whose rows name their partner in ``partnerId``, if they belong to a single
partner.
"""

WATCHED = OWNED | {"ServiceNotices", "OnboardingSteps"}
"""Collections with rows that hold texts of Trading Grid."""

DATED = {
    "OpenIssues": "updatedAt",
    "ServiceNotices": "updatedAt",
    "OnboardingProgress": "updatedAt",
    "PartnerDocuments": "updatedAt",
    "PartnerRequests": "changedAt",
}
"""Field with the time of the last change of a row's record, for rows with a single record."""


class RowJudge:
    """Judges writes of rows: no version falls, nothing internal, nothing of another partner.

    Args:
        world: The newest state.
        findings: Gets what is wrong.
    """

    def __init__(self, world: World, findings: Findings) -> None:
        self._world = world
        self._findings = findings
        self._removed: dict[tuple[str, str], tuple[dict[str, int], int | None]] = {}
        self.writes = 0
        """Number of writes of watched rows so far, removals included."""

    def observe_write(
        self, collection: str, identifier: str, old: Row | None, new: Row | None, at: float
    ) -> None:
        """Judge a write of a row.

        Args:
            collection: The collection.
            identifier: The row's ``_id``.
            old: The row before; None if there was none.
            new: The row after; None if it was removed.
            at: Unix seconds.
        """
        if collection not in WATCHED:
            return
        self.writes += 1
        key = (collection, identifier)
        before = None if old is None else newest_revisions(tokens_in(old))
        if new is None:
            if old is not None and before is not None:
                self._removed[key] = before, _date(collection, old)
            return
        name = f"{collection}/{identifier} at {at:.3f}"
        tokens = tokens_in(new)
        self._judge_texts(name, collection, new, tokens)
        if before is not None and old is not None:
            self._judge_versions(name, before, tokens)
            self._judge_date(name, _date(collection, old), _date(collection, new))
            self._judge_number(name, collection, old, new)
        elif (gone := self._removed.pop(key, None)) is not None:
            self._judge_versions(name, gone[0], tokens)
            self._judge_date(name, gone[1], _date(collection, new))

    def _judge_texts(self, name: str, collection: str, row: Row, tokens: Tokens) -> None:
        owner = row.get("partnerId") if collection in OWNED else ""
        number = self._world.partner_number(owner) if owner else 0
        for token in tokens:
            parts = parts_of(token)
            if is_hidden(token):
                self._findings.add(Kind.INTERNAL, f"{name} shows {token}")
            elif number is not None and parts.partner not in (0, number):
                self._findings.add(Kind.FOREIGN, f"{name} of {owner or 'all'} shows {token}")
            elif parts.kind in "bs" and not _is_told(collection, row, token):
                # Answers stay in Trading Grid, and the texts of versions are for documents.
                self._findings.add(Kind.INTERNAL, f"{name} shows {token}")

    def _judge_versions(self, name: str, before: Mapping[str, int], tokens: Tokens) -> None:
        for mark, revision in newest_revisions(tokens).items():
            if parts_of(f"{mark}.v{revision}").kind == "t":
                # The documents of an order: each has a number of its own, and one may be put right.
                continue
            # A text may leave a row, and an older one of the record stay that holds as well.
            if revision < before.get(mark, 0) and not self._world.is_current(f"{mark}.v{revision}"):
                self._findings.add(
                    Kind.FALLEN, f"{name} fell from {mark}.v{before[mark]} to {mark}.v{revision}"
                )

    def _judge_date(self, name: str, before: int | None, after: int | None) -> None:
        if before is not None and after is not None and after < before:
            self._findings.add(
                Kind.FALLEN, f"{name} fell to a record that is {before - after} ms older"
            )

    def _judge_number(self, name: str, collection: str, old: Row, new: Row) -> None:
        if collection == "PartnerRequests" and old.get("number") and not new.get("number"):
            self._findings.add(Kind.FALLEN, f"{name} has lost its number {old['number']}")


def _date(collection: str, row: Row) -> int | None:
    field = DATED.get(collection)
    value: Any = None if field is None else row.get(field)
    return moment_of(value)


def _is_told(collection: str, row: Row, token: str) -> bool:
    """Return True if a row may show the text of a submission, or of a document's version."""
    if collection == "PartnerDocuments":
        return True
    if collection not in ("OpenIssues", "PartnerRequests") or parts_of(token).kind == "b":
        return False
    return token in tokens_in(row.get("comments"))
