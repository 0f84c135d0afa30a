"""SSRF protection of file transfers: the policy, and the transport that applies it (``ssrfguard``).

A module of its own, because ``files.py`` loads it at the first transfer.
"""

import socket
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


LOOKUP_SECONDS = 5.0
"""Maximum time, in seconds, for resolving a host name. The name's owner could delay the response at
will.
"""


def new_transport() -> SafeTransport:
    """Return a transport that connects to public addresses only, with HTTPS on port 443.

    It raises SSRFGuardError for anything else.
    """
    return SafeTransport(policy=POLICY, resolver=_resolve)


def _resolve(*args: Any, **kwargs: Any) -> Any:
    """``socket.getaddrinfo``, which has no time-out. Raises TimeoutError after LOOKUP_SECONDS."""
    return call_within(partial(socket.getaddrinfo, *args, **kwargs), LOOKUP_SECONDS)
