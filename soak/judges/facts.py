"""Facts: the parts of Trading Grid's records that the judges keep, to compare rows and messages
with.

Documents are those of ``docs/community-gateway.openapi.yaml``. Only small tuples are kept of them,
so that a million events fit into memory.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from soak.judges.tokens import Tokens, parts_of

type Document = Mapping[str, Any]

MOST_LISTED = 50
"""Maximum number of entries of a list that has a limit of 50: public changes of a status, tasks,
affected documents.
"""

MOST_ENTRIES = 20
"""Maximum number of entries of a notice's timeline in its row. The documents have no limit; the
code does.
"""


class Head(NamedTuple):
    """Facts that every record has. ``partner`` is "" for a record that belongs to no single
    partner.
    """

    partner: str
    version: int
    updated: int | None
    status: str
    deleted: bool


class Partner(NamedTuple):
    """Facts of a partner."""

    head: Head
    role: str
    country: str
    name: Tokens


class Step(NamedTuple):
    """Facts of a step of an enrollment."""

    key: str
    status: str
    owner: str
    kind: str
    due_on: str | None
    title: Tokens
    note: Tokens
    types: tuple[str, ...]


class Enrollment(NamedTuple):
    """Facts of an enrollment: a partner's run through a program."""

    head: Head
    program: str
    program_version: int
    percent: int
    go_live: str | None
    created: int | None
    steps: tuple[Step, ...]


class Check(NamedTuple):
    """Facts of a compliance check. ``action`` are the tokens of its next action, or of its
    title.
    """

    head: Head
    due_on: str | None
    title: Tokens
    action: Tokens
    document_type: str


class Case(NamedTuple):
    """Facts of a case. ``history`` has the newest public statuses, ``changes`` is the number of
    them all.

    ``references`` counts its transactions; ``correlations`` are the correlation ids of these.
    """

    head: Head
    number: str
    category: str
    priority: str
    due: int | None
    subject: Tokens
    step: Tokens
    has_step: bool
    step_owner: str
    rule: str
    history: tuple[str, ...]
    changes: int
    references: int
    correlations: tuple[str, ...]


class Audience(NamedTuple):
    """Partners that may see a record: all, or those that are in one of the lists."""

    all: bool
    partners: tuple[str, ...]
    roles: tuple[str, ...]
    regions: tuple[str, ...]


class Notice(NamedTuple):
    """Facts of a service notice. ``entries`` has the newest entries of the timeline, newest
    first.
    """

    head: Head
    kind: str
    impact: str
    title: Tokens
    workaround: Tokens
    audience: Audience
    entries: tuple[Tokens, ...]
    updates: int


class Library(NamedTuple):
    """Facts of a document of the library."""

    head: Head
    category: str
    classification: str
    current: int
    title: Tokens
    audience: Audience
    effective: str | None
    expires: str | None


class Program(NamedTuple):
    """Facts of an onboarding program. ``steps`` has key, locales and the title's tokens of each
    step.
    """

    head: Head
    key: str
    name: Tokens
    instructions: Tokens
    steps: tuple[tuple[str, tuple[str, ...], Tokens], ...]


class Request(NamedTuple):
    """Facts of a collaboration request. ``submission`` is the one that it was made of, or ""."""

    head: Head
    number: str
    due: int | None
    step: Tokens
    submission: str


type Facts = Partner | Enrollment | Check | Case | Notice | Library | Program | Request


def tokens_of(facts: Facts) -> Tokens:
    """Return the tokens of a record's texts that go to the portal, each once, the title's first."""
    texts = _TEXTS[type(facts)](facts)
    first = texts[0] if texts else ()
    # The texts of a record mostly have one token, and share its tuple.
    if all(text is first or not text for text in texts):
        return first
    return tuple(dict.fromkeys(token for text in texts for token in text))


def mark_of(facts: Facts) -> str:
    """Return the mark that identifies a record in texts: its first token without the revision; ""
    without a token.
    """
    tokens = tokens_of(facts)
    return parts_of(tokens[0]).mark if tokens else ""


_TEXTS: Mapping[type, Callable[[Any], Sequence[Tokens]]] = {
    Partner: lambda partner: (partner.name,),
    Enrollment: lambda one: [text for step in one.steps for text in (step.title, step.note)],
    Check: lambda check: (check.title, check.action),
    Case: lambda case: (case.subject, case.step),
    Notice: lambda notice: (notice.title, notice.workaround, *notice.entries),
    Library: lambda document: (document.title,),
    Program: lambda one: (one.name, one.instructions, *(title for _, _, title in one.steps)),
    Request: lambda request: (request.step,),
}
