"""Checks the permissions of roles against the forms and the sections of the portal.

Finds request forms that do not exist, and actions or documents of sections that the role does not
see.
"""

from collections.abc import Iterator
from typing import Any

from gridwix.configuration.everything import Configuration
from gridwix.configuration.roles import (
    ROLE_NAMES,
    SECTION_OF_ACTION,
    Except,
    RoleName,
    RolePermissions,
)
from ops.checks.remark import Members, Remark, suggestion, warning, word_list


def check_roles(configuration: Configuration) -> Iterator[Remark]:
    """Yield a remark for each permission of a role that does not fit the forms or the sections.

    It is an error if a role may send a form that does not exist, or may send forms and does not see
    the section with requests. So is an action that a role *names* although the role does not see
    the section of that action: the role cannot take it. ``all`` and ``except`` name no action: they
    stand for what the sections allow. If a role does not see the section with documents, a limit on
    the documents that it sees is a warning, since it has no effect.
    """
    known = {key for key, form in configuration.forms.items() if form.action == "request"}
    for role in ROLE_NAMES:
        permissions = configuration.roles.named(role)
        yield from _check_forms(role, permissions, known)
        yield from _check_actions(role, permissions)
        yield from _check_documents(role, permissions)


def _check_forms(role: RoleName, permissions: RolePermissions, known: set[str]) -> Iterator[Remark]:
    for members, form in _named_values(("roles", role, "forms"), permissions.forms):
        if form not in known:
            said = f"forms: no request form has the key {form}{suggestion(form, known)}"
            yield Remark(members, said, f"write one of {word_list(known)}")
    forms = permissions.forms
    if isinstance(forms, tuple) and forms and not permissions.sees_section("requests"):
        yield Remark(
            ("roles", role, "forms"),
            f"{role} may send {forms[0]}, and does not see the section requests",
            "add requests to its sections, or write forms: []",
        )


def _check_actions(role: RoleName, permissions: RolePermissions) -> Iterator[Remark]:
    if not isinstance(permissions.actions, tuple):
        return
    for position, action in enumerate(permissions.actions):
        section = SECTION_OF_ACTION[action]
        if not permissions.sees_section(section):
            yield Remark(
                ("roles", role, "actions", str(position)),
                f"{role} may {action}, and does not see the section {section}",
                f"add {section} to its sections, or remove {action}",
            )


def _check_documents(role: RoleName, permissions: RolePermissions) -> Iterator[Remark]:
    if permissions.sees_section("documents"):
        return
    chosen = permissions.documents
    for name, selection in (
        ("categories", chosen.categories),
        ("classifications", chosen.classifications),
    ):
        if selection != "all":
            yield warning(
                ("roles", role, "documents", name),
                f"{role} does not see the section documents, so its {name} have no effect",
                "add documents to its sections, or write all",
            )


def _named_values(members: Members, selection: Any) -> Iterator[tuple[Members, str]]:
    """Yield each value that a selection lists, with the path of the value in the file.

    A selection is a list of values, ``except`` with such a list, or ``all``, which lists no value.
    """
    if selection == "all":
        return
    is_except = isinstance(selection, Except)
    path = (*members, "except") if is_except else members
    for position, value in enumerate(selection.values if is_except else selection):
        yield (*path, str(position)), value
