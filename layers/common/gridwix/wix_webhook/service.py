"""Deciding what to do with what Wix sends: verify the raw bytes, then parse, then check. Imports little, for it runs at the edge.

Wix's own webhooks are a JWT with three levels of stringified JSON (https://dev.wix.com/docs/rest/articles/getting-started/webhooks). Site code and automations,
which cannot sign such, use :func:`verify_form_post`.
"""

import base64
import hashlib
import hmac
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import jwt

from gridwix.edge.rejections import rejection
from gridwix.edge.standard_webhooks import check_size, verify_signature
from gridwix.errors import ConfigurationError

CLOCK_SKEW = 60
"""Seconds by which Wix's clock may be ahead of ours, and by which a token may have expired."""

SUBMITTED = "wix.forms.v4.submission_created"

EVENT_TYPES: Mapping[str, tuple[str, str]] = {
    SUBMITTED: ("form.submitted", "submissions"),
    "wix.data.v2.data_item_created": ("data_item.created", "items"),
    "wix.data.v2.data_item_updated": ("data_item.updated", "items"),
    "wix.data.v2.data_item_deleted": ("data_item.deleted", "items"),
    "wix.members.v1.member_created": ("member.created", "members"),
    "wix.members.v1.member_updated": ("member.updated", "members"),
    "wix.members.v1.member_deleted": ("member.deleted", "members"),
    "wix.contacts.v4.contact_created": ("contact.created", "contacts"),
    "wix.contacts.v4.contact_updated": ("contact.updated", "contacts"),
    "wix.contacts.v4.contact_deleted": ("contact.deleted", "contacts"),
    "wix.contacts.v4.contact_merged": ("contact.merged", "contacts"),
    "wix.media.site_media.v1.file_descriptor_file_ready": ("file.ready", "files"),
    "wix.media.site_media.v1.file_descriptor_file_failed": ("file.failed", "files"),
}
"""Wix's events that are of use, with the bus event's type and the first half of its subject."""

MAX_VALUES = 200
MAX_NAME = 200

_SAFE_ID = re.compile(r"[A-Za-z0-9._:-]{1,100}")
_FORM = re.compile(r"[a-z0-9-]{1,60}")
_LOCALE = re.compile(r"[A-Za-z]{2,3}([-_][A-Za-z0-9]{2,8}){0,3}")


@dataclass(frozen=True, slots=True)
class Received:
    """What a verified request tells of. ``type`` and ``subject`` are the bus event's; both are "" for an event that is of no use. ``submission`` is to be kept
    before the event is put on the bus."""

    event_type: str
    event_id: str = ""
    type: str = ""
    subject: str = ""
    occurred_at: str = ""
    submission: "NewSubmission | None" = None


@dataclass(frozen=True, slots=True)
class NewSubmission:
    """A submission that is to be kept. ``values`` is its JSON, in which a number with a fraction is a text, so that no digit of it is lost; ``plain`` are the
    targets of these. ``partner_id`` is for which of its partners the member says that it acts. ``locale`` is the BCP 47 tag of the language in which the values
    were written, None if the sender does not say; ``und``: by a program."""

    id: str
    form: str
    submitted_at: str
    member_id: str | None
    values: str = field(repr=False)
    partner_id: str | None = None
    locale: str | None = None
    plain: tuple[str, ...] = ()


class _Fraction(str):
    """A JSON number with a fraction, as the text that it is written as."""

    __slots__ = ()


def verify_token(body: bytes, public_keys: Sequence[str], *, now: float) -> Mapping[str, Any]:
    """The claims of a token that one of the keys fits; two keys are good while a key is being rotated.

    Raises WebhookRejected, or ConfigurationError if there is no usable key. The signature is checked before anything but the token's header is parsed.
    """
    check_size(body)
    if not public_keys:
        raise ConfigurationError("the secret holds no public key of the Wix app")
    try:
        token = body.decode("ascii").strip()
    except UnicodeDecodeError:
        raise rejection("malformed-token") from None
    claims = _claims(token, public_keys)
    issued, expires = _number(claims.get("iat")), _number(claims.get("exp"))
    if issued is None or expires is None or not isinstance(claims.get("data"), str):
        raise rejection("missing-claim")
    if expires + CLOCK_SKEW < now:
        raise rejection("expired")
    if issued - CLOCK_SKEW > now:
        raise rejection("not-yet-valid")
    return claims


