"""Reads submissions that site code or a Wix automation posts directly, without a webhook.

Imports little, for a fast cold start.
"""

import hashlib
import re

from gridwix.edge.rejections import rejection
from gridwix.wix_webhook.events import ReceivedEvent
from gridwix.wix_webhook.json_values import is_id, parse_exact_json, utc_timestamp
from gridwix.wix_webhook.submissions import NewSubmission, encoded_answers

_LOCALE = re.compile(r"[A-Za-z]{2,3}([-_][A-Za-z0-9]{2,8}){0,3}")


def read_form_post(form: str, body: bytes, *, trusted: bool, now: float) -> ReceivedEvent:
    """Map a verified form post to a submission and the bus event that announces it.

    The body is ``{"submissionId", "memberId", "partnerId", "submittedAt", "locale", "values"}``, or
    the bare values. Without an id the submission is deduplicated by its content: equal content is
    the same submission.

    Args:
        form: the key of the form.
        body: the raw bytes of the request.
        trusted: whether the sender may name the member and the partner.
        now: Unix seconds, used if the post has no time.

    Raises:
        WebhookRejected: if the body is malformed or has too many answers.
    """
    try:
        text = body.decode()
    except UnicodeDecodeError:
        raise rejection("malformed-body") from None
    document = parse_exact_json(text)
    if not isinstance(document, dict):
        raise rejection("malformed-body")
    nested = document.get("values")
    values = nested if isinstance(nested, dict) else document
    given = document.get("submissionId")
    if given is not None and not is_id(given):
        raise rejection("malformed-body")
    identifier = (
        str(given)
        if given
        else hashlib.blake2b(f"{form}\n{text}".encode(), digest_size=16).hexdigest()
    )
    member, partner = (
        document.get(name) if trusted else None for name in ("memberId", "partnerId")
    )
    at = utc_timestamp(document.get("submittedAt") or document.get("submissionTime") or "", now)
    member_id, partner_id = (str(found) if is_id(found) else None for found in (member, partner))
    # Bare values may contain an answer with this name.
    locale = document.get("locale") if nested is values else None
    submission = NewSubmission(
        id=identifier,
        form=form,
        submitted_at=at,
        member_id=member_id,
        partner_id=partner_id,
        locale=locale if isinstance(locale, str) and _LOCALE.fullmatch(locale) else None,
        **encoded_answers(values),
    )
    return ReceivedEvent(
        "form.post",
        f"form-{identifier}",
        "form.submitted",
        f"submissions/{identifier}",
        at,
        submission,
    )
