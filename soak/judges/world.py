"""The newest state of all accepted records, from which the right rows, files and messages follow.

Of each record only :mod:`soak.judges.facts` are kept, of each conversation only the comments that a
row can show.
"""

from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from soak.inputs import CommentAdded, RecordChanged, VersionAdded, VersionDecided
from soak.judges.facts import Facts, Library, Partner, tokens_of
from soak.judges.reading import facts_of
from soak.judges.tokens import HIDDEN_KINDS, Tokens, parts_of, tokens_in

MOST_COMMENTS = 100
"""Maximum number of comments in a row (docs/functions/request_publisher.md); issues have the same
limit.
"""

type Changed = Callable[[str, str, Facts | None, Facts, float], None]
"""Gets collection, id, the facts before (None for a new record), those now, and the time."""


@dataclass(slots=True)
class Conversation:
    """Public comments of a case or request: the number of all, and the newest, each once.

    An entry is time in milliseconds, id, tokens, and the side that wrote it.
    """

    total: int = 0
    newest: list[tuple[int, str, Tokens, str]] = field(default_factory=list)

    def add(self, at: int, identifier: str, tokens: Tokens, side: str) -> None:
        """Add a comment, unless it is there already. Comments come nearly in the order of their
        times.
        """
        if any(one[1] == identifier for one in self.newest):
            return
        self.total += 1
        self.newest.append((at, identifier, tokens, side))
        if len(self.newest) > 1 and self.newest[-2][:2] > (at, identifier):
            self.newest.sort()
        if len(self.newest) > MOST_COMMENTS:
            del self.newest[0]


@dataclass(frozen=True, slots=True)
class Version:
    """The current version of a document, which is approved.

    ``sound`` False: its bytes are not of the type that its name claims, so they must not be shown.
    """

    number: int
    sha256: str
    sound: bool = True


