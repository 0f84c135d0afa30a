"""The person or partner whose data is erased, and how a text names it. Pure."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from gridwix.models.ids import PartnerId


@dataclass(frozen=True)
class Subject:
    """Whose data is erased: a person, or the members of a partner as far as they act for it.

    Attributes:
        partner: The partner; None for a person.
        members: Ids of the person's members on the site.
        contacts: Ids of its contacts in Wix.
        emails: Its email addresses.
        names: Its full names. A single word is no name here: it would name others, too.
    """

    partner: PartnerId | None = None
    members: frozenset[str] = frozenset()
    contacts: frozenset[str] = frozenset()
    emails: frozenset[str] = field(default=frozenset(), repr=False)
    names: frozenset[str] = field(default=frozenset(), repr=False)

    @property
    def ids(self) -> tuple[str, ...]:
        """All identifiers, sorted: those of members and contacts, or the partner's."""
        return (self.partner,) if self.partner else tuple(sorted(self.members | self.contacts))

    def is_named_in(self, *texts: str) -> bool:
        """True if one of some texts names the subject by an id, an email address or a full name.

        Case is ignored. A part of another id, address or name does not count. A JSON text is also
        looked at without its escape sequences.

        >>> bo = Subject(emails=frozenset({"bo@x.example"}), names=frozenset({"Bo Li"}))
        >>> [bo.is_named_in(text) for text in ("BO@x.example", "jumbo@x.example", "Bo Lind")]
        [True, False, False]
        """
        return any(
            self._pattern.search(one.casefold()) for text in texts for one in _readings(text)
        )

    def has_sent(self, member: str | None, partner: str | None, content: object) -> bool:
        """True if a submission is the subject's own.

        A person's is that of its member. Without a member, that of a visitor who gave the person's
        email address. A partner's is that of a member who acted for it.

        Args:
            member: The member who sent it, if any.
            partner: The partner that the sender acted for, if any.
            content: The answers and the order, as JSON values.
        """
        if self.partner is not None:
            return partner == self.partner
        if member:
            return member in self.members
        addresses = {address.casefold() for address in self.emails}
        return any(leaf.strip().casefold() in addresses for leaf in text_leaves(content))

    @cached_property
    def _pattern(self) -> re.Pattern[str]:
        parts = [rf"(?<![\w-]){re.escape(one.casefold())}(?![\w-])" for one in self.ids]
        parts += [
            rf"(?<![\w.%+-]){re.escape(one.casefold())}(?![\w-]|\.\w)"
            for one in sorted(self.emails)
        ]
        parts += [rf"(?<!\w){re.escape(one.casefold())}(?!\w)" for one in sorted(self.names)]
        # A pattern that matches nothing, for a subject of which nothing is known.
        return re.compile("|".join(parts) or r"(?!)")


def text_leaves(value: object) -> Iterator[str]:
    """All texts within JSON values, keys of objects left out.

    >>> list(text_leaves({"a": ["b", 1, {"c": "d"}]}))
    ['b', 'd']
    """
    match value:
        case str():
            yield value
        case Mapping():
            for member in value.values():
                yield from text_leaves(member)
        case list() | tuple() | set() | frozenset():
            for element in value:
                yield from text_leaves(element)
        case _:
            return


def parse_json(text: str) -> Any:
    """JSON values of a text; the text itself if it is no JSON."""
    try:
        return json.loads(text)
    except ValueError:
        return text


def _readings(text: str) -> Iterator[str]:
    yield text
    if "\\" in text and not isinstance(parsed := parse_json(text), str):
        yield json.dumps(parsed, ensure_ascii=False)
        # A JSON text within a JSON text, such as an event within a message.
        for leaf in text_leaves(parsed):
            if "\\" in leaf and leaf != text:
                yield from _readings(leaf)