def _claims(token: str, public_keys: Sequence[str]) -> Mapping[str, Any]:
    for key in public_keys:
        try:
            claims: Mapping[str, Any] = jwt.decode(
                token, _pem(key), algorithms=["RS256"], options={"verify_exp": False, "verify_iat": False, "verify_nbf": False, "verify_aud": False}
            )
        except jwt.InvalidSignatureError:
            continue
        except jwt.InvalidAlgorithmError:
            raise rejection("wrong-algorithm") from None
        except jwt.InvalidKeyError:
            raise ConfigurationError("a public key of the Wix app is not PEM") from None
        except (jwt.InvalidTokenError, ValueError, RecursionError):
            # RecursionError is what deeply nested JSON ends in.
            raise rejection("malformed-token") from None
        return claims
    raise rejection("invalid-signature")


def _pem(key: str) -> str:
    """The dashboard shows the key as PEM, or as one line of base64 around it."""
    if "BEGIN" in key:
        return key
    try:
        return base64.b64decode(key, validate=True).decode()
    except ValueError:
        raise ConfigurationError("a public key of the Wix app is neither PEM nor base64") from None


def read_event(claims: Mapping[str, Any], *, instance_id: str) -> Received:
    """What the claims of a verified token tell of. Raises WebhookRejected. Legacy events, which have no envelope, are of no use."""
    event = _object(claims["data"])
    event_type = event.get("eventType")
    if not isinstance(event_type, str) or not 0 < len(event_type) <= MAX_NAME:
        raise rejection("malformed-event")
    if event.get("instanceId") != instance_id:
        raise rejection("unknown-instance")
    if event_type not in EVENT_TYPES:
        return Received(event_type)
    domain = _object(event.get("data"))
    event_id = domain.get("id")
    entity = _entity(domain)
    entity_id = domain.get("entityId") or entity.get("id")
    if not (_is_id(event_id) and _is_id(entity_id)):
        raise rejection("malformed-event")
    kind, subject = EVENT_TYPES[event_type]
    collection = entity.get("dataCollectionId")
    if subject == "items":
        if not (isinstance(collection, str) and _is_id(collection)):
            raise rejection("malformed-event")
        subject = f"items/{collection}"
    submission = _submission(entity) if event_type == SUBMITTED else None
    at = _moment(domain.get("eventTime"))
    return Received(event_type, str(event_id), kind, f"{subject}/{entity_id}", at, submission)


def _submission(entity: Mapping[str, Any]) -> NewSubmission:
    form, values = entity.get("formId"), entity.get("submissions")
    if not (_is_id(form) and isinstance(values, dict)):
        raise rejection("malformed-event")
    submitter = entity.get("submitter")
    member = submitter.get("memberId") if isinstance(submitter, dict) else None
    return NewSubmission(
        str(entity["id"]), str(form), _moment(entity.get("createdDate")), str(member) if _is_id(member) else None, _kept(values), plain=_fractions(values)
    )


def verify_form_post(form: str, headers: Mapping[str, str], query: Mapping[str, str], body: bytes, secrets: Sequence[str], *, now: float) -> bool:
    """Check what site code or an automation has sent; True if whoever sent it can be believed about the member, which only site code can.

    Site code signs the bytes as Standard Webhooks has it. An automation cannot sign: it uses an address that holds :func:`form_signature`, which is good for
    that form alone. Raises WebhookRejected, or ConfigurationError if there is no usable secret.
    """
    if not _FORM.fullmatch(form):
        raise rejection("unknown-form")
    check_size(body)
    if "webhook-signature" in headers or "signature" not in query:
        verify_signature(headers, body, secrets, now=now)
        return True
    given = query["signature"].encode()
    if not secrets:
        raise ConfigurationError("the secret holds no signing secret for forms")
    # Every secret is compared, so that the time taken says nothing about which was close.
    if not sum(hmac.compare_digest(form_signature(form, secret).encode(), given) for secret in secrets):
        raise rejection("invalid-signature")
    return False


