"""Checks forms: fields that the portal's code needs, and questions that cannot be answered."""

from collections.abc import Iterator, Mapping

from gridwix.configuration.everything import Configuration
from gridwix.configuration.forms import FILE_KINDS, FormAction, FormDefinition
from ops.checks.remark import Members, Remark, warning

PORTAL_FORMS: Mapping[str, tuple[FormAction, frozenset[str]]] = {
    "issue-comment": ("case_comment", frozenset({"case_id", "comment"})),
    "issue-resolution": ("case_resolution", frozenset({"case_id", "accepted", "comment"})),
    "onboarding-step": ("step_submission", frozenset({"enrollment_id", "step_key"})),
    "request-answer": ("request_comment", frozenset({"request_id", "comment"})),
    "document-version": ("document_version", frozenset({"document_id", "file", "base_version"})),
}
"""Forms that ``portal/backend`` sends by key, with their action and the targets that it fills."""

STEP_TARGETS = PORTAL_FORMS["onboarding-step"][1]


def check_forms(configuration: Configuration) -> Iterator[Remark]:
    """Yield a remark for each fault of the forms in ``config/forms/``."""
    for key in sorted(PORTAL_FORMS.keys() - configuration.forms.keys()):
        yield warning(
            ("forms", key),
            "the portal's page sends this form",
            "add it, unless nobody uses that page",
        )
    for key, form in configuration.forms.items():
        members = ("forms", key)
        yield from _check_targets(key, form, members)
        yield from _check_meanings(form, members)
        yield from _check_choices(form, members)
        if (
            form.action == "request"
            and not form.wix_forms
            and any(field.kind in FILE_KINDS and field.required for field in form.fields)
        ):
            said = "a form with a required file needs a Wix form, and none is named"
            yield warning(
                (*members, "fields"), said, "name it under wix_forms, or make the files optional"
            )


def _check_targets(key: str, form: FormDefinition, members: Members) -> Iterator[Remark]:
    action, needed = PORTAL_FORMS.get(
        key, (form.action, STEP_TARGETS if form.action == "step_submission" else frozenset())
    )
    if form.action != action:
        yield Remark(
            (*members, "action"),
            f"the portal's page sends this form as {action}",
            f"write action: {action}",
        )
        return
    for target in sorted(needed - {field.target for field in form.fields}):
        yield Remark(
            (*members, "fields"),
            f"the portal's page sends {target}, and no field has this target",
            f"add a field with target: {target}",
        )


def _check_meanings(form: FormDefinition, members: Members) -> Iterator[Remark]:
    seen: dict[str, str] = {}
    for number, field in enumerate(form.fields):
        at = (*members, "fields", str(number))
        if field.meaning == "honeypot":
            if field.required:
                yield Remark(
                    (*at, "required"),
                    "people do not see a honeypot, so all of their submissions would be refused",
                    "remove required",
                )
        elif field.meaning is not None:
            if field.meaning in seen:
                yield Remark(
                    (*at, "is"),
                    f"{seen[field.meaning]} says the {field.meaning} already,"
                    " so this field would be ignored",
                    "remove one of the two",
                )
            seen.setdefault(field.meaning, field.name)


def _check_choices(form: FormDefinition, members: Members) -> Iterator[Remark]:
    for number, field in enumerate(form.fields):
        for place, choice in enumerate(field.choices):
            at = (*members, "fields", str(number), "choices", str(place))
            if not choice or choice != choice.strip():
                yield Remark(
                    at,
                    "answers are trimmed, so this choice never matches",
                    "remove the spaces around it",
                )
            elif len(choice) > field.max_length:
                yield Remark(
                    at,
                    f"an answer of more than {field.max_length} characters is refused",
                    "shorten it, or raise max_length",
                )
