"""Subject of an erasure (the person or partner to erase), and its mentions in texts. Pure."""

import json
import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from gridwix.models.ids import PartnerId


@dataclass(frozen=True)
class Subject:
    """Subject of an erasure: a person, or the members of a partner as far as they act for it.

    Attributes:
        partner: The partner; None for a person.
        members: Ids of the person's members on the site.
        contacts: Ids of the person's contacts in Wix.
        emails: The person's email addresses.
        names: The person's full names. A single word is left out, since it would name others, too.
    """

    partner: PartnerId | None = None
    members: frozenset[str] = frozenset()
    contacts: frozenset[str] = frozenset()
    emails: frozenset[str] = field(default=frozenset(), repr=False)
    names: frozenset[str] = field(default=frozenset(), repr=False)

    @property
    def ids(self) -> tuple[str, ...]:
        """The identifiers of the subject, sorted: of members and contacts, or of the partner."""
        return (self.partner,) if self.partner else tuple(sorted(self.members | self.contacts))

    def is_named_in(self, *texts: str) -> bool:
        """Return True if a text names the subject by an id, an email address or a full name.

        Upper and lower case are the same, and so are the ways in which Unicode writes an accent. A
        part of another id, address or name does not count. Escape sequences of JSON are decoded,
        also in a fragment of JSON. For a partner, numbers in JSON do not count: the partner's id
        may consist of digits, so that any equal number, such as a count, would seem to name the
        partner.

        >>> bo = Subject(emails=frozenset({"bo@x.example"}), names=frozenset({"Bo Li"}))
        >>> [bo.is_named_in(text) for text in ("BO@x.example", "jumbo@x.example", "Bo Lind")]
        [True, False, False]
        """
        return any(
            self._pattern.search(_fold(reading))
            for text in texts
            for reading in _readings(text, with_numbers=self.partner is None)
        )

    def has_sent(self, member: str | None, partner: str | None, content: object) -> bool:
        """Return True if the subject (the person or partner to erase) sent a submission.

        A person sent it if the sender is an account (member) of the person on the site, or a
        visitor who gave the person's email address. A partner sent it if the sender acted for the
        partner.

        Args:
            member: Id of the member who sent the submission; None for a visitor.
            partner: The partner that the sender acted for, if any.
            content: The answers and the order, as JSON values.
        """
        if self.partner is not None:
            return partner == self.partner
        if member:
            return member in self.members
        addresses = {_fold(address) for address in self.emails}
        return any(_fold(leaf.strip()) in addresses for leaf in text_leaves(content))

    @cached_property
    def _pattern(self) -> re.Pattern[str]:
        before, after = r"(?<![\w-])", r"(?![\w-])"
        if self.partner is not None:
            # Ids of partners are the hub's: "7" is no part of a time, and "acme" not of "acme.eu".
            before, after = r"(?<![\w-])(?<!\w\.)(?<!\d:)", r"(?![\w-]|\.\w|:\d)"
        parts = [f"{before}{re.escape(_fold(one))}{after}" for one in self.ids]
        parts += [
            # An apostrophe within a word is a part of an address: o'bo@x.example.
            rf"(?<![\w.%+-])(?<!\w'){re.escape(_fold(one))}(?![\w-]|\.\w)"
            for one in sorted(self.emails)
        ]
        parts += [
            rf"(?<!\w){r'\s+'.join(map(re.escape, _fold(one).split()))}(?!\w)"
            for one in sorted(self.names)
        ]
        # A pattern that matches nothing, for a subject of which nothing is known.
        return re.compile("|".join(parts) or r"(?!)")


def text_leaves(value: object, *, with_keys: bool = False) -> Iterator[str]:
    """Yield all texts within JSON values, with or without the keys of objects.

    >>> list(text_leaves({"a": ["b", 1, {"c": "d"}]}))
    ['b', 'd']
    """
    # No recursion: a text may hold JSON as deep as it is long.
    waiting = [value]
    while waiting:
        match waiting.pop():
            case str() as text:
                yield text
            case Mapping() as members:
                waiting += reversed([*members.values()])
                if with_keys:
                    yield from map(str, members)
            case list() | tuple() as elements:
                waiting += reversed(elements)
            case set() | frozenset() as elements:
                waiting += elements
            case _:
                continue


def parse_json(text: str) -> Any:
    """Return the JSON values of a text; the text itself if it is no JSON, or is nested too deep."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return text


def _readings(text: str, *, with_numbers: bool) -> Iterator[str]:
    """Yield the texts in which a name is searched: the text itself, or the strings within its JSON.

    Strings include the keys of objects. A string that is JSON again is read in the same way. A text
    with backslashes that is not JSON is also yielded unescaped.

    Args:
        text: The text.
        with_numbers: Yield JSON also unparsed, so that its numbers are searched as well.
    """
    parsed = parse_json(text) if _MAY_BE_JSON.match(text) else text
    is_json = not isinstance(parsed, str) or parsed != text
    if with_numbers or not is_json:
        yield text
    if is_json:
        # A text within may be JSON again, such as an event within a message.
        for leaf in text_leaves(parsed, with_keys=True):
            if leaf != text:
                yield from _readings(leaf, with_numbers=with_numbers)
    elif "\\" in text:
        # A piece of JSON, such as the beginning of an answer.
        yield _ESCAPE.sub(_unescape, text)


_MAY_BE_JSON = re.compile(r'\s*["{\[]')
_ESCAPE = re.compile(r"(?:\\u[0-9a-fA-F]{4})+|\\.", re.DOTALL)


def _unescape(escape: re.Match[str]) -> str:
    """Return the character of an escape sequence; a space for an invalid one."""
    try:
        return str(json.loads(f'"{escape[0]}"'))
    except ValueError:
        return " "


def _fold(text: str) -> str:
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", text).casefold())
