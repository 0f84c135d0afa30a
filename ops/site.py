"""The Wix site of the local environment: its forms, its app's webhook, and its backend code."""

import base64
import json
import secrets
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import httpx
from standardwebhooks import Webhook

from gridwix.configuration.forms import FormDefinition, FormField
from ops.emulator import Emulator

FIELD_TYPES: Mapping[str, tuple[str, str, str]] = {
    "email": ("STRING", "TEXT_INPUT", "EMAIL"),
    "url": ("STRING", "TEXT_INPUT", "URL"),
    "phone": ("STRING", "PHONE_INPUT", "PHONE"),
    "date": ("STRING", "DATE_PICKER", "DATE"),
    "time": ("STRING", "TIME_INPUT", "TIME"),
    "datetime": ("STRING", "DATE_TIME", "DATE_TIME"),
    "choice": ("STRING", "DROPDOWN", ""),
    "integer": ("NUMBER", "NUMBER_INPUT", ""),
    "decimal": ("NUMBER", "NUMBER_INPUT", ""),
    "rating": ("NUMBER", "RATING_INPUT", ""),
    "boolean": ("BOOLEAN", "CHECKBOX", ""),
    "choices": ("ARRAY", "CHECKBOX_GROUP", ""),
    "address": ("ADDRESS", "MULTILINE_ADDRESS", ""),
    "files": ("WIX_FILE", "FILE_UPLOAD", ""),
    "signature": ("WIX_FILE", "SIGNATURE", ""),
}
"""Wix's types for each kind of field: value type, component and format.

Kinds that are not listed are a STRING in a TEXT_INPUT.
"""

EVENTS = (
    "wix.forms.v4.submission_created",
    "wix.media.site_media.v1.file_descriptor_file_ready",
    "wix.media.site_media.v1.file_descriptor_file_failed",
)
"""Events that the site's app receives."""


def create_forms(wix: Emulator, forms: Mapping[str, FormDefinition]) -> None:
    """Create a Wix form on the emulated site for each form of ``config/forms``."""
    for definition in forms.values():
        fields = [wix_field(field) for field in definition.fields]
        for identifier in definition.wix_forms:
            wix.order("forms", {"id": identifier, "name": definition.title, "fields": fields})


def wix_field(field: FormField) -> dict[str, Any]:
    """Return a field of ``config/forms`` as the emulator's ``simple_form`` expects it."""
    kind, component, form = FIELD_TYPES.get(field.kind, ("STRING", "TEXT_INPUT", ""))
    rules: dict[str, Any] = {"format": form} if form else {}
    if field.kind == "rating":
        rules = {"minimum": 1, "maximum": field.highest}
    # With an own entry allowed, an answer outside the choices is valid: no enum.
    if field.choices and not field.other:
        rules = (
            {"enum": list(field.choices)}
            if field.kind == "choice"
            else {"items": {"stringOptions": {"enum": list(field.choices)}}}
        )
    given = {
        "target": field.target,
        "label": field.label,
        "inputType": kind,
        "component": component,
        "required": field.required,
    }
    return given | ({"validation": rules} if rules else {})


def register_webhook(wix: Emulator, url: str) -> dict[str, list[str]]:
    """Register a webhook of the site's app; return the value for the secret of ``wix_webhook``.

    It has the app's public key, and a new signing secret for the site's backend code.
    """
    wix.order("webhooks", {"url": url, "types": list(EVENTS)})
    return {
        "publicKeys": [wix.info()["publicKey"]],
        "signingSecrets": ["whsec_" + base64.b64encode(secrets.token_bytes(32)).decode()],
    }


def mail_automation(wix_url: str, site_id: str) -> str:
    """Return the URL that starts the site's email automation. A call of it needs no credentials."""
    return f"{wix_url}/_api/webhook-trigger/report/{site_id}/mails"


class SiteCode:
    """Client that posts signed form submissions, as the backend code of the Wix site does.

    ``url`` is the URL of the function ``wix_webhook``. ``secret`` is the key that signs the
    requests.
    """

    def __init__(self, url: str, secret: str, http: httpx.Client) -> None:
        self.url = url
        self.secret = secret
        self._http = http

    def submit_form(
        self, form: str, submission_id: str, member_id: str | None, values: Mapping[str, Any]
    ) -> str:
        """Submit a form; return the reference in the response. Raises httpx.HTTPStatusError.

        Args:
            form: The form's key.
            submission_id: The submission's id, which is its idempotency key.
            member_id: Id of the member who submits the form; None for a visitor.
            values: The answers by field name.
        """
        body = json.dumps({"submissionId": submission_id, "memberId": member_id, "values": values})
        answer = self._http.post(
            f"{self.url}/forms/{form}",
            content=body,
            headers=self.sign_headers(submission_id, body),
        )
        return str(answer.raise_for_status().json()["reference"])

    def sign_headers(self, message_id: str, body: str) -> dict[str, str]:
        """Return the headers of a request, with a signature of its body (Standard Webhooks)."""
        now = datetime.now(UTC).replace(microsecond=0)
        signature = Webhook(self.secret).sign(message_id, now, body)
        return {
            "webhook-id": message_id,
            "webhook-timestamp": str(int(now.timestamp())),
            "webhook-signature": signature,
        }
