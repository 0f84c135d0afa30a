"""Sends a member's submission to the webhook as the portal's backend does.

``portal/backend/webhook-client.js`` signs and posts, twice at most, within five seconds each.
"""

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from soak.inputs import (
    FileReady,
    Submission,
    SubmissionAccepted,
    SubmissionRefused,
    Uncertain,
    token,
)
from soak.traffic.library import MEDIA_TYPES, file_content
from soak.traffic.population import Member, partner_id
from soak.traffic.ports import Document
from soak.traffic.scene import Scene

ATTEMPTS = 2
PATIENCE = 5.0
WINDOW = 60
"""Seconds within which equal submissions of a member get the same id, so that they are
deduplicated.
"""

ENDINGS = ("pdf", "txt", "csv")


@dataclass(frozen=True, slots=True)
class Wish:
    """A submission before it is sent: its form and values.

    ``accepted`` is the member's answer to the resolution of a case, None in other forms. ``token``
    is in the texts, so that the judges find them again.
    """

    form: str
    action: str
    target: str
    token: str
    values: Mapping[str, Any]
    step: str = ""
    accepted: bool | None = None
    files: tuple[str, ...] = ()


def send_wish(scene: Scene, member: Member, partner: int, wish: Wish) -> None:
    """Send a submission like the portal's backend, and report the webhook's answer to the judges.

    Args:
        scene: The world.
        member: The sender.
        partner: The number of the partner for which it acts.
        wish: What it sends.
    """
    now = scene.now
    acting = partner_id(partner)
    facts = [member.id, acting, wish.form, wish.values, int(now // WINDOW)]
    digest = hashlib.sha256(_json(facts).encode()).hexdigest()
    identifier = f"web-{digest[:40]}"
    body = _json(
        {
            "submissionId": identifier,
            "memberId": member.id,
            "partnerId": acting,
            "submittedAt": scene.now_text(),
            "locale": "und",
            "values": wish.values,
        }
    )
    submission = Submission(
        identifier,
        wish.form,
        wish.action,
        member.id,
        acting,
        wish.target,
        wish.token,
        wish.step,
        wish.accepted,
        wish.files,
    )

    def attempt(number: int) -> None:
        secret = scene.outside.keys.site_secret()
        headers = signature_headers(identifier, body, secret, scene.now)
        scene.outside.entrance.post(
            f"/webhooks/wix/forms/{wish.form}",
            headers,
            body,
            PATIENCE,
            lambda status: answered(number, status),
        )

    def answered(number: int, status: int | None) -> None:
        if status is not None and 200 <= status < 300:
            scene.report(SubmissionAccepted(scene.now, submission))
        elif status is not None and status < 500 and number == 1:
            scene.report(SubmissionRefused(scene.now, submission, status))
        elif (status is None or status >= 500) and number < ATTEMPTS:
            attempt(number + 1)
        else:
            # Also if the last one was refused: an earlier one may have been stored.
            scene.report(Uncertain(scene.now, submission))

    scene.accepted += 1
    attempt(1)


def signature_headers(identifier: str, body: str, secret: str, now: float) -> dict[str, str]:
    """Return the headers of a signed form post: HMAC-SHA256 of id, Unix time and body.

    Args:
        identifier: The submission's id.
        body: The body.
        secret: The site's secret (``whsec_...``).
        now: Unix seconds.
    """
    stamp = str(int(now))
    key = base64.b64decode(secret.removeprefix("whsec_"))
    signature = hmac.digest(key, f"{identifier}.{stamp}.{body}".encode(), "sha256")
    return {
        "content-type": "application/json",
        "webhook-id": identifier,
        "webhook-timestamp": stamp,
        "webhook-signature": f"v1,{base64.b64encode(signature).decode()}",
    }


def upload(scene: Scene, member: Member, partner: int, *label: str) -> tuple[Document, str]:
    """Let a member upload a file for a purpose.

    Args:
        scene: The world.
        member: The member.
        partner: The number of the partner for which it acts.
        label: The ids of the purpose, see ``purposeLabel`` of the backend.

    Returns:
        The file as it stands in a form's values, and the token of its bytes.
    """
    number = scene.population.next_number(partner, "f")
    mark = token(partner, "f", number, 1)
    ending = scene.pick(ENDINGS)
    content = file_content(ending, mark, scene.shape.file_bytes)
    name = f"upload {number}.{ending}"
    file_id = scene.site.upload(name, MEDIA_TYPES[ending], purpose_label(*label), content)
    ready = FileReady(
        scene.now,
        file_id,
        member.id,
        partner_id(partner),
        name,
        hashlib.sha256(content).hexdigest(),
        len(content),
        mark,
    )
    scene.accept(ready)
    return {"fileId": file_id, "displayName": name, "sizeInBytes": len(content)}, mark


def purpose_label(*ids: str) -> str:
    """Return the label of an upload: a hash of the ids of its purpose."""
    return f"gridwix-{hashlib.sha256('/'.join(ids).encode()).hexdigest()[:32]}"


def _json(value: Any) -> str:
    """Return JSON as JavaScript writes it."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
