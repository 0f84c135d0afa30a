"""Generates the table of roles in ``docs/roles.md`` from ``config/roles.yaml``."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import get_args

from gridwix.configuration.everything import Configuration
from gridwix.configuration.roles import (
    ROLE_NAMES,
    Classification,
    DocumentCategory,
    MemberAction,
    RolePermissions,
    Section,
    is_selected,
)
from ops.paths import ROOT

PAGE = ROOT / "docs/roles.md"
BEGIN, END = "<!-- made by `make config` -->\n", "<!-- end -->\n"


def role_table(configuration: Configuration) -> str:
    """Return the table of what each role sees and may do, in Markdown.

    Permissions without effect are left out, such as actions in a section that a role does not see.
    """
    requests = [key for key, form in configuration.forms.items() if form.action == "request"]
    lines = [
        "| role | sections | documents | forms | actions |",
        "|---|---|---|---|---|",
        *(
            f"| `{role}` | {' | '.join(_cells(configuration.roles.named(role), requests))} |"
            for role in ROLE_NAMES
        ),
    ]
    return "\n".join(lines) + "\n"


def page_with_table(text: str, configuration: Configuration) -> str:
    """Return the text of ``docs/roles.md`` with its generated table of roles replaced."""
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n{role_table(configuration)}\n{END}{after}"


def write_page(configuration: Configuration, page: Path = PAGE) -> None:
    """Write the generated table of roles into ``docs/roles.md``."""
    page.write_text(page_with_table(page.read_text(), configuration))


def _cells(role: RolePermissions, requests: Iterable[str]) -> Iterator[str]:
    sections: tuple[Section, ...] = get_args(Section.__value__)
    actions: tuple[MemberAction, ...] = get_args(MemberAction.__value__)
    yield _words(sections, [one for one in sections if role.sees_section(one)])
    yield _document_words(role)
    keys = sorted(requests)
    yield _words(keys, [key for key in keys if role.may_send(key, "request")])
    yield _words(actions, [one for one in actions if role.may_act(one)])


def _document_words(role: RolePermissions) -> str:
    if not role.sees_section("documents"):
        return "none"
    parts = [
        _words(known, [one for one in known if is_selected(selection, one)])
        for known, selection in (
            (get_args(DocumentCategory.__value__), role.documents.categories),
            (get_args(Classification.__value__), role.documents.classifications),
        )
    ]
    return (
        "all" if parts == ["all", "all"] else f"categories: {parts[0]}; classifications: {parts[1]}"
    )


def _words(known: Iterable[str], selected: Iterable[str]) -> str:
    chosen = list(selected)
    if chosen == list(known):
        return "all"
    return ", ".join(f"`{one}`" for one in chosen) or "none"
