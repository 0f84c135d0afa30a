"""The world as the traffic sees it, and the few operations by which the traffic changes it."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from random import Random
from typing import Any

from soak.inputs import CommentAdded, Input, Observer, RecordChanged, token
from soak.kernel.tasks import Scheduler
from soak.traffic.population import (
    COLLECTIONS,
    Population,
    partner_id,
    record_id,
    record_numbers,
)
from soak.traffic.ports import Document, Hub, Outside, Site
from soak.traffic.shape import Shape

COMPANY = "GC00700011NR"
"""Company id of the hub."""

REVISION = "soak"
"""``system`` of the external reference in which each record keeps the revision of its texts."""

WORDS = (
    "The 856 for the last truck was refused, please look at the pack structure. ",
    "Preis und Menge weichen ab; wir prüfen das bis Freitag. ",
    "Le numéro SSCC ne correspond pas à l’étiquette. ",
    "Falta el certificado vigente; envíenlo por favor. ",
    "Mailbox is polled again, the backlog drains. ",
)


class Scene:
    """Shared state of all parts of the traffic.

    Args:
        shape: The workload.
        scheduler: Virtual time.
        random: The traffic's own seeded source of chance.
        outside: The models.
        observer: Gets each accepted input.
    """

    def __init__(
        self,
        shape: Shape,
        scheduler: Scheduler,
        random: Random,
        outside: Outside,
        observer: Observer,
    ) -> None:
        self.shape = shape
        self.scheduler = scheduler
        self.random = random
        self.outside = outside
        self.hub: Hub = outside.hub
        self.site: Site = outside.site
        self.population = Population(shape, random)
        self.accepted = 0
        """Number of accepted inputs so far."""
        self._observer = observer
        self._text_of: tuple[float, str] = (-1.0, "")

    @property
    def now(self) -> float:
        """Virtual time, in Unix seconds."""
        return self.scheduler.now

    def now_text(self) -> str:
        """Virtual time as RFC 3339."""
        at, text = self._text_of
        if at != self.scheduler.now:
            at = self.scheduler.now
            text = rfc3339(at)
            self._text_of = at, text
        return text

    def day(self, days: int) -> str:
        """Return the date some days from now."""
        return _date(int(self.scheduler.now // 86_400) + days)

    def words(self) -> str:
        """Return a random sentence."""
        return WORDS[int(self.random.random() * len(WORDS))]

    def pick[T](self, choices: Sequence[T]) -> T:
        """Return one of some choices by chance."""
        return choices[int(self.random.random() * len(choices))]

    def chance(self, share: float) -> bool:
        """Return True with this probability."""
        return self.random.random() < share

    def accept(self, given: Input) -> None:
        """Report an accepted input to the judges, and count it."""
        self.accepted += 1
        self._observer.accept(given)

    def report(self, given: Input) -> None:
        """Report the webhook's answer to a submission to the judges. The submission was counted
        when it was sent.
        """
        self._observer.accept(given)

    def record(self, kind: str, partner: int, number: int) -> Mapping[str, Any] | None:
        """Return the current state of one of the traffic's records; None if it cannot be acted
        on.
        """
        return self.hub.get(COLLECTIONS[kind], record_id(kind, partner, number))

    def create(self, kind: str, partner: int, number: int, document: Document) -> None:
        """Create a record, with revision 1 of its texts."""
        mark = token(partner, kind, number, 1)
        document |= {
            "companyId": COMPANY,
            "createdAt": self.now_text(),
            "externalRefs": [{"system": REVISION, "id": "1"}],
        }
        self.put(kind, partner, document, mark)

    def change(
        self,
        kind: str,
        current: Mapping[str, Any],
        changes: Document,
        mark: str,
        *,
        readable: bool = True,
    ) -> None:
        """Change some members of a record, with the revision of ``mark``.

        Args:
            kind: The letter of its kind.
            current: The record as it is now.
            changes: The members that change.
            mark: The token of its texts.
            readable: False for a record that Trading Grid shows as a malformed one.
        """
        partner = int(current["id"][4:]) if kind == "p" else record_numbers(current["id"])[0]
        document = {
            "id": current["id"],
            **changes,
            "externalRefs": [{"system": REVISION, "id": mark[mark.rindex("v") + 1 : -2]}],
        }
        self.put(kind, partner, document, mark, readable=readable)

    def put(
        self, kind: str, partner: int, document: Document, mark: str, *, readable: bool = True
    ) -> None:
        """Put a record into the hub and report it to the judges.

        Args:
            kind: The letter of its kind.
            partner: The number of its partner; 0 for a record of no partner alone.
            document: ``id``, and the members to set; of a new record, all.
            mark: The token of its texts.
            readable: False for a malformed record.
        """
        collection = COLLECTIONS[kind]
        events = self.hub.put(collection, document)
        identifier = document["id"]
        stored = self.hub.get(collection, identifier) or document
        self.accept(
            RecordChanged(
                self.scheduler.now,
                collection,
                identifier,
                partner_id(partner) if partner else None,
                stored["version"],
                stored,
                tuple([event["id"] for event in events]),
                mark,
                readable,
            )
        )

    def comment(
        self, collection: str, current: Mapping[str, Any], partner: int, *, internal: bool
    ) -> None:
        """Let a person of the hub comment on a case or a request, with random words.

        Args:
            collection: ``cases`` or ``collaboration-requests``.
            current: The record.
            partner: The number of its partner.
            internal: True for a comment that never leaves Trading Grid.
        """
        mark = token(partner, *self._comment_mark(partner, internal=internal))
        self.comment_with(collection, current, partner, f"{mark} {self.words()}", mark, internal)

    def comment_with(
        self,
        collection: str,
        current: Mapping[str, Any],
        partner: int,
        body: str,
        mark: str,
        internal: bool,
    ) -> None:
        """Let a person of the hub comment on a case or a request, with these words.

        Args:
            collection: ``cases`` or ``collaboration-requests``.
            current: The record.
            partner: The number of its partner.
            body: The words, with the token.
            mark: The token.
            internal: True for a comment that never leaves Trading Grid.
        """
        visibility = "internal" if internal else "public"
        fields = {"body": body, "visibility": visibility, "authorKind": "internal"}
        identifier = current["id"]
        comment_id, events = self.hub.comment(collection, identifier, fields)
        stored = self.hub.get(collection, identifier) or current
        self.accept(
            CommentAdded(
                self.scheduler.now,
                collection,
                identifier,
                partner_id(partner),
                comment_id,
                visibility,
                mark,
                stored["version"],
                tuple([event["id"] for event in events]),
            )
        )

    def internal_mark(self, partner: int) -> str:
        """Return a fresh token for a text that must never leave Trading Grid."""
        return token(partner, *self._comment_mark(partner, internal=True))

    def public_mark(self, partner: int) -> str:
        """Return a fresh token for a public comment."""
        return token(partner, *self._comment_mark(partner, internal=False))

    def _comment_mark(self, partner: int, *, internal: bool) -> tuple[str, int, int]:
        kind = "x" if internal else "m"
        return kind, self.population.next_number(partner, kind), 1


def revision(document: Mapping[str, Any]) -> int:
    """Return the revision of a record's texts; 0 for a record that the traffic has not made."""
    references = document.get("externalRefs")
    if not references or references[0].get("system") != REVISION:
        return 0
    return int(references[0]["id"])


def next_mark(kind: str, document: Mapping[str, Any]) -> str:
    """Return the token of a record's next revision.

    Args:
        kind: The letter of its kind.
        document: The record as it is now.
    """
    if kind == "p":
        number = partner = int(document["id"][4:])
    else:
        partner, number = record_numbers(document["id"])
    return token(partner, kind, number, revision(document) + 1)


def rfc3339(at: float) -> str:
    """Format Unix seconds as RFC 3339, in UTC with milliseconds.

    >>> rfc3339(1_773_306_000.5)
    '2026-03-12T09:00:00.500Z'
    """
    # Formatting the parts takes a third of the time of datetime's.
    days, milliseconds = divmod(int(at * 1_000), 86_400_000)
    seconds, milliseconds = divmod(milliseconds, 1_000)
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{_date(days)}T{hours:02}:{minutes:02}:{seconds:02}.{milliseconds:03}Z"


@lru_cache(maxsize=1_000)
def _date(days: int) -> str:
    """Return the date that is some days after 1 January 1970."""
    return datetime.fromtimestamp(days * 86_400, UTC).date().isoformat()
