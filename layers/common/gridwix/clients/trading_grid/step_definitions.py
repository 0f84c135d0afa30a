"""Completes the steps of an enrollment from its program. Pure.

By the profile, a step's instance says what it is. A gateway may leave that to the program, which
defines each step once.
"""

from collections.abc import Iterable

from gridwix.models.trading_grid.onboarding import Enrollment, OnboardingProgram, StepInstance

_DEFINED = ("title", "owner", "kind", "phase", "waits_on", "required_document_types")
"""Members that an instance and a definition have in common."""


def needs_definitions(enrollment: Enrollment) -> bool:
    """True if a step does not say what it is: it lacks its title, owner or kind.

    >>> needs_definitions(Enrollment.model_construct(steps=()))
    False
    """
    return any(None in (step.title, step.owner, step.kind) for step in enrollment.steps)


def with_definitions(enrollment: Enrollment, program: OnboardingProgram) -> Enrollment:
    """The enrollment with what its steps leave out, as far as the program defines them.

    What an instance says itself stays: it is of its own version of the program.
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
