"""``gridwix secret set``, ``check`` and ``restore`` with ``--json``. No document has a value."""

from typing import Literal

from ops.json_output import JsonOutput


class SecretSetOutput(JsonOutput):
    """Result of storing a secret."""

    secret: str
    fields: tuple[str, ...]
    """fields that were set, or have a changed list"""
    change: Literal["set", "added", "removed", "none"]
    """``added``: a list has a new first entry. ``removed``: entries of a list are gone"""
    removed: int
    """number of removed entries"""
    tried: str | None
    """what the service, or the functions' metrics, said of the value; null if it was not tried"""


class SecretRestoreOutput(JsonOutput):
    """A secret after a return to its previous value."""

    secret: str


class SecretVerdict(JsonOutput):
    """A field of a secret, or one place in its list."""

    secret: str
    field: str | None
    """null if the secret has no value, or is no JSON object"""
    place: int | None
    """place in the list, counted from 1"""
    fault: str | None
    """why it cannot be used; null if it can"""


class SecretCheckOutput(JsonOutput):
    """The form of each secret that has a value."""

    verdicts: tuple[SecretVerdict, ...]
    empty: tuple[str, ...]
    """secrets without a value"""
