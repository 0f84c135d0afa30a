"""Mappings: expressions are checked when they are compiled, and a bad row harms no other."""

import logging
from collections.abc import Mapping
from typing import Any

import pytest

from gridwix_gateway.sources.mapping import (
    CompiledMapping,
    MappedRow,
    MappingDeclaration,
    MappingFault,
    compile_mapping,
)

COLUMNS: Mapping[str, Any] = {
    "buid": {"heading": "BUID", "type": "text", "required": True},
    "name": {"heading": "Name", "type": "text"},
    "tax": {
        "heading": "Tax form",
        "type": "code",
        "codes": {"done": "completed", "open": "available"},
    },
}
PARTNER: Mapping[str, Any] = {
    "collection": "partners",
    "id": "row.buid",
    "fields": {"name": "row.name", "role": "'supplier'", "status": "'active'"},
}
ENROLLMENT: Mapping[str, Any] = {
    "collection": "enrollments",
    "id": "'enr_' + row.buid",
    "when": "row.tax != null",
    "fields": {
        "partnerId": "row.buid",
        "programId": "'prg'",
        "status": "'in_progress'",
        "steps": [{"key": "'tax_form'", "status": "row.tax", "evidence": []}],
    },
    "gather": {"steps": "key"},
}


def mapping(*records: Mapping[str, Any], columns: Mapping[str, Any] = COLUMNS) -> CompiledMapping:
    return compile_mapping(
        MappingDeclaration.model_validate({"columns": columns, "records": list(records)})
    )


def map_row(record: Mapping[str, Any], **cells: Any) -> MappedRow:
    columns = {**COLUMNS, "name": {**COLUMNS["name"], "required": False}}
    everything = {
        **PARTNER,
        "fields": {**PARTNER["fields"], "legalName": "row.tax"},
    }
    return mapping({"owner": False, **record}, everything, columns=columns).map_row(cells)


def test_row_gives_each_record_whose_condition_holds() -> None:
    compiled = mapping(PARTNER, ENROLLMENT)

    both = compiled.map_row({"buid": "GC1", "name": " Amber ", "tax": "Done"})
    one = compiled.map_row({"buid": "GC1", "name": "Amber", "tax": None})

    assert [record.collection for record in both.records] == ["partners", "enrollments"]
    assert both.records[0].fields == {"name": "Amber", "role": "supplier", "status": "active"}
    assert both.records[1].id == "enr_GC1"
    assert both.records[1].fields["steps"] == [
        {"key": "tax_form", "status": "completed", "evidence": []}
    ]
    assert both.records[1].gather == {"steps": "key"}
    assert [record.collection for record in one.records] == ["partners"]


def test_row_names_all_faults_of_its_cells() -> None:
    row = mapping(PARTNER, ENROLLMENT).map_row({"buid": " ", "tax": "never"})

    assert [(fault.column, fault.code) for fault in row.faults] == [
        ("buid", "missing"),
        ("tax", "unknown-word"),
    ]
    assert row.records == ()


@pytest.mark.parametrize(
    ("changes", "cells", "reason"),
    [
        ({"id": "row.name"}, {"name": ""}, "partners.id: there is no id"),
        ({"id": "row.name"}, {"name": "a/b"}, "'a/b' is no id"),
        ({"id": "row.name"}, {"name": "x" * 101}, "is no id"),
        ({"when": "row.name"}, {"name": "x"}, "partners.when: it is neither true nor false"),
        ({"deleted": "row.name"}, {"name": "x"}, "partners.deleted: it is neither"),
        ({}, {"name": ""}, "partners.name: there is no value, and every record needs one"),
        (
            {"fields": {"name": "row.name + 'x'"}},
            {"name": ""},
            "records.0.fields.name: a value has another type",
        ),
        (
            {"fields": {"name": "row.name.lowerAscii()"}},
            {"name": ""},
            "the function lowerAscii cannot read its argument",
        ),
        (
            {"fields": {"status": "row.name"}},
            {"name": "odd"},
            "partners.status: it is none of active, invited, onboarding, suspended, terminated",
        ),
        ({"fields": {"name": "row.name.split(',')[3]"}}, {"name": "a,b"}, "records.0.fields.name"),
        (
            {"fields": {"country": "size(row.name)"}},
            {"name": "a"},
            'partners.country: the value is not of types "null", "string"',
        ),
        (
            {"fields": {"identifiers": [{"scheme": "'gln'"}]}},
            {"name": "a"},
            'partners.identifiers.0: "value" is a required property',
        ),
        (
            {"collection": "cases", "fields": {"dueAt": "row.name"}},
            {"name": "2026-12-01"},
            'cases.dueAt: the value is not a "date-time"',
        ),
    ],
)
def test_row_is_refused_with_the_reason_of_its_record(
    changes: Mapping[str, Any], cells: Mapping[str, Any], reason: str
) -> None:
    row = map_row({**PARTNER, **changes}, buid="GC1", **cells)

    assert row.records == ()
    assert reason in row.faults[0].reason


