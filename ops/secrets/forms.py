"""The format of a stack's secrets: their fields, and the check of a field's value. Pure.

Values are checked by the code of the functions that use them. No message has any part of a value.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from urllib.parse import urlsplit

from gridwix.clients.http_auth import checked_credential
from gridwix.errors import ConfigurationError
from gridwix.mapping.secret_entries import EntryFault, read_signing_key
from gridwix.wix_webhook.signatures import read_public_key

MIN_KEY_BYTES = 24
"""Minimum length of a new signing key in bytes, as Standard Webhooks recommends it."""


class SecretName(StrEnum):
    """A secret that the stack creates without a value.

    The full name of the secret begins with the name of the stack.
    """

    TRADING_GRID_CREDENTIALS = "trading-grid/credentials"
    TRADING_GRID_WEBHOOK = "trading-grid/webhook"
    WIX_CREDENTIALS = "wix/credentials"
    WIX_WEBHOOK = "wix/webhook"
    WIX_AUTOMATION = "wix/automation"


ENTRY_FAULTS: Mapping[EntryFault, str] = {
    EntryFault.NOT_A_TEXT: "is no text",
    EntryFault.BLANK: "is blank",
    EntryFault.NOT_ASCII: "has a letter outside ASCII",
    EntryFault.NOT_BASE64: "is no base64: a letter is missing, or does not belong there",
    EntryFault.NOT_PEM: "is no public key: its text is damaged",
    EntryFault.NOT_RSA: "is a public key of another kind than RSA, with which Wix signs",
    EntryFault.PRIVATE_KEY: (
        "is a private key, which does not belong here: treat it as disclosed, and store the public"
        " one"
    ),
}
"""Texts for the reasons why an entry of a list cannot be used. They follow the place of the
entry.
"""


@dataclass(frozen=True, slots=True)
class Field:
    """A field of a secret, and the function that reads its value.

    ``read`` returns the parsed value, or raises UnusableValue without any part of the value in its
    message. For a field that is a list, ``read`` reads one entry of the list, and may also return
    an :class:`EntryFault`.
    """

    read: Callable[[Any], object]
    is_list: bool = False


class UnusableValue(Exception):
    """Raised for a value that a field of a secret cannot have.

    The message continues a sentence that begins with the name of the field: ``is no text``.
    """


def _read_credential(value: object) -> object:
    if not isinstance(value, str):
        raise UnusableValue("is no text")
    try:
        return checked_credential("value", value)
    except ConfigurationError as error:
        raise UnusableValue(error.fault) from None


def _read_consumer_key(value: object) -> object:
    if ":" in str(_read_credential(value)):
        raise UnusableValue("must not contain a colon")
    return value


def _read_url(value: object) -> object:
    try:
        parsed = urlsplit(str(_read_credential(value)))
        # The local environment has its automation on this machine.
        is_local = parsed.scheme == "http" and parsed.hostname in ("127.0.0.1", "localhost")
        if is_local or (parsed.scheme == "https" and parsed.hostname):
            return value
    except ValueError:
        pass
    raise UnusableValue("must be an address that begins with https://")


FIELDS: Mapping[SecretName, Mapping[str, Field]] = {
    SecretName.TRADING_GRID_CREDENTIALS: {
        "consumerKey": Field(_read_consumer_key),
        "consumerSecret": Field(_read_credential),
        "token": Field(_read_credential),
        "communityConsumerKey": Field(_read_consumer_key),
        "communityConsumerSecret": Field(_read_credential),
    },
    SecretName.TRADING_GRID_WEBHOOK: {"secrets": Field(read_signing_key, is_list=True)},
    SecretName.WIX_CREDENTIALS: {
        "apiKey": Field(_read_credential),
        "appId": Field(_read_credential),
        "appSecret": Field(_read_credential),
        "instanceId": Field(_read_credential),
    },
    SecretName.WIX_WEBHOOK: {
        "publicKeys": Field(read_public_key, is_list=True),
        "signingSecrets": Field(read_signing_key, is_list=True),
    },
    SecretName.WIX_AUTOMATION: {"emailUrl": Field(_read_url)},
}
"""The fields of each secret, in the order in which a command asks for them."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """Verdict on the value of a secret's field, or on one entry of a field that is a list.

    ``place`` is the place of the entry in the list, counted from 1; 0 for the field as a whole.
    ``fault`` is the reason why the value cannot be used; "" if it can.
    """

    field: str
    place: int = 0
    fault: str = ""

    @property
    def where(self) -> str:
        """The name of the field, with the place of the entry in a list.

        >>> Verdict("secrets", 2).where, Verdict("token").where
        ('secrets, place 2', 'token')
        """
        return f"{self.field}, place {self.place}" if self.place else self.field


def judge_secret(name: SecretName, value: Mapping[str, Any]) -> Sequence[Verdict]:
    """Return a verdict on each field of a secret, and on each entry of its lists.

    Args:
        name: The secret.
        value: The value of the secret.
    """
    known = FIELDS[name]
    found = [
        verdict
        for field, form in known.items()
        if field in value
        for verdict in _judge_field(field, form, value[field])
    ]
    return [*found, *(Verdict(_shown(one), fault="is not used") for one in value.keys() - known)]


def _judge_field(field: str, form: Field, value: object) -> Iterator[Verdict]:
    if not form.is_list:
        yield Verdict(field, fault=value_fault(form, value))
    elif not isinstance(value, list):
        yield Verdict(field, fault="is no list")
    else:
        first: dict[object, int] = {}
        for place, entry in enumerate(value, 1):
            said = value_fault(form, entry)
            if not said and (same := first.setdefault(entry, place)) != place:
                said = f"is the same as place {same}"
            yield Verdict(field, place, said)


def value_fault(form: Field, value: object) -> str:
    """Return the reason why a value of a field, or a list entry, cannot be used; "" if it can."""
    try:
        said = form.read(value)
    except UnusableValue as error:
        return str(error)
    return ENTRY_FAULTS[said] if isinstance(said, EntryFault) else ""


def new_value_fault(form: Field, value: str) -> str:
    """Return the reason why a new value of a field cannot be used; "" if it can.

    A new signing key must not be short. For a stored key, that is no fault.
    """
    fault = value_fault(form, value)
    if fault or form.read is not read_signing_key:
        return fault
    key = read_signing_key(value)
    if isinstance(key, bytes) and len(key) < MIN_KEY_BYTES:
        return f"is short: a signing key has at least {MIN_KEY_BYTES} random bytes, in base64"
    return ""


def _shown(name: str) -> str:
    # A value that was pasted in the place of a name must not be printed.
    return name if name.isidentifier() and len(name) <= 40 else "a field of another name"
