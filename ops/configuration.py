"""Checks ``config/`` and compiles it into the layer and the portal's backend.

Every fault is reported with file, line and fix. ``python -m ops.configuration`` writes nothing if
there is an error; settings that may be intended are printed as warnings.
"""

import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, override

import yaml
from pydantic import ValidationError
from pydantic_core import ErrorDetails

from gridwix.configuration.everything import Configuration
from gridwix.models.setting_fault import SettingFault
from gridwix.runtime.configuration import FILE
from ops import backend
from ops.campaigns import template_faults
from ops.checks import Members, Remark, check_configuration
from ops.checks.remark import suggestion
from ops.errors import OpsError
from ops.locales import unknown_locales
from ops.paths import GATEWAY, ROOT
from ops.report_lines import FIXES, locate_member, report_line, spelling_hint, written_path
from ops.yaml_files import YamlFile, read_yaml

FOLDER = ROOT / "config"

FOLDERS = frozenset({"forms", "campaigns"})
"""Settings that are a folder with one file per entry."""


class ConfigurationFault(OpsError):
    """Raised if the settings in ``config/`` are invalid.

    The message has one line per fault: ``config/labels.yaml:12: fault: fix``.
    """

    def __init__(self, lines: Sequence[str]) -> None:
        super().__init__("\n".join(lines), "correct each as its line says")

    @override
    def __str__(self) -> str:
        return self.fault


@dataclass(frozen=True, slots=True)
class Source:
    """A settings file of ``config/`` with its parsed content."""

    path: Path
    file: YamlFile

    @property
    def node(self) -> yaml.Node | None:
        return self.file.node


type Sources = Mapping[Members, Source]
"""Files by the path of their content: ``config/labels.yaml`` is ``("labels",)``,
``config/forms/x.yaml`` is ``("forms", "x")``.
"""


@dataclass(frozen=True, slots=True)
class CheckedConfiguration:
    """A valid configuration, with warnings about it.

    ``warnings`` are report lines about settings that may have no effect.
    """

    configuration: Configuration
    warnings: tuple[str, ...]


def load_configuration(folder: Path = FOLDER) -> Configuration:
    """Return the validated settings of ``config/``.

    Raises:
        ConfigurationFault: A setting is invalid.
    """
    return check_folder(folder, datetime.now(UTC).date()).configuration


def check_folder(folder: Path, today: date) -> CheckedConfiguration:
    """Read and validate the settings in ``config/``.

    Args:
        folder: The folder with the settings.
        today: Decides which holidays are past.

    Raises:
        ConfigurationFault: A setting is invalid. The message lists all faults.
    """
    sources: dict[Members, Source] = {}
    lost: list[str] = []
    for path in _settings_files(folder):
        members = path.relative_to(folder).with_suffix("").parts
        if misplacement := _misplacement(path, members):
            lost.append(report_line(path, None, misplacement))
            continue
        try:
            sources[members] = Source(path, read_yaml(path.read_bytes()))
        except OSError as error:
            lost.append(
                report_line(
                    path,
                    None,
                    f"it cannot be read ({type(error).__name__})",
                    "check its permissions",
                )
            )
    return check_sources(folder, sources, today, lost)


def check_sources(
    folder: Path, sources: Sources, today: date, lost: Sequence[str] = ()
) -> CheckedConfiguration:
    """Validate settings from files that were read already: the second half of :func:`check_folder`.

    Args:
        folder: The folder of the files, for messages.
        sources: The files with their content.
        today: Decides which holidays are past.
        lost: Report lines about files that could not be read.

    Raises:
        ConfigurationFault: A setting is invalid, or a file could not be read.
    """
    wrong = [
        *lost,
        *(
            report_line(source.path, fault.line, fault.said, fault.fix)
            for source in sources.values()
            for fault in source.file.faults
        ),
    ]
    if wrong:
        raise ConfigurationFault(wrong)
    values: dict[str, Any] = {name: {} for name in FOLDERS}
    for members, source in sources.items():
        _insert_value(values, members, source.file.value)
    try:
        # Strict, and as JSON, because the layer validates the same text in the same way.
        configuration = Configuration.model_validate_json(json.dumps(values), strict=True)
    except ValidationError as error:
        raise ConfigurationFault(
            [_fault_line(folder, sources, fault) for fault in error.errors()]
        ) from None
    found = list(check_configuration(configuration, today))
    found += [
        Remark(members, f"{'.'.join(members[2:])}: {said}", "correct the template")
        for members, said in template_faults(configuration).items()
    ]
    found += [
        Remark(members, f"{'.'.join(members[2:])}: {said}", "correct the locale")
        for members, said in unknown_locales(configuration).items()
    ]
    if errors := [_remark_line(folder, sources, remark) for remark in found if remark.is_error]:
        raise ConfigurationFault(errors)
    return CheckedConfiguration(
        configuration, tuple(_remark_line(folder, sources, remark) for remark in found)
    )


