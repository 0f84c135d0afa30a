"""Requests to a gateway with their responses, and how a report shows them.

A report shows them shortened, and without credentials.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

type Document = dict[str, Any]

SHOWN_BODY = 700
"""Maximum number of characters of a body that a report shows."""

SHOWN_HEADERS = frozenset(
    {
        "content-digest",
        "content-range",
        "content-type",
        "date",
        "etag",
        "idempotency-key",
        "if-match",
        "if-none-match",
        "range",
        "retry-after",
        "webhook-id",
        "webhook-signature",
        "webhook-timestamp",
    }
)
"""Headers that a rule can be about. A report shows no others."""

PERSONAL_MEMBERS = frozenset(
    {"answers", "assignee", "author", "contacts", "decidedBy", "submitter", "uploadedBy"}
)
"""JSON members with personal data: a report leaves out their values, since it ends up in tickets
and logs.
"""

_SECRETS = re.compile(r"whsec_[A-Za-z0-9+/=_-]+")
_UPLOAD_URL = re.compile(r'("putUrl"\s*:\s*"[^"?]*)\?[^"]*')
_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


@dataclass(frozen=True)
class Exchange:
    """One request to a gateway, and its response.

    ``target`` is the path and query after the gateway's base URL, or another URL without its query.
    ``headers`` are those of the response, with lowercase names. ``document`` is the parsed JSON
    body of the response, or None. ``sent_headers`` lack the credentials. ``token`` is the run's
    access token, kept only so that a report can hide the token if the response repeats it.
    """

    method: str
    target: str
    sent_headers: Mapping[str, str]
    sent_body: bytes
    status: int
    headers: Mapping[str, str]
    body: bytes
    document: Any = None
    token: str = field(default="", repr=False)

    @property
    def etag(self) -> str | None:
        return self.headers.get("etag")

    @property
    def code(self) -> str | None:
        """The ``code`` of the problem (RFC 9457) in the response; None if it is no problem."""
        code = self.document.get("code") if isinstance(self.document, dict) else None
        return code if isinstance(code, str) else None

    @property
    def media_type(self) -> str:
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()

    def shown(self) -> str:
        """Return the request and the response as text for a report, with an empty line between."""
        shown = "\n".join(
            [
                redact(f"{self.method} {self.target}"),
                *_shown_headers(self.sent_headers),
                *_shown_body(self.sent_headers.get("content-type", ""), self.sent_body),
                "",
                f"HTTP {self.status}",
                *_shown_headers(self.headers),
                *_shown_body(self.headers.get("content-type", ""), self.body),
            ]
        )
        return shown.replace(self.token, "(token)") if self.token else shown


def redact(text: str) -> str:
    r"""Return a text without signing secrets, tokens of upload URLs, and terminal controls.

    >>> redact('{"secrets": ["whsec_c2VjcmV0"], "putUrl": "https://files.example/1?token=a"}')
    '{"secrets": ["whsec_..."], "putUrl": "https://files.example/1?..."}'
    >>> redact("\x1b[31mred")
    '?[31mred'
    """
    hidden = _UPLOAD_URL.sub(r"\1?...", _SECRETS.sub("whsec_...", text))
    # Control characters would act on a terminal, and half a character cannot be written to it.
    return _CONTROL.sub("?", hidden)


def _shown_headers(headers: Mapping[str, str]) -> list[str]:
    return [
        redact(f"{name.lower()}: {value[:200]}")
        for name, value in headers.items()
        if name.lower() in SHOWN_HEADERS
    ]


def _shown_body(media_type: str, body: bytes) -> list[str]:
    if not body:
        return []
    # The content of a document is nobody's business.
    if not any(kind in media_type for kind in ("json", "html", "form")):
        return [f"({len(body)} bytes of {redact(media_type[:100]) or 'no media type'})"]
    text = redact(_without_persons(body).decode(errors="replace")[: 4 * SHOWN_BODY])
    if len(text) <= SHOWN_BODY:
        return [text]
    return [f"{text[:SHOWN_BODY]}... ({len(body)} bytes)"]


def _without_persons(body: bytes) -> bytes:
    """Return a JSON body in which the values of fields with personal data are masked.

    A body that is no JSON is returned as it is.
    """
    try:
        hidden = _hide_persons(json.loads(body))
        return json.dumps(hidden, ensure_ascii=False, separators=(",", ":")).encode(
            errors="replace"
        )
    except (ValueError, RecursionError):
        return body


def _hide_persons(value: Any) -> Any:
    if isinstance(value, list):
        return [_hide_persons(item) for item in value]
    if isinstance(value, dict):
        return {
            name: "(hidden)" if name in PERSONAL_MEMBERS and member else _hide_persons(member)
            for name, member in value.items()
        }
    return value
