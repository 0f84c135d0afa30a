"""The message about a record at fault names the place, and never the content."""

import pytest
from pydantic import BaseModel

from gridwix.errors import RecordFault, SourceBehind
from gridwix.mapping.record_faults import confine_to_record, readable_id
from gridwix.mapping.wix_items import item_id

SECRET = "Dana Whitfield"


class Person(BaseModel):
    name: int
    answers: dict[str, int]


def test_exception_of_a_mapping_becomes_a_fault_that_says_which_and_where_and_no_value() -> None:
    with pytest.raises(RecordFault) as caught, confine_to_record("cases/case_1", "GC1"):
        item_id(SECRET.encode())  # type: ignore[arg-type]

    fault = caught.value
    assert (fault.record, fault.owner, fault.retryable) == ("cases/case_1", "GC1", True)
    assert fault.reason.startswith("TypeError in mapping/wix_items:")
    assert fault.__suppress_context__


def test_validation_that_fails_names_the_fields_and_neither_values_nor_keys_that_are_values() -> (
    None
):
    with pytest.raises(RecordFault) as caught, confine_to_record("people/1"):
        Person.model_validate({"name": SECRET, "answers": {SECRET: "x"}})

    assert caught.value.reason == "name int_parsing, answers.? int_parsing"


def test_errors_of_our_own_and_those_that_are_let_pass_go_through() -> None:
    with pytest.raises(SourceBehind), confine_to_record("cases/case_1"):
        raise SourceBehind
    with pytest.raises(KeyError), confine_to_record("cases/case_1", passing=(KeyError,)):
        raise KeyError


@pytest.mark.parametrize("value", ["evt_01J9", "GC1:2.x-y"])
def test_id_is_repeated(value: str) -> None:
    assert readable_id(value) == value


@pytest.mark.parametrize("value", [SECRET, "", 7, None, "x" * 101])
def test_what_may_be_something_else_than_an_id_is_not_repeated(value: object) -> None:
    assert readable_id(value) == "?"
