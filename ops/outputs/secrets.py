"""JSON documents of ``gridwix secret set``, ``check`` and ``restore``, without secret values."""

from typing import Literal

from ops.json_output import JsonOutput


class SecretSetOutput(JsonOutput):
    """Result of storing the value of a secret."""

    secret: str
    fields: tuple[str, ...]
    """fields that were set; a list counts if its entries changed"""
    change: Literal["set", "added", "removed", "none"]
    """``added``: a list has a new first entry. ``removed``: entries of a list are gone"""
    removed: int
    """number of entries that were removed from a list"""
    tried: str | None
    """result of trying the value, from the service or the functions' metrics; null if it was not
    tried"""


class SecretRestoreOutput(JsonOutput):
    """A secret that was set back to its previous value."""

    secret: str


class SecretVerdict(JsonOutput):
    """Result of the check of a secret's field, or of one entry of a field that is a list."""

    secret: str
    field: str | None
    """null if the secret has no value, or is no JSON object"""
    place: int | None
    """place in the list, counted from 1"""
    fault: str | None
    """why the value cannot be used; null if it can"""


class SecretCheckOutput(JsonOutput):
    """Verdicts on the format of each secret that has a value."""

    verdicts: tuple[SecretVerdict, ...]
    empty: tuple[str, ...]
    """secrets without a value"""
