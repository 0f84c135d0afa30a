"""The Wix side of the world on one machine: the site's forms, and its app's webhook."""

import base64
import secrets
from collections.abc import Mapping

from gridwix.models.configuration import FormDefinition
from ops.emulator import Emulator

INPUT_TYPES: Mapping[str, str] = {"integer": "NUMBER", "decimal": "NUMBER", "boolean": "BOOLEAN", "files": "WIX_FILE"}
"""What Wix calls the kinds of fields; every other one is a STRING."""

SUBMITTED = "wix.forms.v4.submission_created"


def create_forms(wix: Emulator, forms: Mapping[str, FormDefinition]) -> None:
    """Put on the site every form that ``config/forms`` names."""
    for definition in forms.values():
        fields = [
            {"target": field.target, "label": field.label, "inputType": INPUT_TYPES.get(field.kind, "STRING"), "required": field.required}
            for field in definition.fields
        ]
        for identifier in definition.wix_forms:
            wix.order("forms", {"id": identifier, "name": definition.title, "fields": fields})


def register_webhook(wix: Emulator, url: str) -> dict[str, list[str]]:
    """Have the site's app send submissions to an address; returns what the receiver has to know: the app's public key, and a signing secret for site code."""
    wix.order("webhooks", {"url": url, "types": [SUBMITTED]})
    return {"publicKeys": [wix.info()["publicKey"]], "signingSecrets": ["whsec_" + base64.b64encode(secrets.token_bytes(32)).decode()]}
