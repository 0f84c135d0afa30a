"""The reconciler's environment in memory: portal rows, documents of runs, and its queue."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from pydantic import BaseModel

from gridwix.errors import GridwixError
from gridwix.models.ids import CollectionId
from gridwix.models.reconciliation import RUN_MESSAGE, RunMessage
from gridwix.models.wix import DataItem, Page
from tests.fakes.portal import FakePortal

MAX_ROWS = 1000


@dataclass
class FakeSources:
    """Implements ``SourceList``: the collections with a source; None for a gateway that does not
    tell.
    """

    collections: frozenset[str] | None = None
    failure: GridwixError | None = None

    def collections_with_source(self) -> frozenset[str] | None:
        if self.failure is not None:
            raise self.failure
        return self.collections


@dataclass
class FakeRows:
    """Implements ``PortalRows`` over a portal: rows have Wix's own fields.

    ``calls`` counts the pages; ``most`` is the longest page.
    """

    portal: FakePortal
    calls: int = 0
    most: int = MAX_ROWS

    def query_items(
        self,
        collection: CollectionId,
        *,
        filter: Mapping[str, Any] | None = None,  # noqa: A002 - Wix's own word
        sort: Sequence[tuple[str, Literal["ASC", "DESC"]]] = (),
        limit: int,
        offset: int | None = None,
    ) -> Page:
        assert (sort, limit, offset) == ((("_id", "ASC"),), MAX_ROWS, 0)
        self.calls += 1
        bounds = (filter or {}).get("_id", {})
        found = sorted(
            identifier
            for name, identifier in self.portal.rows
            if name == collection
            and identifier > bounds.get("$gt", "")
            and ("$lte" not in bounds or identifier <= bounds["$lte"])
        )
        items = (self.portal.rows[collection, identifier] for identifier in found[: self.most])
        return Page(
            tuple(
                DataItem(item.id, {**item.data, "_owner": "site", "_updatedDate": "2026-03-12"})
                for item in items
            ),
            cursor=None,
        )


@dataclass
class FakeDocuments:
    """Implements ``RunDocuments``."""

    texts: dict[str, str] = field(default_factory=dict)

    def read_document(self, name: str) -> str | None:
        return self.texts.get(name)

    def write(self, name: str, text: str) -> None:
        self.texts[name] = text


@dataclass
class FakeContinuation:
    """Implements ``Continuation``, with the wire format of messages.

    ``lost_answers`` is the number of sends that succeed and raise an error all the same.
    """

    pages: list[RunMessage] = field(default_factory=list)
    lost_answers: list[GridwixError] = field(default_factory=list)

    def send(self, page: BaseModel) -> None:
        self.pages.append(
            RUN_MESSAGE.validate_json(page.model_dump_json(by_alias=True, exclude_none=True))
        )
        if self.lost_answers:
            raise self.lost_answers.pop()
