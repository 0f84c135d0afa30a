"""Onboarding programs. Enrollments that are open keep the steps with which they started."""

from gridwix_gateway.documents import Document
from gridwix_gateway.store.commits import Draft

COLLECTION = "onboarding-programs"


def publish_program(draft: Draft, fields: Document) -> Document:
    """Publish a new onboarding program.

    Args:
        draft: The commit that is being prepared. It reads records and collects writes.
        fields: Fields of the OpenAPI schema ``OnboardingProgram``, with ``id``.

    Returns:
        The program.
    """
    return draft.create(COLLECTION, fields, "program.published")


def change_program(draft: Draft, program: Document, changes: Document) -> Document:
    """Change an onboarding program. Open enrollments keep their steps.

    The event is ``requirement.changed`` if only the steps change, else ``program.published``.

    Args:
        draft: The commit that is being prepared. It reads records and collects writes.
        program: The program, as read within the commit.
        changes: New values by field name, such as ``steps``.

    Returns:
        The program after the change.
    """
    event_type = "requirement.changed" if set(changes) == {"steps"} else "program.published"
    return draft.change(COLLECTION, program, changes, event_type)
