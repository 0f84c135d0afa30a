"""The profile and the region that a command was given (``--profile``, ``--region``).

``ops.aws.Aws`` takes them for its session. This module imports no part of AWS's SDK, so that
options can be declared without it.
"""

import contextlib
from collections.abc import Iterator
from contextvars import ContextVar
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class SessionChoice:
    """A named profile and a region; None leaves the choice to the AWS environment."""

    profile: str | None = None
    region: str | None = None


_NO_CHOICE = SessionChoice()

_chosen: ContextVar[SessionChoice] = ContextVar("chosen", default=_NO_CHOICE)


@contextlib.contextmanager
def choose_session(choice: SessionChoice) -> Iterator[None]:
    """Have boto3 sessions that are created inside the block use this profile and region."""
    token = _chosen.set(choice)
    try:
        yield
    finally:
        _chosen.reset(token)


def chosen_session() -> SessionChoice:
    """Return the profile and region that the running command was given."""
    return _chosen.get()
