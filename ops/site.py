"""The Wix side of the world on one machine: the site's forms, its app's webhook, and its backend code."""

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
"""What Wix calls the kinds of fields: the type of the value, the component that asks for it, and the format. Every other one is a STRING in a TEXT_INPUT."""

EVENTS = (
    "wix.forms.v4.submission_created",
    "wix.media.site_media.v1.file_descriptor_file_ready",
    "wix.media.site_media.v1.file_descriptor_file_failed",
)
"""What the site's app is told of."""


def create_forms(wix: Emulator, forms: Mapping[str, FormDefinition]) -> None:
    """Put on the site every form that ``config/forms`` names."""
    for definition in forms.values():
        fields = [wix_field(field) for field in definition.fields]
        for identifier in definition.wix_forms:
            wix.order("forms", {"id": identifier, "name": definition.title, "fields": fields})


def wix_field(field: FormField) -> dict[str, Any]:
    """A field of a form on the site, as ``simple_form`` of the emulator takes it."""
    kind, component, form = FIELD_TYPES.get(field.kind, ("STRING", "TEXT_INPUT", ""))
    rules: dict[str, Any] = {"format": form} if form else {}
    if field.kind == "rating":
        rules = {"minimum": 1, "maximum": field.highest}
    # A visitor's own entry is none of the choices.
    if field.choices and not field.other:
        rules = {"enum": list(field.choices)} if field.kind == "choice" else {"items": {"stringOptions": {"enum": list(field.choices)}}}
    given = {"target": field.target, "label": field.label, "inputType": kind, "component": component, "required": field.required}
    return given | ({"validation": rules} if rules else {})


def register_webhook(wix: Emulator, url: str) -> dict[str, list[str]]:
    """Have the site's app send its events to an address; returns what the receiver has to know: the app's public key, and a signing secret for site code."""
    wix.order("webhooks", {"url": url, "types": list(EVENTS)})
    return {"publicKeys": [wix.info()["publicKey"]], "signingSecrets": ["whsec_" + base64.b64encode(secrets.token_bytes(32)).decode()]}


def mail_automation(wix_url: str, site_id: str) -> str:
    """The address of the site's automation that sends mails, which anybody may call who knows it."""
    return f"{wix_url}/_api/webhook-trigger/report/{site_id}/mails"


class SiteCode:
    """Sends forms as the site's backend code does, signed, for a member who is logged in. ``address`` is that of the Wix webhook."""

    def __init__(self, address: str, secret: str, http: httpx.Client) -> None:
        self._address = address
        self._secret = secret
        self._http = http

    def submit_form(self, form: str, submission_id: str, member_id: str | None, values: Mapping[str, Any]) -> str:
        """The reference that the door answers. Raises httpx.HTTPStatusError."""
        body = json.dumps({"submissionId": submission_id, "memberId": member_id, "values": values})
        answer = self._http.post(f"{self._address}/forms/{form}", content=body, headers=self.sign_headers(submission_id, body))
        return str(answer.raise_for_status().json()["reference"])

    def sign_headers(self, message_id: str, body: str) -> dict[str, str]:
        """The headers of a body, as Standard Webhooks has them."""
        now = datetime.now(UTC).replace(microsecond=0)
        signature = Webhook(self._secret).sign(message_id, now, body)
        return {"webhook-id": message_id, "webhook-timestamp": str(int(now.timestamp())), "webhook-signature": signature}
