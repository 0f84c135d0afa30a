"""Model of ``config/roles.yaml``: what each role may see and do on the portal."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal, get_args

from pydantic import ConfigDict, Discriminator, Field, Tag

from gridwix.configuration.base import Config, Key
from gridwix.configuration.campaigns import RecordKind
from gridwix.configuration.forms import FormAction

type RoleName = Literal["admin", "edi", "finance", "logistics", "other"]
"""Role of a link. ``other`` stands for a link with a role that is none of the four."""

type Section = Literal[
    "onboarding", "issues", "notices", "documents", "requests", "messages", "activity"
]
"""Section of the portal that a role may see or not. The status is always there."""

type DocumentCategory = Literal[
    "routing_guide",
    "implementation_guide",
    "label_spec",
    "tax_form",
    "insurance",
    "agreement",
    "test_evidence",
    "other",
]
"""Category of a document, by the community gateway profile."""

type Classification = Literal["public", "partner", "restricted"]
"""Classification of a document, by the profile."""

type MemberAction = Literal[
    "comment", "answer_resolution", "answer_request", "submit_step", "upload_version"
]
"""Action of a member on a record. Sending a request form is not one."""

SECTION_OF_ACTION: Mapping[MemberAction, Section] = {
    "comment": "issues",
    "answer_resolution": "issues",
    "answer_request": "requests",
    "submit_step": "onboarding",
    "upload_version": "documents",
}
"""Section of the portal that shows the records of an action: a role needs it to act."""

ACTION_OF_FORM: Mapping[FormAction, MemberAction] = {
    "case_comment": "comment",
    "case_resolution": "answer_resolution",
    "request_comment": "answer_request",
    "step_submission": "submit_step",
    "document_version": "upload_version",
}
"""The permission that a form's submissions need, by the form's action. A form with the action
``request`` is permitted by its key instead.
"""

SECTION_OF_RECORD: Mapping[RecordKind, Section] = {
    "case": "issues",
    "notice": "notices",
    "document": "documents",
    "step": "onboarding",
    "enrollment": "onboarding",
}
"""Section of the portal that shows records of a kind. A compliance check is part of the status."""

ROLE_NAMES: tuple[RoleName, ...] = get_args(RoleName.__value__)


def role_name(role: str | None) -> RoleName:
    """Return a partner link's role if ``config/roles.yaml`` has it, else ``other``.

    A link is the permission of a member to act for a partner, in a role.

    >>> role_name("finance"), role_name("Finance"), role_name(None)
    ('finance', 'other', 'other')
    """
    return next((name for name in ROLE_NAMES if name == role), "other")


def _form_of(value: Any) -> str:
    """Return the tag of a selection by its form in the file: ``[list]``, ``[except]`` or ``[all]``.

    A selection is a set of values in ``config/roles.yaml``. By the tag, pydantic picks the model
    that parses the selection (discriminated union). The tag is in brackets, so that ``make config``
    can recognize it in the path of an error and leave it out.
    """
    if isinstance(value, list | tuple):
        return "[list]"
    return "[except]" if isinstance(value, dict | Except) else "[all]"


class Except[T](Config):
    """Selection of all values but those in ``values``; in the file, it is ``{except: [...]}``."""

    model_config = ConfigDict(defer_build=True, frozen=True, extra="forbid", populate_by_name=True)

    values: tuple[T, ...] = Field(alias="except", min_length=1)


type Selection[T] = Annotated[
    Annotated[Literal["all"], Tag("[all]")]
    | Annotated[tuple[T, ...], Tag("[list]")]
    | Annotated[Except[T], Tag("[except]")],
    Discriminator(_form_of),
]
"""``all``, a list of values, or ``{except: [...]}``."""


def is_selected(selection: Any, value: str) -> bool:
    """Return True if a selection (``all``, a list of values, or ``Except``) includes a value.

    A value that this release does not know is included by ``all`` and ``Except`` alone.

    >>> is_selected("all", "x"), is_selected(("x",), "x"), is_selected(("x",), "y")
    (True, True, False)
    >>> is_selected(Except[str](values=("x",)), "y")
    True
    """
    if isinstance(selection, Except):
        return value not in selection.values
    return selection == "all" or value in selection


class DocumentPermissions(Config):
    """Documents that a role may see: both the category and the classification must be selected."""

    categories: Selection[DocumentCategory]
    classifications: Selection[Classification]


class RolePermissions(Config):
    """Permissions of a role: the sections and documents it sees, the forms and actions it may use.

    ``forms`` selects request forms by their keys. A form that acts on a record, such as a comment
    on a case, is permitted by ``actions`` instead.
    """

    sections: Selection[Section]
    documents: DocumentPermissions
    forms: Selection[Key]
    actions: Selection[MemberAction]

    def sees_section(self, section: Section) -> bool:
        """Return True if the role may see a section of the portal."""
        return is_selected(self.sections, section)

    def sees_document(self, category: str, classification: str) -> bool:
        """Return True if the role may see documents of this category and classification."""
        return (
            self.sees_section("documents")
            and is_selected(self.documents.categories, category)
            and is_selected(self.documents.classifications, classification)
        )

    def may_act(self, action: MemberAction) -> bool:
        """Return True if the role may take an action, and sees the section of that action."""
        return is_selected(self.actions, action) and self.sees_section(SECTION_OF_ACTION[action])

    def may_send(self, form: str, action: FormAction) -> bool:
        """Return True if the role may send submissions of a form.

        Args:
            form: Key of the form.
            action: Action of the form: ``request``, or one on a record, such as ``case_comment``.
        """
        if action == "request":
            return is_selected(self.forms, form) and self.sees_section("requests")
        return self.may_act(ACTION_OF_FORM[action])


class Roles(Config):
    """``config/roles.yaml``: the permissions of each role.

    Every role and every list has to be given: nothing is permitted by default.
    """

    admin: RolePermissions
    edi: RolePermissions
    finance: RolePermissions
    logistics: RolePermissions
    other: RolePermissions

    def of(self, role: str | None) -> RolePermissions:
        """Return the permissions of a role; those of ``other`` for None and for an unknown role."""
        return self.named(role_name(role))

    def named(self, name: RoleName) -> RolePermissions:
        """Return the permissions of the role with this name in ``config/roles.yaml``."""
        found: RolePermissions = getattr(self, name)
        return found
