"""Lists the settings of ``config/`` one by one, and makes copies with other values. Pure.

``gridwix explain`` changes settings in such a copy, to see which fields of a portal row depend on
them.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, time, timedelta
from typing import Any, cast

from pydantic import AnyUrl, BaseModel

from gridwix.configuration.everything import Configuration
from gridwix.models.locales import DEFAULT_LOCALE
from gridwix.models.texts import Plural

FOLDERS = frozenset({"forms", "campaigns"})
"""Settings with one file for each entry."""

MARK = "\u2260"
"""Prefix that changes a text, so that a row that shows the text differs."""

type Path = tuple[str, ...]


@dataclass(frozen=True, slots=True, order=True)
class Setting:
    """One setting of ``config/``. A text in several languages is one setting.

    ``path`` has the names of the members that lead to the setting from ``Configuration``. A rule of
    a list is named by its key, not by its position.
    """

    path: Path

    @property
    def file(self) -> str:
        """Path of the setting's file, from the root of the checkout.

        >>> Setting(("forms", "edi-setup", "title")).file
        'config/forms/edi-setup.yaml'
        """
        return f"config/{'/'.join(self.path[: self._depth])}.yaml"

    @property
    def key(self) -> str:
        """Path of the setting inside its file.

        >>> Setting(("labels", "case.status", "values", "open")).key
        'case.status.values.open'
        """
        return ".".join(self.path[self._depth :])

    @property
    def _depth(self) -> int:
        return 2 if self.path[0] in FOLDERS else 1


def list_settings(configuration: Configuration) -> Sequence[Setting]:
    """Return every setting of a configuration that has a value, in the order of the files."""
    return [Setting(path) for path in _paths(configuration, ())]


def change_settings(configuration: Configuration, settings: Collection[Setting]) -> Configuration:
    """Return a copy of the configuration in which these settings have other values.

    A text gets the prefix ``MARK``, a list is emptied, and any other value is replaced by one of
    its type. The result may be invalid by the rules of ``config/``.
    """
    if not settings:
        return configuration
    return cast(Configuration, _changed(configuration, [setting.path for setting in settings]))


def _members(value: Any) -> Mapping[str, Any] | None:
    """Return the parts of a configuration value, by name; None if the value itself is one setting.

    Each part is a setting, or has settings within.
    """
    match value:
        case Plural():
            return None
        case BaseModel():
            return {name: getattr(value, name) for name in type(value).model_fields}
        case Mapping() if not _is_text(value):
            return {str(name): member for name, member in value.items()}
        case tuple() if value and all(isinstance(member, BaseModel) for member in value):
            return {_name_of(member, number): member for number, member in enumerate(value)}
    return None


def _name_of(member: BaseModel, number: int) -> str:
    for name in ("key", "name"):
        if isinstance(found := getattr(member, name, None), str):
            return found
    return str(number)


def _is_text(value: Mapping[Any, Any]) -> bool:
    return isinstance(value.get(DEFAULT_LOCALE), str | Plural)


def _paths(value: Any, path: Path) -> Iterator[Path]:
    members = _members(value)
    if members is not None:
        for name, member in members.items():
            yield from _paths(member, (*path, name))
    elif value not in (None, (), {}):
        yield path


def _changed(value: Any, paths: Sequence[Path]) -> Any:
    if () in paths:
        return _other(value)
    members = _members(value)
    assert members is not None, paths
    inside: dict[str, list[Path]] = {}
    for name, *rest in paths:
        inside.setdefault(name, []).append(tuple(rest))
    made = {name: _changed(members[name], rest) for name, rest in inside.items()}
    match value:
        case BaseModel():
            return value.model_copy(update=made)
        case tuple():
            return tuple(made.get(name, member) for name, member in members.items())
    return {name: made.get(str(name), member) for name, member in value.items()}


def _other(value: Any) -> Any:
    """Return another value of the same type for a setting.

    It is chosen so that a portal row that depends on the setting changes, too.
    """
    match value:
        case bool():
            return not value
        case str():
            return f"{MARK}{value}"
        case int() | float():
            return value + 1
        case tuple() | frozenset():
            return type(value)()
        case Plural():
            return value.model_copy(
                update={form: f"{MARK}{text}" for form, text in value.forms().items()}
            )
        case Mapping():
            return {name: _other(member) for name, member in value.items()}
        case time():
            return value.replace(minute=(value.minute + 1) % 60)
        case date():
            return value + timedelta(days=1)
        case AnyUrl():
            return AnyUrl(f"{value}{MARK}")
    raise TypeError(type(value).__name__)
