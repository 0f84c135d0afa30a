"""Completes the steps of an enrollment from the definitions in its onboarding program. Pure.

An enrollment is a partner's progress through an onboarding program. Each step of an enrollment can
have its own title, owner and kind. A gateway may leave these out, because the program defines each
step once.
"""

from collections.abc import Iterable

from gridwix.models.trading_grid.onboarding import Enrollment, OnboardingProgram, StepInstance

_DEFINED = ("title", "owner", "kind", "phase", "waits_on", "required_document_types")
"""Members that a step of an enrollment and its definition in the program have in common."""


def needs_definitions(enrollment: Enrollment) -> bool:
    """Return True if any step of the enrollment lacks its title, owner or kind.

    >>> needs_definitions(Enrollment.model_construct(steps=()))
    False
    """
    return any(None in (step.title, step.owner, step.kind) for step in enrollment.steps)


def with_definitions(enrollment: Enrollment, program: OnboardingProgram) -> Enrollment:
    """Return the enrollment with missing fields of its steps filled in from its program.

    Fields that a step has itself, such as its title, are kept: they come from the program as it was
    at the time of the enrollment.
    """
    definitions = {definition.key: definition for definition in program.steps}
    steps = [
        step
        if (definition := definitions.get(step.key)) is None
        else step.model_copy(update={name: getattr(definition, name) for name in _left_out(step)})
        for step in enrollment.steps
    ]
    return enrollment.model_copy(update={"steps": tuple(steps)})


def _left_out(step: StepInstance) -> Iterable[str]:
    return (name for name in _DEFINED if name not in step.model_fields_set)