def form_signature(form: str, secret: str) -> str:
    """What the address of a form's automation ends in: HMAC-SHA256 of the form's key, base64url. ``secret`` is as Standard Webhooks has it (``whsec_...``)."""
    try:
        key = base64.b64decode(secret.removeprefix("whsec_"), validate=True)
    except ValueError:
        raise ConfigurationError("a signing secret is not base64") from None
    return base64.urlsafe_b64encode(hmac.digest(key, f"form:{form}".encode(), hashlib.sha256)).decode().rstrip("=")


def read_form_post(form: str, body: bytes, *, trusted: bool, now: float) -> Received:
    """What a verified post tells of: ``{"submissionId", "memberId", "partnerId", "submittedAt", "locale", "values"}``, or the bare values.

    Without an id the content is its own: the same content is the same submission. Raises WebhookRejected.
    """
    try:
        text = body.decode()
    except UnicodeDecodeError:
        raise rejection("malformed-body") from None
    document = _parsed(text)
    if not isinstance(document, dict):
        raise rejection("malformed-body")
    nested = document.get("values")
    values = nested if isinstance(nested, dict) else document
    given = document.get("submissionId")
    if given is not None and not _is_id(given):
        raise rejection("malformed-body")
    identifier = str(given) if given else hashlib.blake2b(f"{form}\n{text}".encode(), digest_size=16).hexdigest()
    member, partner = (document.get(name) if trusted else None for name in ("memberId", "partnerId"))
    at = _moment(document.get("submittedAt") or document.get("submissionTime") or "", now)
    member_id, partner_id = (str(found) if _is_id(found) else None for found in (member, partner))
    # Bare values may have a question of that name.
    locale = document.get("locale") if nested is values else None
    written_in = locale if isinstance(locale, str) and _LOCALE.fullmatch(locale) else None
    submission = NewSubmission(identifier, form, at, member_id, _kept(values), partner_id, written_in, _fractions(values))
    return Received("form.post", f"form-{identifier}", "form.submitted", f"submissions/{identifier}", at, submission)


def _parsed(text: str) -> Any:
    # None rather than an error, as an error of the parser would carry what it could not parse.
    try:
        return json.loads(text, parse_float=_Fraction, parse_constant=str)
    except (ValueError, RecursionError):
        return None


def _object(text: object) -> Mapping[str, Any]:
    """A JSON object that may be written as a text."""
    found: object = _parsed(text) if isinstance(text, str) else text
    if not isinstance(found, dict):
        raise rejection("malformed-event")
    return found


def _entity(domain: Mapping[str, Any]) -> Mapping[str, Any]:
    """What an event is about. Older packages wrote it as a text, in members that end in ``AsJson``."""
    for event, members in (
        ("createdEvent", ("entity", "entityAsJson")),
        ("updatedEvent", ("currentEntity", "currentEntityAsJson")),
        ("deletedEvent", ("deletedEntity", "deletedEntityAsJson")),
        ("actionEvent", ("body", "bodyAsJson")),
    ):
        inner = domain.get(event)
        if isinstance(inner, dict):
            return _object(next((inner[member] for member in members if inner.get(member) is not None), dict[str, Any]()))
    return {}


def _kept(values: Mapping[str, Any]) -> str:
    if len(values) > MAX_VALUES:
        raise rejection("too-many-answers")
    return json.dumps(values, ensure_ascii=False, separators=(",", ":"))


def _fractions(values: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(sorted(target for target, value in values.items() if isinstance(value, _Fraction)))


def _moment(text: object, default: float | None = None) -> str:
    """A time as RFC 3339 in UTC. Raises WebhookRejected if it is none and there is no default (Unix seconds)."""
    try:
        moment = datetime.fromisoformat(text) if isinstance(text, str) else None
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        if default is None:
            raise rejection("malformed-event")
        moment = datetime.fromtimestamp(default, UTC)
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _is_id(value: object) -> bool:
    return isinstance(value, str) and _SAFE_ID.fullmatch(value) is not None


def _number(value: object) -> float | None:
    return value if isinstance(value, int | float) and not isinstance(value, bool) else None
