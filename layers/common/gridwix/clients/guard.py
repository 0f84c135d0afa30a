"""SSRF protection of file transfers: the policy, and the httpx transport that applies it.

The policy is enforced by the library ``ssrfguard``. This is a separate module so that ``files.py``
can load it only at the first transfer.
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
    """Return an httpx transport that connects to public addresses only, with HTTPS on port 443.

    The transport raises SSRFGuardError for any other address.
    """
    return SafeTransport(policy=POLICY, resolver=_resolve)


def _resolve(*args: Any, **kwargs: Any) -> Any:
    """Resolve a host name as ``socket.getaddrinfo`` does, but with a time limit.

    Raises TimeoutError after ``LOOKUP_SECONDS``.
    """
    return call_within(partial(socket.getaddrinfo, *args, **kwargs), LOOKUP_SECONDS)
