"""From a CloudEvent to a change on the bus."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gridwix.errors import InvalidEvent
from gridwix.mapping.cloud_events import to_change
from gridwix.models.events import Change
from tests.factories import BALTIC, PRAIRIE_GOLD, cloud_event

PREFIX = "net.example.tg."


def test_to_change_of_the_sample_event_keeps_what_identifies_the_change() -> None:
    change = Change.model_validate(to_change(cloud_event(), prefix=PREFIX, via="webhook"))

    assert change.type == "compliance.status_changed"
    assert change.record == "compliance-checks/chk_asn_timing_pgf"
    assert (change.partner_id, change.version, change.sequence) == (PRAIRIE_GOLD, 7, "0000000007")
    assert (change.status.before, change.status.after) == ("failed", "passed")
    assert change.changed == ("status", "validUntil", "nextAction")


def test_to_change_of_an_event_with_a_number_as_its_sequence_has_it_as_text() -> None:
    change = to_change(cloud_event(sequence=7), prefix=PREFIX, via="webhook")

    assert Change.model_validate(change).sequence == "7"


def test_to_change_when_the_event_carries_content_leaves_it_behind() -> None:
    change = to_change(cloud_event(), prefix=PREFIX, via="webhook")

    assert "Dana Whitfield" not in json.dumps(change)
    assert "No action needed" not in json.dumps(change)


def test_record_of_a_step_event_is_its_enrollment() -> None:
    event = cloud_event(
        type="net.example.tg.step.unlocked",
        subject="enrollments/enr_01J9QK/steps/edi_testing",
        partnerid=BALTIC,
    )

    change = Change.model_validate(to_change(event, prefix=PREFIX, via="feed"))

    assert change.record == "enrollments/enr_01J9QK"


@pytest.mark.parametrize(
    ("attributes", "named"),
    [
        ({"specversion": "0.3"}, "specversion"),
        ({"id": None}, "id"),
        ({"id": ""}, "id"),
        ({"id": "x" * 201}, "id"),
        ({"id": {"$ne": ""}}, "id"),
        ({"type": 7}, "type"),
        ({"subject": "compliance-checks"}, "subject"),
        ({"subject": "compliance-checks/.."}, "subject"),
        ({"subject": "compliance-checks/./x"}, "subject"),
        ({"subject": "a/b c"}, "subject"),
        ({"subject": "cases/<script>"}, "subject"),
        ({"time": "yesterday"}, "time"),
        ({"time": "2026-03-12T14:05:31"}, "time"),
        # In UTC, these are in no year that there is.
        ({"time": "0001-01-01T00:00:00+01:00"}, "time"),
        ({"time": "9999-12-31T23:59:59-14:00"}, "time"),
        ({"type": "net.example.tg." + "a" * 129}, "type"),
        ({"companyid": None}, "companyid"),
        ({"partnerid": "a b"}, "partnerid"),
        ({"data": "text"}, "data"),
        ({"data": {"version": "7"}}, "data.version"),
        ({"data": {"version": True}}, "data.version"),
        ({"data": {"version": 0}}, "data.version"),
    ],
)
def test_to_change_of_a_malformed_event_names_the_attribute(
    attributes: dict[str, Any], named: str
) -> None:
    event = cloud_event(**attributes)

    with pytest.raises(InvalidEvent) as caught:
        to_change(event, prefix=PREFIX, via="feed")

    assert caught.value.member == named


@pytest.mark.parametrize(
    ("given", "named"),
    [
        (["status", "validUntil"], ("status", "validUntil")),
        (["title", "/status"], ()),
        (["title", 7], ()),
        ([f"member{number}" for number in range(51)], ()),
        ("status", ()),
    ],
)
def test_to_change_names_all_changed_members_or_none(given: Any, named: tuple[str, ...]) -> None:
    event = cloud_event()
    event["data"]["changed"] = given

    change = to_change(event, prefix=PREFIX, via="feed")

    assert Change.model_validate(change).changed == named


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=10), inner, max_size=4)
    ),
    max_leaves=10,
)


@given(
    json_values
    | st.fixed_dictionaries({}, optional=dict.fromkeys(cloud_event(), json_values)).map(
        lambda changes: cloud_event() | changes
    )
)
def test_to_change_of_any_json_is_a_valid_change_or_a_clear_error(event: Any) -> None:
    try:
        change = to_change(event, prefix=PREFIX, via="webhook")
    except InvalidEvent as error:
        assert error.member in {
            "specversion",
            "id",
            "type",
            "subject",
            "time",
            "companyid",
            "partnerid",
            "sequence",
            "data",
            "data.version",
        }
    else:
        assert Change.model_validate_json(json.dumps(change)).via == "webhook"
