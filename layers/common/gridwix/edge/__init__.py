"""Code shared by the webhook functions of Trading Grid and Wix: signatures, rejections, responses.

Imports stay light, because a sender waits for the cold start.
"""

from gridwix.lazy_imports import import_lazily

# urllib.parse, which the HTTP client needs, uses it for hosts in brackets alone.
with import_lazily("ipaddress"):
    import urllib.parse  # noqa: F401
