"""Compares two configurations setting by setting, and tells which parts a change affects. Pure."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from gridwix.configuration.everything import Configuration
from ops.backend import generate_modules
from sam_build.layer import KEPT_LANGUAGES

LONGEST_SHOWN = 100
"""Maximum number of characters shown of a setting's value."""

_MISSING = object()


@dataclass(frozen=True, slots=True)
class SettingChange:
    """A setting that differs between two configurations.

    ``before`` and ``after`` are its values as JSON texts; None where the setting is missing.
    """

    path: str
    before: str | None
    after: str | None

    def __str__(self) -> str:
        if self.before is None:
            return f"+ {self.path}: {_shorten(self.after or '')}"
        if self.after is None:
            return f"- {self.path}: {_shorten(self.before)}"
        return f"~ {self.path}: {_shorten(self.before)} -> {_shorten(self.after)}"


def compare_configurations(before: Configuration, after: Configuration) -> list[SettingChange]:
    """Return the settings that differ, in the order of their paths.

    Members of a list are compared by their ``key`` or ``name`` if they have one, so that a new rule
    does not make all later rules differ. Another order of the members is a difference of its own.

    Args:
        before: The settings in effect.
        after: The settings to compare with them.
    """
    return list(
        _differences(before.model_dump(mode="json"), after.model_dump(mode="json"), path="")
    )


def changed_modules(before: Configuration, after: Configuration) -> list[str]:
    """Return the names of the portal's generated backend modules that differ.

    These modules are code of the Wix site, so they do not change when the settings ``after`` are
    put into effect for the functions.

    Args:
        before: The settings in effect.
        after: The settings to compare with them.
    """
    old = generate_modules(before)
    return [name for name, text in generate_modules(after).items() if old[name] != text]


def new_locales(deployed: Configuration, wanted: Configuration) -> list[str]:
    """Return the languages of forms for which the deployed layer may lack number formats.

    The layer has number formats only for the languages of the forms that it was built with, so a
    form in another language needs a deployment. The functions, which know what their layer has,
    also refuse settings with such a form.

    Args:
        deployed: The settings that were compiled into the layer.
        wanted: The settings to put into effect.
    """
    return sorted(_form_languages(wanted) - _form_languages(deployed) - KEPT_LANGUAGES)


def _form_languages(configuration: Configuration) -> set[str]:
    return {
        form.locale.replace("_", "-").partition("-")[0]
        for form in configuration.forms.values()
        if form.locale
    }


def _differences(before: Any, after: Any, path: str) -> Iterator[SettingChange]:
    if before == after:
        return
    if isinstance(before, list) and isinstance(after, list):
        old, new = _by_key(before), _by_key(after)
        if old is not None and new is not None:
            yield from _differences(old, new, path)
            kept = [key for key in old if key in new]
            if kept != [key for key in new if key in old]:
                yield SettingChange(f"{path} (order)", _json(list(old)), _json(list(new)))
            return
    if isinstance(before, dict) and isinstance(after, dict):
        for name in sorted(before.keys() | after.keys()):
            yield from _differences(
                before.get(name, _MISSING),
                after.get(name, _MISSING),
                f"{path}.{name}" if path else name,
            )
        return
    yield SettingChange(path, _json_or_none(before), _json_or_none(after))


def _by_key(members: Sequence[Any]) -> Mapping[str, Any] | None:
    """Return the members of a list by their ``key`` or ``name``.

    Returns None if a member has neither, or if two members have the same.
    """
    for name in ("key", "name"):
        keys = [member.get(name) for member in members if isinstance(member, dict)]
        if (
            len(keys) == len(members)
            and all(isinstance(key, str) for key in keys)
            and len(set(keys)) == len(keys)
        ):
            return {str(member[name]): member for member in members}
    return None


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def _json_or_none(value: Any) -> str | None:
    return None if value is _MISSING else _json(value)


def _shorten(text: str) -> str:
    return text if len(text) <= LONGEST_SHOWN else f"{text[: LONGEST_SHOWN - 1]}…"
