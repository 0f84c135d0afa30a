"""The words that ``make words`` looks for in docstrings and names.

``OPENINGS`` and ``IDIOMS`` are wordings to replace. ``VERBS`` are first words of good names. Add a
word here, or a verb to ``verbs.txt``, and nowhere else. Every entry of ``IDIOMS`` carries its plain
alternative, which the report prints.
"""

import re
from collections.abc import Mapping
from pathlib import Path

OPENINGS = ("What", "Whose", "Which", "Whether", "Where", "How")
"""First words of a docstring that announce a subject instead of naming it."""

IDIOMS: Mapping[str, str] = {
    "whose": "with, of the, or the owner's name: the partner's",
    "whoever": "the caller, anyone who",
    "whichever": "any, the one that",
    "whatever": "any, regardless of",
    "wherever": "in each place that",
    "anew": "again",
    "once more": "again",
    "comes again": "is retried, is repeated",
    "come again": "are retried, are repeated",
    "came again": "was retried, was repeated",
    "nobody": "no user, no partner, no process",
    "no one": "no user, no partner, no process",
    "somebody": "a user, a person, a process",
    "anybody": "any user, any caller",
    "everybody": "all users, all callers",
    "hardly ever": "rarely",
    "in vain": "without success, or the failure itself",
    "for good": "permanently",
    "lest": "so that ... not",
    "by when": "due date, deadline",
    "said twice": "sent twice",
}
"""Idioms, in lower case, and the plain or standard term for each."""

OPENING = re.compile(rf"(?:{'|'.join(OPENINGS)})\b")
IDIOM = re.compile(rf"\b(?:{'|'.join(IDIOMS)})\b".replace(" ", r"\s+"), re.IGNORECASE)

VERBS = frozenset(Path(__file__).with_name("verbs.txt").read_text(encoding="utf-8").split())
"""First words that make a name a verb. Predicates (``is_open``) count as well."""
