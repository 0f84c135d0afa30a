"""The shipped files of ``config/``, each read once, to be checked with one of them changed."""

from collections.abc import Mapping
from datetime import date
from functools import cache

from ops.configuration import FOLDER, CheckedConfiguration, Source, check_sources
from ops.paths import GATEWAY
from ops.yaml_files import read_yaml

TODAY = date(2026, 11, 28)

type Members = tuple[str, ...]


@cache
def shipped() -> Mapping[Members, Source]:
    paths = sorted(
        path for path in FOLDER.rglob("*.yaml") if path.relative_to(FOLDER).parts[0] != GATEWAY
    )
    return {
        path.relative_to(FOLDER).with_suffix("").parts: Source(path, read_yaml(path.read_bytes()))
        for path in paths
    }


def members_of(name: str) -> Members:
    """The members that lead to what a file says: ``forms/edi-setup.yaml`` is edi-setup of forms."""
    return tuple(name.removesuffix(".yaml").split("/"))


def examine_with(
    changes: Mapping[str, bytes], without: str = "", today: date = TODAY
) -> CheckedConfiguration:
    """The shipped settings with the contents of some files changed, or without one.

    Raises ConfigurationFault.
    """
    sources = {
        members: source for members, source in shipped().items() if members != members_of(without)
    }
    return check_sources(
        FOLDER,
        {
            **sources,
            **{
                members_of(name): Source(FOLDER / name, read_yaml(content))
                for name, content in changes.items()
            },
        },
        today,
    )


def edit(name: str, old: str, new: str) -> tuple[str, int]:
    """A shipped file's text with a part replaced, and the line of that part."""
    text = (FOLDER / name).read_text()
    assert old in text
    return text.replace(old, new, 1), text[: text.index(old)].count("\n") + 1
