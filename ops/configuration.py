"""``config/`` as a partner manager edits it: checked against the models, with the file, the line and the fix of every fault, and put into the layer and
the portal's backend.

``python -m ops.configuration`` does so.
"""

import difflib
import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError
from pydantic_core import ErrorDetails

from gridwix.models.configuration import Configuration
from gridwix.runtime.configuration import FILE
from ops import backend
from ops.campaigns import faults
from ops.errors import OpsError
from ops.locales import unknown_locales
from ops.paths import ROOT

FOLDER = ROOT / "config"

type Members = tuple[str, ...]

FIXES: Mapping[str, str] = {
    "missing": "add it",
    "extra_forbidden": "remove it, or correct its spelling",
    "string_type": 'write a text, in quotes if it is a word like no, yes, on or off, or a number ("NO")',
    "string_too_short": "write a text that is not empty",
    "string_too_long": "write a shorter text",
    "string_pattern_mismatch": "correct the text: it does not have the form that is asked for",
    "tuple_type": "write a list: [A, B]",
    "mapping_type": "write pairs of a name and a value, one to a line",
    "dict_type": "write pairs of a name and a value, one to a line",
    "model_type": "write pairs of a name and a value, one to a line",
}
"""What to do about each kind of fault, by pydantic's name for it."""


class ConfigurationFault(OpsError):
    """The text has one line for each fault: ``config/labels.yaml:12: what is wrong: what to do``."""


def load(folder: Path = FOLDER) -> Configuration:
    """What ``config/`` says. Raises ConfigurationFault."""
    values: dict[str, Any] = {}
    files: dict[Members, tuple[Path, yaml.Node | None]] = {}
    for members, path in _files(folder):
        try:
            files[members] = path, yaml.compose(path.read_text(), Loader=yaml.SafeLoader)
            _put(values, members, yaml.safe_load(path.read_text()))
        except yaml.MarkedYAMLError as error:
            line = error.problem_mark.line + 1 if error.problem_mark else 1
            raise ConfigurationFault(f"{_shown(path)}:{line}: {error.problem}: correct the YAML; often an indent or a quotation mark is missing") from None
    try:
        configuration = Configuration.model_validate(values)
    except ValidationError as error:
        raise ConfigurationFault("\n".join(_fault(folder, files, fault) for fault in error.errors())) from None
    if broken := faults(configuration):
        raise ConfigurationFault("\n".join(_text_fault(files, members, said) for members, said in broken.items()))
    if unknown := unknown_locales(configuration):
        raise ConfigurationFault("\n".join(_text_fault(files, members, said, "correct the locale") for members, said in unknown.items()))
    return configuration


def _text_fault(files: Mapping[Members, tuple[Path, yaml.Node | None]], members: Members, said: str, fix: str = "correct the template") -> str:
    """A line about a value that the models take and nothing else does; the line of the file is that of the value, or of the language's texts."""
    path, node = files[members[:2]]
    line, _ = _find(node, members[2:])
    return f"{_shown(path)}:{line}: {'.'.join(members[2:])}: {said}: {fix}"


def _files(folder: Path) -> Iterator[tuple[Members, Path]]:
    """The files, each with the members that lead to what it says: ``config/labels.yaml`` is labels, ``config/forms/x.yaml`` is x of forms."""
    for path in sorted(folder.rglob("*.yaml")):
        yield path.relative_to(folder).with_suffix("").parts, path


def compiled(configuration: Configuration) -> str:
    """The text that goes into the layer."""
    return json.dumps(configuration.model_dump(mode="json"), indent=1, sort_keys=True, ensure_ascii=False) + "\n"


def _put(values: dict[str, Any], members: Members, value: Any) -> None:
    *folders, name = members
    for member in folders:
        values = values.setdefault(member, {})
    values[name] = value


def _fault(folder: Path, files: Mapping[Members, tuple[Path, yaml.Node | None]], fault: ErrorDetails) -> str:
    parts = [str(part) for part in fault["loc"] if part != "[key]"]
    if parts[:1] and parts[0] not in Configuration.model_fields:
        return f"{_shown(folder / parts[0])}{'' if (folder / parts[0]).is_dir() else '.yaml'}: no settings have this name: rename or remove it"
    named = next((tuple(parts[:length]) for length in range(len(parts), 0, -1) if tuple(parts[:length]) in files), None)
    if named is None:
        if len(parts) == 1 and fault["type"] != "missing":
            return f"{_shown(folder / parts[0])}: {fault['msg'][0].lower()}{fault['msg'][1:]}: correct it"
        return f"{_shown(folder.joinpath(*parts))}.yaml: the file is missing: add it"
    path, node = files[named]
    rest = parts[len(named) :]
    line, siblings = _find(node, rest)
    where = ".".join(rest) or named[-1]
    fix = FIXES.get(fault["type"], "correct it")
    close = difflib.get_close_matches(rest[-1], siblings, n=1) if rest and fault["type"] == "missing" else []
    hint = f" (is {close[0]} meant?)" if close else ""
    return f"{_shown(path)}:{line}: {where}: {fault['msg'][0].lower()}{fault['msg'][1:]}: {fix}{hint}"


def _find(node: yaml.Node | None, path: Sequence[str]) -> tuple[int, list[str]]:
    """The line of the deepest part of the path that is there, and the names that stand beside it."""
    line, siblings = (node.start_mark.line + 1 if node else 1), list[str]()
    for part in path:
        if isinstance(node, yaml.MappingNode):
            siblings = [str(key.value) for key, _ in node.value]
            found = next(((key, value) for key, value in node.value if str(key.value) == part), None)
            if found is None:
                break
            line, node = found[0].start_mark.line + 1, found[1]
        elif isinstance(node, yaml.SequenceNode) and part.isdigit() and int(part) < len(node.value):
            node = node.value[int(part)]
            line = node.start_mark.line + 1
        else:
            break
    return line, siblings


def _shown(path: Path) -> str:
    return str(path.relative_to(ROOT)) if path.is_relative_to(ROOT) else str(path)


def main() -> int:
    try:
        configuration = load()
    except ConfigurationFault as fault:
        print(fault, file=sys.stderr)
        return 1
    FILE.write_text(compiled(configuration))
    backend.write(configuration)
    return 0


if __name__ == "__main__":
    sys.exit(main())
