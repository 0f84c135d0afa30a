"""The profile and the region that the user chose for a command (``--profile``, ``--region``).

``ops.aws.Aws`` takes them for its session. This module imports no part of AWS's SDK, so that
options can be declared without it.
"""

import contextlib
from collections.abc import Iterator
from contextvars import ContextVar
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class SessionChoice:
    """The AWS profile and region that the user chose; None leaves the choice to the environment."""

    profile: str | None = None
    region: str | None = None


_NO_CHOICE = SessionChoice()

_chosen: ContextVar[SessionChoice] = ContextVar("chosen", default=_NO_CHOICE)


@contextlib.contextmanager
def choose_session(choice: SessionChoice) -> Iterator[None]:
    """Make boto3 sessions that are created inside this context use a profile and a region."""
    token = _chosen.set(choice)
    try:
        yield
    finally:
        _chosen.reset(token)


def chosen_session() -> SessionChoice:
    """Return the profile and region that the user chose for the running command."""
    return _chosen.get()
