"""Versions of the configuration that can be put into effect without a deployment.

A version is the compiled text of ``config/``, named by its digest: equal texts have one name, and a
name always stands for the same text.
"""

import hashlib
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

BUNDLED = "bundled"
"""Name that stands for the bundled configuration, which was deployed with the functions."""

type Action = Literal["apply", "rollback"]
"""The command that put a version into effect."""


@dataclass(frozen=True, slots=True)
class ConfigurationPointer:
    """Pointer to the configuration version in effect, with an optimistic lock.

    ``revision`` counts the changes of the pointer, from 0. ``moved_at`` is the time of the last
    change (Unix seconds).
    """

    version: str = BUNDLED
    revision: int = 0
    moved_at: float = field(default=0.0, compare=False)


@dataclass(frozen=True, slots=True)
class ConfigurationChange:
    """One entry in the history of configuration changes: the version that was put into effect.

    ``note`` is the author's remark on the change, such as a commit; "" if there is none.
    """

    revision: int
    version: str
    at: datetime
    action: Action
    note: str = ""


def configuration_digest(content: bytes) -> str:
    """Return the name of a configuration version: a digest of its text, 16 hexadecimal digits.

    Args:
        content: The compiled text.

    >>> configuration_digest(b"{}")
    '01e7b720ff566d53'
    """
    return hashlib.blake2b(content, digest_size=8).hexdigest()
