"""Keeps items in the order of a sort key, for global secondary indexes and tables with a sort
key.
"""

from bisect import bisect_left, insort
from collections.abc import Mapping
from typing import Any, NamedTuple

from soak.cloud.attribute_values import Attribute, invalid, number_of

type Key = Any
"""Value of the partition key; with a sort key a tuple of both."""

type Entry = tuple[Any, Key]
"""Place of an item in an index's partition: the sort key ("" without one), and the table's key."""

_MOST_BYTES = {"partition": 2048, "sort": 1024}


class Place(NamedTuple):
    """Position of an item in an index: its partition, and its entry there."""

    partition: Any
    entry: Entry


class Index:
    """Items by partition and sort key: a global secondary index, or the table itself.

    Args:
        name: Name of the index, "" for the table itself.
        partition: Name of its partition key.
        sort: Name of its sort key, None without one.
        types: Types of the keys.
        attributes: Names of the attributes that it holds; None for all.
    """

    def __init__(
        self,
        name: str,
        partition: str,
        sort: str | None,
        types: Mapping[str, str],
        attributes: tuple[str, ...] | None = None,
    ) -> None:
        self.name = name
        self.partition = partition
        self.sort = sort
        self.attributes = attributes
        self._types = types
        self._partitions: dict[Any, list[Entry]] = {}

    def place(self, key: Key, item: Mapping[str, Attribute]) -> Place | None:
        """Return the position of an item in the index; None if it lacks a key. Raises Refusal for
        an unusable key.
        """
        # A key that is there must be usable, even if the other one is missing.
        partition = sort = None
        if self.partition in item:
            partition = key_value(item, self.partition, self._types, "partition")
        if self.sort is None:
            sort = ""
        elif self.sort in item:
            sort = key_value(item, self.sort, self._types, "sort")
        return None if partition is None or sort is None else Place(partition, (sort, key))

    def entries(self, partition: Any) -> list[Entry]:
        """Return the entries of a partition, in order. The caller must not change them."""
        return self._partitions.get(partition, [])

    def move(self, before: Place | None, after: Place | None) -> None:
        """Move an item from one position in the index to another; None is outside of it."""
        if before == after:
            return
        if before is not None:
            entries = self._partitions[before.partition]
            del entries[bisect_left(entries, before.entry)]
            if not entries:
                del self._partitions[before.partition]
        if after is not None:
            entries = self._partitions.setdefault(after.partition, [])
            # Most sort keys are times, so the new one is mostly the last.
            if not entries or entries[-1] < after.entry:
                entries.append(after.entry)
            else:
                insort(entries, after.entry)


def key_value(item: Mapping[str, Attribute], name: str, types: Mapping[str, str], role: str) -> Any:
    """Return the value of a key attribute of an item. Raises Refusal if it cannot be a key.

    Args:
        item: Typed values.
        name: Name of the attribute.
        types: Types of key attributes.
        role: ``partition`` or ``sort``.
    """
    attribute, kind = item[name], types[name]
    if kind not in attribute:
        raise invalid(
            "One or more parameter values were invalid: Type mismatch for key"
            f" {name} expected: {kind} actual: {''.join(attribute)}"
        )
    value = attribute[kind]
    if kind == "N":
        return number_of(value)
    if not value:
        raise invalid(
            "One or more parameter values are not valid. The AttributeValue for a key attribute"
            f" cannot contain an empty string value. Key: {name}"
        )
    # A character has at most four bytes.
    most = _MOST_BYTES[role]
    if len(value) * 4 > most and len(value if kind == "B" else value.encode()) > most:
        raise invalid(
            f"One or more parameter values were invalid: Size of the {role} key {name} has exceeded"
            f" the maximum size limit of {most} bytes"
        )
    return value