class World:
    """Newest facts of all records, by collection and id.

    ``numbers`` are the partners' numbers in tokens by id, ``partner_ids`` the other way around.
    ``unreadable`` has the records that are malformed at the moment, with their partners.
    """

    def __init__(self) -> None:
        self.records: dict[str, dict[str, Any]] = defaultdict(dict)
        self.comments: dict[str, Conversation] = {}
        self.versions: dict[str, Version] = {}
        self.undecided: dict[str, dict[int, str]] = {}
        """Digests of partners' versions that wait for a decision, by document and number."""
        self.restricted: set[str] = set()
        """Digests of bytes that never leave Trading Grid."""
        self.numbers: dict[str, int] = {}
        self.partner_ids: dict[int, str] = {}
        self.unreadable: dict[tuple[str, str], str] = {}
        self.retired: dict[str, set[str]] = defaultdict(set)
        """Row keys of all steps that a program has ever had, by program id."""
        self.current: dict[str, Tokens] = {}
        """Tokens of the newest texts, by mark."""
        self.on_changed: list[Changed] = []

    def apply_change(self, given: RecordChanged) -> None:
        """Record a change of a record that people have made. A malformed one keeps its former
        facts.
        """
        name = (given.collection, given.id)
        if given.partner_id is not None and given.partner_id not in self.numbers:
            for token in tokens_in(given.token):
                number = parts_of(token).partner
                self.numbers[given.partner_id] = number
                self.partner_ids[number] = given.partner_id
        if not given.readable:
            self.unreadable[name] = given.partner_id or ""
            return
        self.unreadable.pop(name, None)
        self.apply_document(given.collection, given.document, given.at)

    def apply_document(self, collection: str, document: Mapping[str, Any], at: float) -> None:
        """Record the current state of a record, changed by people or by the functions. Idempotent.

        A document that cannot be read here is left out: :meth:`apply_change` records malformed
        ones.
        """
        try:
            facts = facts_of(collection, document)
        except (KeyError, TypeError, ValueError, AttributeError):
            return
        if facts is None:
            return
        identifier: str = document["id"]
        known = self.records[collection]
        before: Facts | None = known.get(identifier)
        if before is not None and (before == facts or before.head.version > facts.head.version):
            return
        known[identifier] = facts
        self._note_tokens(facts)
        if collection == "onboarding-programs" and facts.head.status != "draft":
            self.retired[identifier].update(
                f"{document['key']}.{step['key']}.{locale}"
                for step in document["steps"]
                for locale in step.get("locale") or ("en",)
            )
        for listener in self.on_changed:
            listener(collection, identifier, before, facts, at)

    def apply_comment(self, given: CommentAdded) -> None:
        """Record a comment of the hub."""
        if given.visibility == "public":
            self._conversation(given.record_id).add(
                round(given.at * 1000), given.comment_id, tokens_in(given.token), "hub"
            )

    def add_partners_comment(self, record_id: str, identifier: str, body: str, at: float) -> None:
        """Record a partner's comment, which the functions have added.

        Args:
            record_id: The case or request.
            identifier: The comment's id.
            body: Its words.
            at: Unix seconds.
        """
        self._conversation(record_id).add(round(at * 1000), identifier, tokens_in(body), "partner")

    def apply_version(self, given: VersionAdded) -> None:
        """Record a new current version of a document."""
        if given.restricted:
            self.restricted.add(given.sha256)
        self._set_version(given.document_id, Version(given.number, given.sha256, given.sound))

    def offer_version(self, document_id: str, number: int, sha256: str) -> None:
        """Record a partner's version of a document, which waits for a decision.

        Args:
            document_id: The document.
            number: The number of the version.
            sha256: Digest of its bytes.
        """
        self.undecided.setdefault(document_id, {})[number] = sha256

    def decide_version(self, given: VersionDecided) -> None:
        """Record the decision on a partner's version of a document."""
        offered = self.undecided.get(given.document_id, {})
        sha256 = offered.pop(given.number, None)
        if not offered:
            self.undecided.pop(given.document_id, None)
        if given.approved and sha256 is not None:
            self._set_version(given.document_id, Version(given.number, sha256))

    def partner_number(self, partner_id: str) -> int | None:
        """Return the number that a partner has in tokens; None for an unknown partner."""
        return self.numbers.get(partner_id)

    def is_current(self, token: str) -> bool:
        """Return True if a token is in the newest texts of its record."""
        return token in self.current.get(parts_of(token).mark, ())

    def has_trouble(self, collection: str, identifier: str) -> bool:
        """Return True if a record is malformed at the moment."""
        return (collection, identifier) in self.unreadable

    def audience(self, record: Any, regions: Mapping[str, frozenset[str]]) -> list[str]:
        """Return the sorted ids of the partners that a restricted notice or document is for.

        By id, by role, or by the region of the country; without terminated and deleted partners
        (docs/functions/notice_publisher.md).
        """
        wanted = record.audience
        countries = frozenset[str]().union(
            *(regions.get(region, frozenset()) for region in wanted.regions)
        )
        partners: dict[str, Partner] = self.records["partners"]
        if not wanted.roles and not countries:
            named = ((one, partners.get(one)) for one in wanted.partners)
            return sorted(one for one, facts in named if facts is not None and is_member(facts))
        chosen = set(wanted.partners)
        return sorted(
            identifier
            for identifier, facts in partners.items()
            if (facts.role in wanted.roles or facts.country in countries or identifier in chosen)
            and is_member(facts)
        )

    def is_addressed(
        self, record: Any, partner_id: str, regions: Mapping[str, frozenset[str]]
    ) -> bool:
        """Return True if a partner is in the audience of a restricted record.

        Args:
            record: The facts of a notice or document.
            partner_id: The partner.
            regions: Countries of each region.
        """
        partner: Partner | None = self.records["partners"].get(partner_id)
        wanted = record.audience
        return (
            partner is not None
            and is_member(partner)
            and (
                partner_id in wanted.partners
                or partner.role in wanted.roles
                or any(partner.country in regions.get(one, ()) for one in wanted.regions)
            )
        )

    def current_version(self, identifier: str, facts: Library) -> Version | None:
        """Return the version of a document that belongs on the portal; None if it is not known."""
        version = self.versions.get(identifier)
        return version if version is not None and version.number == facts.current else None

    def _set_version(self, document_id: str, version: Version) -> None:
        before = self.versions.get(document_id)
        if before is None or before.number < version.number:
            self.versions[document_id] = version

    def _conversation(self, record_id: str) -> Conversation:
        found = self.comments.get(record_id)
        if found is None:
            found = self.comments[record_id] = Conversation()
        return found

    def _note_tokens(self, facts: Facts) -> None:
        tokens = tokens_of(facts)
        if tokens:
            self.current[parts_of(tokens[0]).mark] = tokens


def is_member(partner: Partner) -> bool:
    """Return True if a partner can be in an audience at all."""
    return not partner.head.deleted and partner.head.status != "terminated"


def is_hidden(token: str) -> bool:
    """Return True if a token must never leave Trading Grid."""
    return parts_of(token).kind in HIDDEN_KINDS
