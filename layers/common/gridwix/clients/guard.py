"""SSRF protection of file transfers: the policy, and the transport that applies it (``ssrfguard``).

A module of its own, because ``files.py`` loads it at the first transfer.
"""

import socket
from collections.abc import Callable
from functools import partial
from typing import Any

from ssrfguard import Policy, SSRFGuardError

from gridwix.concurrency import call_within
from gridwix.lazy_imports import import_lazily

# Only its asynchronous transport uses anyio.
with import_lazily("anyio", "anyio.abc", "anyio.to_thread"):
    from ssrfguard.httpx import SafeTransport

__all__ = ["POLICY", "SSRFGuardError", "new_transport"]

POLICY = Policy(allowed_schemes=frozenset({"https"}), allowed_ports=frozenset({443}))


def new_transport(seconds_left: Callable[[], float | None] = lambda: None) -> SafeTransport:
    """Return a transport that connects to public addresses only, with HTTPS on port 443.

    It raises SSRFGuardError for anything else.

    Args:
        seconds_left: Returns the most seconds that looking up a name may take; None for any.
            Whoever owns the name decides how long the answer takes.
    """
    return SafeTransport(policy=POLICY, resolver=partial(_resolve, seconds_left))


def _resolve(seconds_left: Callable[[], float | None], *args: Any, **kwargs: Any) -> Any:
    """``socket.getaddrinfo``, which has no time-out. Raises TimeoutError past the limit."""
    seconds = seconds_left()
    lookup = partial(socket.getaddrinfo, *args, **kwargs)
    return lookup() if seconds is None else call_within(lookup, seconds)
