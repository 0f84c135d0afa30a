"""Onboarding programs. Open enrollments keep the steps that they started with."""

from gridwix_gateway.documents import Document
from gridwix_gateway.store.commits import Draft

COLLECTION = "onboarding-programs"


def publish_program(draft: Draft, fields: Document) -> Document:
    """Publish a new program.

    Args:
        draft: The commit's draft.
        fields: Members of the profile's schema ``OnboardingProgram``, with ``id``.

    Returns:
        The program.
    """
    return draft.create(COLLECTION, fields, "program.published")


def change_program(draft: Draft, program: Document, changes: Document) -> Document:
    """Change a program.

    A change of its steps alone is a changed requirement; any other publishes the program again.

    Args:
        draft: The commit's draft.
        program: The program as the draft has read it.
        changes: Members with their new values.

    Returns:
        The program after the change.
    """
    event_type = "requirement.changed" if set(changes) == {"steps"} else "program.published"
    return draft.change(COLLECTION, program, changes, event_type)