@pytest.mark.parametrize(
    ("collection", "fields", "said"),
    [
        ("cases", {"priority": "row.name"}, "cases.priority: it is none of low, normal, high, c"),
        ("cases", {"nextStepOwner": "row.name"}, "nextStepOwner: it is none of partner, hub"),
        (
            "collaboration-requests",
            {"type": "row.name"},
            "it is none of onboarding_inquiry, support, document_request, data_change,"
            " invoice_clarification, asn_issue",
        ),
        ("service-notices", {"kind": "row.name"}, "is none of incident, maintenance, advisory"),
        ("service-notices", {"impact": "row.name"}, "it is none of none, minor, major, critical"),
        (
            "onboarding-programs",
            {"steps": [{"key": "'a'", "title": "'A'", "phase": "'own'", "kind": "'info'",
                        "waitsOn": [], "owner": "row.name"}]},
            "onboarding-programs.steps.0.owner: it is none of partner, hub, joint",
        ),
        (
            "enrollments",
            {"steps": ["row.tax == null ? null : {'key': 'a', 'status': row.tax}",
                       "{'key': 'b', 'status': row.name}"]},
            "enrollments.steps.0.status: it is none of locked, available, in_progress, submitted,"
            " changes_requested, completed, waived",
        ),
    ],
)  # fmt: skip
def test_word_that_is_none_of_the_profiles_is_refused_with_its_column_and_value(
    collection: str, fields: Mapping[str, Any], said: str
) -> None:
    row = map_row({**PARTNER, "collection": collection, "fields": fields}, buid="1", name="odd")

    (fault,) = row.faults
    assert (fault.column, fault.value) == ("name", "odd")
    assert said in fault.reason


def test_refused_word_of_several_columns_is_the_records() -> None:
    source = "row.tax == null ? row.name : 'active'"

    row = map_row({**PARTNER, "fields": {"status": source}}, buid="1", name="odd")

    assert [(fault.column, fault.value) for fault in row.faults] == [("", "odd")]


def test_refused_word_that_a_code_gave_is_named() -> None:
    columns = {**COLUMNS, "tax": {"heading": "T", "type": "code", "codes": {"Live": "activ"}}}
    record = {**PARTNER, "fields": {**PARTNER["fields"], "status": "row.tax"}}

    row = mapping(record, columns=columns).map_row({"buid": "1", "name": "A", "tax": "Live"})

    assert (row.faults[0].column, row.faults[0].value) == ("tax", "Live")
    assert row.faults[0].reason.startswith("partners.status is activ: it is none of active")


@pytest.mark.parametrize(
    ("member", "word"), [("role", "broker"), ("country", "XX"), ("statusReason", "any")]
)
def test_word_that_is_only_shown_can_be_any(member: str, word: str) -> None:
    row = map_row({**PARTNER, "fields": {member: "row.name"}}, buid="1", name=word)

    assert row.faults == ()


def test_fault_of_an_expression_names_its_only_column() -> None:
    row = map_row({**PARTNER, "fields": {"name": "row.name + 'x'"}}, buid="GC1")

    assert row.faults[0].column == "name"


def test_steps_of_one_row_have_different_keys() -> None:
    twice = {
        **ENROLLMENT,
        "fields": {**ENROLLMENT["fields"], "steps": [{"key": "'a'"}, {"key": "'a'"}]},
    }

    row = mapping(PARTNER, twice).map_row({"buid": "GC1", "name": "A", "tax": "done"})

    assert "two elements have the same key" in row.faults[0].reason


def test_null_elements_of_a_list_are_left_out() -> None:
    record = {
        **ENROLLMENT,
        "fields": {
            **ENROLLMENT["fields"],
            "steps": ["row.name == null ? null : {'key': 'a', 'status': row.tax}", {"key": "'b'"}],
        },
    }

    row = mapping(record).map_row({"buid": "GC1", "tax": "done"})

    assert row.records[0].fields["steps"] == [{"key": "b"}]


@pytest.mark.parametrize(
    ("record", "place", "said"),
    [
        ({"id": "row.bid"}, "records.0.id", "there is no column bid"),
        ({"id": "buid"}, "records.0.id", "there is no variable buid; a column is row.buid"),
        ({"id": "row.buid +"}, "records.0.id", "it is no CEL expression: at character"),
        ({"id": "upper(row.buid)"}, "records.0.id", "there is no function upper"),
        ({"collection": "partner"}, "records.0.collection", "no collection"),
        ({"fields": {"version": "1"}}, "records.0.fields.version", "writes this member itself"),
        ({"gather": {"steps": "key"}}, "records.0.gather.steps", "no list member"),
        ({"fields": {"name": "row.name"}}, "records.0.fields", "needs role, status"),
    ],
)
def test_invalid_mapping_is_refused_with_its_place(
    record: Mapping[str, Any], place: str, said: str
) -> None:
    with pytest.raises(MappingFault) as caught:
        mapping({**PARTNER, **record}, ENROLLMENT)

    fault = next(one for one in caught.value.faults if ".".join(one.place) == place)
    assert said in fault.said


def test_column_that_nothing_uses_is_a_fault() -> None:
    with pytest.raises(MappingFault, match=r"columns\.tax: no expression uses this column"):
        mapping(PARTNER)


def test_words_in_quotes_are_no_columns_and_no_functions() -> None:
    record = {**PARTNER, "fields": {**PARTNER["fields"], "legalName": "'row.x upper(y)' + row.tax"}}

    assert mapping(record).map_row({"buid": "GC1", "name": "A", "tax": "done"}).faults == ()


def test_failing_function_puts_no_value_into_the_log(
    caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)

    row = map_row(
        {**PARTNER, "fields": {"name": "row.name.substring(900)"}}, buid="GC1", name="secret"
    )

    assert row.faults
    assert "secret" not in caplog.text
    assert "secret" not in "".join(capfd.readouterr())
    assert "secret" not in row.faults[0].reason


def test_record_that_is_too_large_is_refused() -> None:
    record = {
        **PARTNER,
        "owner": False,
        "fields": {"name": "['" + "x" * 1_000 + "'].map(x, row.tags.map(t, x))"},
    }
    columns = {
        "buid": COLUMNS["buid"],
        "tags": {"heading": "Tags", "type": "list"},
    }

    row = mapping(record, columns=columns).map_row({"buid": "GC1", "tags": "a;" * 200})

    assert "more than 100,000 characters" in row.faults[0].reason
