"""Describes how a source changes a record: the source's values before and its values now. Pure.

Rows that contribute to one record, such as one row per step, become one change.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from gridwix_gateway.documents import Document
from gridwix_gateway.sources.mapping.records import MappedRecord


@dataclass(frozen=True, slots=True)
class RecordChange:
    """A source's change of one record: the source's previous values, and its values now.

    Attributes:
        collection: The record's collection in the gateway's API, such as ``cases``.
        id: Id of the record.
        old: The values that the source gave last, by field of the record; None if the source did
            not give the record before.
        new: The values that the source gives now, by field; None if the record is gone.
        gather: Fields that are lists to merge element by element, each with the name of the field
            that identifies an element: ``{"steps": "key"}``.
        owner: Whether the source creates and deletes the record.
    """

    collection: str
    id: str
    old: Document | None
    new: Document | None
    gather: Mapping[str, str] = field(default_factory=dict)
    owner: bool = True

    def to_document(self) -> Document:
        """Return the change as a JSON document. :meth:`from_document` reverses it."""
        return {
            "collection": self.collection,
            "id": self.id,
            "old": self.old,
            "new": self.new,
            "gather": dict(self.gather),
            "owner": self.owner,
        }

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> "RecordChange":
        """Return the change that :meth:`to_document` has written as a JSON document."""
        return cls(**document)


class Contradiction(Exception):
    """Rows that contribute to one record contradict each other. ``str()`` is the reason."""


def merged_record(contributions: Sequence[MappedRecord]) -> MappedRecord | None:
    """Merge the contributions of several rows to one record, such as one row per step.

    >>> steps = [
    ...     MappedRecord("enrollments", "e", {"steps": [{"key": key}]}, gather={"steps": "key"})
    ...     for key in ("tax", "edi")
    ... ]
    >>> [step["key"] for step in merged_record(steps).fields["steps"]]
    ['tax', 'edi']

    Args:
        contributions: The fields that each row gives for the record, all with the same collection
            and id. ``gather`` names the lists to which several rows add elements.

    Returns:
        The record; None if there is no contribution, or if all say that it is deleted.

    Raises:
        Contradiction: Two rows give the same element of a list, or different values of a field; or
            there are two rows, and one of them has no ``gather``, so it gives the whole record.
    """
    present = [one for one in contributions if not one.deleted]
    if not present:
        return None
    first = present[0]
    fields = dict(first.fields)
    gather = dict(first.gather)
    for other in present[1:]:
        if not (gather and other.gather):
            raise Contradiction("the same record")
        for name, value in other.fields.items():
            if name in other.gather and name in fields:
                fields[name] = _joined_elements(fields[name], value, other.gather[name])
            elif name in fields and fields[name] != value:
                raise Contradiction(f"another value of {name}")
            else:
                fields[name] = value
        gather |= other.gather
    return MappedRecord(
        first.collection, first.id, fields, gather=gather, owner=any(one.owner for one in present)
    )


def _joined_elements(known: list[Any], added: list[Any], key: str) -> list[Any]:
    keys = {element[key] for element in known}
    for element in added:
        if element[key] in keys:
            raise Contradiction(f"the element {element[key]:.60}")
    return [*known, *added]
