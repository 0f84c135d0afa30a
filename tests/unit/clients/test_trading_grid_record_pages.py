"""Pages of lists are read as records at once, and mean the same as read one record at a time."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel

from gridwix.clients.json_values import parse_json
from gridwix.clients.trading_grid.record_pages import parse_page, read_record
from gridwix.errors import RecordFault
from gridwix.models.trading_grid.documents import Approval, ApprovalSubject, DocumentVersion
from gridwix.models.trading_grid.entities import Payload
from tests.factories import (
    NOW,
    case,
    check,
    comment,
    document,
    enrollment,
    notice,
    partner,
    program,
    request,
)

RECORDS: list[Payload] = [
    partner(
        transactionTypes=[
            {"code": "850", "standard": "x12", "direction": "inbound", "state": "live"}
        ]
    ),
    enrollment(),
    check(),
    case(),
    comment(),
    notice(),
    program(),
    request(),
    document(),
    DocumentVersion(
        number=1,
        file_name="Guide.pdf",
        media_type="application/pdf",
        size_bytes=3,
        sha256="0" * 64,
        source="trading_grid",
        status="approved",
        scan="clean",
    ),
    Approval(
        id="apr_1",
        version=1,
        updated_at=NOW,
        kind="document_version",
        subject=ApprovalSubject(type="document", id="doc_1"),
        status="pending",
    ),
]

VALUES = [
    "null",
    "true",
    "3",
    "3.0",
    "3.5",
    "-1",
    "1e400",
    "1" + "0" * 25,
    "1" * 5000,
    "NaN",
    "-Infinity",
    '""',
    '"3"',
    '"x"',
    '"NaN"',
    r'"\ud800"',
    r'"\u00fc\u0000"',
    '"2026-03-01"',
    '"2026-03-01T09:00:00Z"',
    '"2026-03-01T09:00:00.123456789+05:30"',
    '"0001-01-01T00:00:00Z"',
    '"2026-03-01T09:00:00"',
    "1767225600",
    "[]",
    "[null]",
    '["x"]',
    "[" * 300 + "]" * 300,
    "{}",
    '{"id": "x"}',
    '{"all": true, "roles": null}',
]


def records(model: type[Payload], document: Any) -> Any:
    """What the client makes of a page: its records, and the reason of each that is malformed."""
    if not isinstance(document, dict) or not isinstance(document.get("items"), list):
        return document
    found = [read_record(model, "records", item) for item in document["items"]]
    return (
        [(one.record, one.reason) if isinstance(one, RecordFault) else one for one in found],
        document.get("nextCursor"),
    )


def encode(item: dict[str, Any], members: list[tuple[str, str]]) -> str:
    """The JSON of an item, with further members after its own: the last of one name counts."""
    texts = [(name, json.dumps(value)) for name, value in item.items()] + members
    return "{" + ",".join(f"{json.dumps(name)}:{text}" for name, text in texts) + "}"


@given(st.data())
def test_page_means_the_same_as_its_records_one_by_one(data: st.DataObject) -> None:
    sound = data.draw(st.sampled_from(RECORDS))
    model = type(sound)
    item = sound.model_dump(mode="json", by_alias=True)
    names = st.sampled_from([*item, "unknown"])
    odd = data.draw(st.lists(st.tuples(names, st.sampled_from(VALUES)), max_size=3))
    left_out = data.draw(st.sets(st.sampled_from([*item]), max_size=1))
    kept = {name: value for name, value in item.items() if name not in left_out}
    cursor = data.draw(st.sampled_from(['"c1"', "null", "7"]))
    start, end = data.draw(st.sampled_from([("", ""), ("\ufeff", ""), (" ", "\n"), ("", "}")]))
    page = f'{{"items":[{encode(item, [])},{encode(kept, odd)}],"nextCursor":{cursor}}}'
    body = f"{start}{page}{end}".encode()

    found = records(model, parse_page(model, body))

    assert repr(found) == repr(records(model, parse_json(body)))


@pytest.mark.parametrize("record", RECORDS, ids=lambda one: type(one).__name__)
def test_page_of_readable_records_is_read_at_once(record: Payload) -> None:
    body = json.dumps({"items": [record.model_dump(mode="json", by_alias=True)], "asOf": "now"})

    assert parse_page(type(record), body.encode()) == {"items": [record], "asOf": "now"}


def payload_models(base: type[BaseModel] = Payload) -> list[type[BaseModel]]:
    return [model for one in base.__subclasses__() for model in (one, *payload_models(one))]


def test_member_that_may_be_none_is_none_if_it_is_left_out() -> None:
    """So a null that JSON mode takes as None means what it means to ``model_validate``."""
    nullable = [
        (model.__name__, name, field)
        for model in payload_models()
        for name, field in model.model_fields.items()
        if type(None) in getattr(field.annotation, "__args__", ())
    ]

    assert len(nullable) > 50
    assert {(model, name) for model, name, field in nullable if field.default is not None} == set()
