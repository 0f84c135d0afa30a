"""Validation by the profile's OpenAPI file, and the gateway's copy of it."""

import pytest

from gridwix_gateway.problems import FieldError, Problem
from gridwix_gateway.profile.schemas import MAX_ERRORS, validate_body
from ops.schemas import PACKAGED_PROFILE, packaged_profile


def errors(schema: str, body: object) -> tuple[FieldError, ...]:
    with pytest.raises(Problem) as refused:
        validate_body(schema, body)
    assert refused.value.code == "validation"
    return refused.value.errors


def test_copy_of_the_profile_is_the_profile() -> None:
    assert PACKAGED_PROFILE.read_text() == packaged_profile(), "run make schemas"


def test_valid_body_passes() -> None:
    validate_body("NewCase", {"partnerId": "p1", "subject": "Label", "category": "other"})


def test_each_error_names_its_place_and_no_value() -> None:
    body = {"partnerId": 4711, "subject": "", "category": "secret", "dueAt": "tomorrow"}

    found = errors("NewCase", body)

    assert {(error.pointer, error.code) for error in found} == {
        ("/partnerId", "type"),
        ("/subject", "minLength"),
        ("/category", "enum"),
        ("/dueAt", "format"),
        ("/dueAt", "pattern"),
    }
    said = " ".join(error.detail for error in found)
    assert not any(value in said for value in ("4711", "secret", "tomorrow"))


def test_place_is_a_json_pointer() -> None:
    body = {"to": "submitted", "evidence": [{"kind": "form", "id": "f1"}]}

    assert errors("Transition", body)[0].pointer == "/evidence/0/kind"


def test_many_errors_are_cut_off() -> None:
    body = {"partnerId": "p", "subject": "s", "category": "other", "transactionRefs": [7] * 90}

    assert len(errors("NewCase", body)) == MAX_ERRORS