def _settings_files(folder: Path) -> Iterator[Path]:
    """Yield the files with settings, and files that look like settings but have a wrong name."""
    for path in sorted(folder.rglob("*")):
        if (
            # The gateway is an application of its own, with declarations of its own.
            path.relative_to(folder).parts[0] != GATEWAY
            and path.is_file()
            and path.suffix.lower() in (".yaml", ".yml", ".json")
            and not path.name.startswith(".")
        ):
            yield path


def _misplacement(path: Path, members: Members) -> str:
    """Return the reason why a file in ``config/`` is ignored, with the fix; "" if it is read."""
    if path.suffix != ".yaml":
        return f"it is not read: rename it to {path.stem}.yaml, or remove it"
    if len(members) == (2 if members[0] in FOLDERS else 1):
        names = Configuration.model_fields
        if members[0] in names:
            return ""
        return f"no settings have this name{suggestion(members[0], names)}: rename or remove it"
    folders = " or ".join(sorted(f"config/{name}/" for name in FOLDERS))
    return f"it is not read here: put it into {folders}, or remove it"


def layer_json(configuration: Configuration) -> str:
    """Return the compiled settings for the layer, as JSON text."""
    return (
        json.dumps(
            configuration.model_dump(mode="json"), indent=1, sort_keys=True, ensure_ascii=False
        )
        + "\n"
    )


def _insert_value(values: dict[str, Any], members: Members, value: Any) -> None:
    *folders, name = members
    for member in folders:
        values = values.setdefault(member, {})
    values[name] = value


def _remark_line(folder: Path, sources: Sources, remark: Remark) -> str:
    """Return a remark on a setting as a report line with its file and line.

    The line number is left out if the file does not exist.
    """
    named = _file_members(sources, remark.members)
    if named is None:
        return report_line(
            folder.joinpath(*remark.members[:-1], f"{remark.members[-1]}.yaml"),
            None,
            remark.said,
            remark.fix,
        )
    line, _ = locate_member(sources[named].node, remark.members[len(named) :])
    return report_line(sources[named].path, line, remark.said, remark.fix)


def _file_members(sources: Sources, members: Members) -> Members | None:
    """Return the leading part of a setting's path that names a settings file; None if none does."""
    return next(
        (members[:length] for length in range(len(members), 0, -1) if members[:length] in sources),
        None,
    )


def _fault_line(folder: Path, sources: Sources, fault: ErrorDetails) -> str:
    # Brackets mark a step of the models that no file has.
    parts = tuple(str(part) for part in fault["loc"] if not str(part).startswith("["))
    said = f"{fault['msg'][:1].lower()}{fault['msg'][1:]}"
    fix = FIXES.get(fault["type"], "correct it")
    if isinstance(broken := fault.get("ctx", {}).get("error"), SettingFault):
        said, fix = broken.fault, broken.fix
    named = _file_members(sources, parts)
    if named is None:
        if fault["type"] != "missing":
            return report_line(folder.joinpath(*parts), None, said, "correct it")
        return report_line(
            folder.joinpath(*parts[:-1], f"{parts[-1]}.yaml"), None, "the file is missing", "add it"
        )
    rest = written_path(sources[named].node, parts[len(named) :])
    line, siblings = locate_member(sources[named].node, rest)
    where = ".".join(rest) or named[-1]
    return report_line(
        sources[named].path,
        line,
        where,
        said,
        f"{fix}{spelling_hint(fault, rest, siblings)}",
    )


def main() -> int:
    """Check ``config/``, print warnings or errors, and write the layer's and the portal's files.

    Returns the exit code: 0, or 1 if there is an error.
    """
    # Brings the gateway's expressions, which other commands that read the settings do not need.
    from ops.gateway.declarations import compile_declarations, declaration_warnings
    from ops.gateway.words import known_words

    examined: CheckedConfiguration | None = None
    faults: list[str] = []
    try:
        examined = check_folder(FOLDER, datetime.now(UTC).date())
    except ConfigurationFault as fault:
        faults.append(str(fault))
    compiled, lines = compile_declarations(FOLDER)
    faults += lines
    if faults or examined is None:
        print("\n".join(faults), file=sys.stderr)
        return 1
    known = known_words(examined.configuration)
    for warning in (*examined.warnings, *declaration_warnings(FOLDER, known)):
        print(f"warning: {warning}", file=sys.stderr)
    FILE.write_text(layer_json(examined.configuration), encoding="utf-8")
    for path, text in compiled.items():
        path.write_text(text, encoding="utf-8")
    backend.write_modules(examined.configuration)
    return 0


if __name__ == "__main__":
    sys.exit(main())
