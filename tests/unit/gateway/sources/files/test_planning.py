"""Plans: exactly what differs, whatever the order of rows, and nothing that looks wrong."""

import tempfile
from collections.abc import Collection, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gridwix_gateway.sources.files.declaration import FilesDeclaration
from gridwix_gateway.sources.files.faults import FileFault
from gridwix_gateway.sources.files.planning import GuardFault
from tests.examples import examples
from tests.unit.gateway.sources.files.samples import CSV, Former, Outcome, everything, plan

STEPS: Mapping[str, Any] = {
    "source": "files",
    "kind": "snapshot",
    "format": CSV,
    "key": ["buid", "step"],
    "guards": {"refused": 1.0, "missing": 1.0},
    "columns": {
        "buid": {"heading": "BUID", "type": "text", "required": True},
        "step": {"heading": "Step", "type": "text", "required": True},
        "state": {
            "heading": "State",
            "type": "code",
            "codes": {"open": "available", "sent": "submitted", "done": "completed"},
        },
        "note": {"heading": "Note", "type": "text"},
    },
    "records": [
        {
            "collection": "enrollments",
            "id": "'enr_' + row.buid",
            "fields": {
                "partnerId": "row.buid",
                "programId": "'prg'",
                "status": "'in_progress'",
                "steps": [{"key": "row.step", "status": "row.state", "note": "row.note"}],
            },
            "gather": {"steps": "key"},
        }
    ],
}


def declare(**changes: Any) -> FilesDeclaration:
    return FilesDeclaration.model_validate({**STEPS, **changes})


def table(*rows: str) -> bytes:
    return "".join(f"{row}\n" for row in ("BUID;Step;State;Note", *rows)).encode()


def following(
    first: bytes, second: bytes, declaration: FilesDeclaration | None = None, **options: Any
) -> Outcome:
    """The plan of a second drop after a first one."""
    source = declaration or declare()
    before = plan(first, source)
    assert before.former is not None
    return plan(second, source, before.former, **options)


def test_rows_of_one_record_become_one_change() -> None:
    outcome = plan(table("GC1;tax;open;", "GC2;tax;done;", "GC1;edi;sent;hurry"), declare())

    (first, second) = outcome.changes
    assert (first.id, second.id) == ("enr_GC1", "enr_GC2")
    assert first.old is None
    assert first.new is not None
    assert [(step["key"], step["status"], step["note"]) for step in first.new["steps"]] == [
        ("tax", "available", None),
        ("edi", "submitted", "hurry"),
    ]


def test_changed_row_changes_its_record_with_all_its_rows() -> None:
    outcome = following(
        table("GC1;tax;open;", "GC1;edi;open;", "GC2;tax;open;"),
        table("GC2;tax;open;", "GC1;edi;sent;", "GC1;tax;open;"),
    )

    (change,) = outcome.changes
    assert change.id == "enr_GC1"
    assert change.old is not None
    assert change.new is not None
    assert {step["key"]: step["status"] for step in change.old["steps"]} == {
        "tax": "available",
        "edi": "available",
    }
    assert {step["key"]: step["status"] for step in change.new["steps"]} == {
        "tax": "available",
        "edi": "submitted",
    }


def test_missing_row_takes_its_element_and_the_last_one_the_record() -> None:
    outcome = following(
        table("GC1;tax;open;", "GC1;edi;open;", "GC2;tax;open;"), table("GC1;tax;open;")
    )

    kept, gone = outcome.changes
    assert kept.new is not None
    assert [step["key"] for step in kept.new["steps"]] == ["tax"]
    assert (gone.id, gone.new) == ("enr_GC2", None)


def test_additions_remove_nothing() -> None:
    outcome = following(
        table("GC1;tax;open;"), table("GC2;tax;open;", "GC1;edi;open;"), declare(kind="additions")
    )

    assert [change.id for change in outcome.changes] == ["enr_GC1", "enr_GC2"]
    first = outcome.changes[0].new
    assert first is not None
    assert sorted(step["key"] for step in first["steps"]) == ["edi", "tax"]


def test_rows_that_an_older_release_has_stored_are_older_than_every_drop() -> None:
    source = declare(kind="additions")
    before = plan(table("GC1;tax;open;", "GC2;tax;open;"), source, order="9")
    assert before.former is not None
    stored = replace(before.former, base=without_column(before.former.base, "written"))

    first = plan(table("GC1;tax;done;"), source, stored, order="1")

    assert [change.id for change in first.changes] == ["enr_GC1"]
    assert first.former is not None
    second = plan(table("GC1;tax;sent;", "GC2;tax;sent;"), source, first.former, order="0")
    assert [change.id for change in second.changes] == ["enr_GC2"]
    assert [row.line for row in second.older] == [2]


def without_column(content: bytes, name: str) -> bytes:
    """Return a Parquet file without one of its columns."""
    with tempfile.TemporaryDirectory() as folder:
        path, other = Path(folder) / "a", Path(folder) / "b"
        path.write_bytes(content)
        duckdb.sql(
            f"COPY (SELECT * EXCLUDE ({name}) FROM read_parquet('{path}')) TO '{other}'"
            " (FORMAT parquet)"
        )
        return other.read_bytes()


def test_refused_row_keeps_its_former_version() -> None:
    first = table("GC1;tax;open;", "GC1;edi;open;")

    outcome = following(first, table("GC1;tax;never;", "GC1;edi;sent;"))

    (change,) = outcome.changes
    assert outcome.faults == [(2, "State", "unknown-word")]
    assert change.new is not None
    assert {step["key"]: step["status"] for step in change.new["steps"]} == {
        "tax": "available",
        "edi": "submitted",
    }
    assert outcome.former is not None
    again = plan(table("GC1;tax;open;", "GC1;edi;sent;"), declare(), outcome.former)
    assert again.changes == ()


def test_nothing_is_removed_while_a_row_has_no_readable_key() -> None:
    outcome = following(
        table("GC1;tax;open;", "GC2;tax;open;"), table("GC1;tax;sent;", "GC2;ta;x;;y;")
    )

    assert [change.id for change in outcome.changes] == ["enr_GC1"]
    assert outcome.faults == [(3, "", "too-many-cells")]


def test_doubled_key_keeps_the_former_row() -> None:
    outcome = following(
        table("GC1;tax;open;", "GC2;tax;open;"),
        table("GC1;tax;sent;", "GC1;tax;done;", "GC2;tax;open;"),
    )

    assert outcome.changes == ()
    assert [(row.line, row.code) for row in outcome.refused] == [
        (2, "doubled-key"),
        (3, "doubled-key"),
    ]


def test_doubled_key_stops_no_other_row_of_its_record() -> None:
    outcome = following(
        table("GC1;tax;open;", "GC1;edi;open;"),
        table("GC1;tax;sent;", "GC1;tax;done;", "GC1;edi;done;"),
    )

    assert [(row.line, row.code) for row in outcome.refused] == [
        (2, "doubled-key"),
        (3, "doubled-key"),
    ]
    (change,) = outcome.changes
    assert change.new is not None
    assert {step["key"]: step["status"] for step in change.new["steps"]} == {
        "tax": "available",
        "edi": "completed",
    }


WHOLE: Mapping[str, Any] = {
    "key": ["buid", "step"],
    "records": [
        {
            "collection": "partners",
            "id": "row.buid",
            "fields": {
                "name": "row.step",
                "role": "'supplier'",
                "status": "'active'",
                "country": "row.state",
                "legalName": "row.note",
            },
        }
    ],
}


def test_two_rows_that_give_one_whole_record_are_refused_with_each_others_lines() -> None:
    outcome = plan(table("GC1;a;open;", "GC2;a;open;", "GC1;b;open;"), declare(**WHOLE))

    assert [change.id for change in outcome.changes] == ["GC2"]
    assert [(row.line, row.code, row.reason) for row in outcome.refused] == [
        (2, "doubled-record", "line 4 gives the same record (partners GC1)"),
        (4, "doubled-record", "line 2 gives the same record (partners GC1)"),
    ]


def test_new_row_that_gives_the_record_of_an_unchanged_one_is_refused() -> None:
    outcome = following(
        table("GC1;a;open;", "GC2;a;open;"),
        table("GC1;a;open;", "GC2;a;open;", "GC1;b;open;"),
        declare(**WHOLE),
    )

    assert outcome.changes == ()
    assert [(row.line, row.reason) for row in outcome.refused] == [
        (4, "line 2 gives the same record (partners GC1)")
    ]


def test_row_that_contradicts_the_kept_version_of_a_refused_row_names_no_line() -> None:
    outcome = following(
        table("GC1;a;open;", "GC2;a;open;"),
        table("GC1;a;sent;", "GC1;a;done;", "GC2;a;open;", "GC1;b;open;"),
        declare(**WHOLE),
    )

    assert outcome.changes == ()
    assert [(row.line, row.reason) for row in outcome.refused] == [
        (2, "line 3 has the same key"),
        (3, "line 2 has the same key"),
        (5, "a kept row gives the same record (partners GC1)"),
    ]


def test_row_that_refers_to_an_unknown_record_is_refused() -> None:
    def known(collection: str, identifiers: Collection[str]) -> Collection[str]:
        return identifiers if collection == "onboarding-programs" else {"GC1"} & set(identifiers)

    outcome = plan(table("GC1;tax;open;", "GC9;tax;open;"), declare(), known=known)

    assert [change.id for change in outcome.changes] == ["enr_GC1"]
    assert [(row.line, row.code, row.reason) for row in outcome.refused] == [
        (3, "unknown-record", "there is no record GC9 in partners")
    ]


def test_reference_that_did_not_change_is_not_looked_up_again() -> None:
    asked: list[str] = []

    def known(collection: str, identifiers: Collection[str]) -> Collection[str]:
        asked.extend(identifiers)
        return identifiers

    following(table("GC1;tax;open;"), table("GC1;tax;sent;"), known=known)

    assert asked == []


def test_partner_of_the_same_drop_is_a_known_record() -> None:
    both = [WHOLE["records"][0], {**STEPS["records"][0], "when": "row.state != null"}]

    outcome = plan(
        table("GC1;tax;open;"),
        declare(records=both),
        known=lambda collection, names: names if collection != "partners" else (),
    )

    assert [change.collection for change in outcome.changes] == ["partners", "enrollments"]


def guarded(first: int, second: int, **options: Any) -> Outcome:
    source = declare(guards={"missing": 0.2, "missing_rows": 2})
    rows = [f"GC{number};tax;open;" for number in range(first)]
    return following(table(*rows), table(*rows[:second]), source, **options)


def test_drop_with_too_few_rows_changes_nothing() -> None:
    with pytest.raises(GuardFault) as caught:
        guarded(100, 40)

    assert caught.value.code == "rows-missing"
    assert "60 of 100 rows are missing, and at most 20% may be" in str(caught.value)


def test_few_missing_rows_and_confirmed_ones_pass_the_guard() -> None:
    assert len(guarded(100, 80).changes) == 20
    assert len(guarded(5, 3).changes) == 2
    assert len(guarded(100, 40, accept_missing=True).changes) == 60


def test_drop_with_too_many_refused_rows_changes_nothing_and_names_them() -> None:
    source = declare(guards={"refused": 0.1, "refused_rows": 1})
    rows = [f"GC{number};tax;{'open' if number > 2 else 'odd'};" for number in range(10)]

    with pytest.raises(GuardFault) as caught:
        plan(table(*rows), source)

    assert caught.value.code == "rows-refused"
    assert [row.line for row in caught.value.refused] == [2, 3, 4]


def test_changed_mapping_maps_every_row_again() -> None:
    first, source = table("GC1;tax;open;", "GC2;tax;sent;"), declare()
    before = plan(first, source)
    assert before.former is not None
    columns = dict(STEPS["columns"])
    columns["state"] = {**columns["state"], "codes": {"open": "in_progress", "sent": "submitted"}}

    outcome = plan(first, declare(columns=columns), before.former)

    (change,) = outcome.changes
    assert change.id == "enr_GC1"
    assert change.old is not None
    assert change.new is not None
    assert change.old["steps"][0]["status"] == "available"
    assert change.new["steps"][0]["status"] == "in_progress"


def test_column_that_a_changed_mapping_adds_reads_the_old_snapshot() -> None:
    def narrow(content: bytes) -> Former | None:
        columns = {name: STEPS["columns"][name] for name in ("step", "buid", "state")}
        record = dict(STEPS["records"][0])
        record["fields"] = {
            **record["fields"],
            "steps": [{"key": "row.step", "status": "row.state"}],
        }
        source = declare(columns=columns, records=[record])
        return plan(content, source).former

    content = table("GC1;tax;open;hurry", "GC2;tax;open;")
    former = narrow(content)

    outcome = plan(content, declare(), former)

    assert {change.id for change in outcome.changes} == {"enr_GC1", "enr_GC2"}
    first = outcome.changes[0].new
    assert first is not None
    assert first["steps"] == [{"key": "tax", "note": "hurry", "status": "available"}]
    assert outcome.former is not None
    assert plan(content, declare(), outcome.former).changes == ()


ROWS = st.dictionaries(
    st.tuples(st.sampled_from("ABC"), st.sampled_from("xyz")),
    st.sampled_from(["open", "sent", "done", "odd"]),
    max_size=9,
)


@settings(max_examples=examples(5), deadline=None)
@given(ROWS.filter(bool), ROWS.filter(bool), st.randoms(use_true_random=False))
def test_two_drops_lead_where_the_second_alone_would_lead(
    first: Mapping[tuple[str, str], str], second: Mapping[tuple[str, str], str], random: Any
) -> None:
    """Changes, merged into what the first drop gave, are what the second drop says, except for
    refused rows, which stay as they were.
    """

    def drop(rows: Mapping[tuple[str, str], str]) -> bytes:
        listed = [f"{buid};{step};{state};" for (buid, step), state in rows.items()]
        random.shuffle(listed)
        return table(*listed)

    def valid(rows: Mapping[tuple[str, str], str]) -> dict[tuple[str, str], str]:
        return {key: state for key, state in rows.items() if state != "odd"}

    source = declare()
    before = plan(drop(first), source)
    after = plan(drop(second), source, before.former)

    expected = valid(second) | {
        key: state for key, state in valid(first).items() if second.get(key) == "odd"
    }
    codes = STEPS["columns"]["state"]["codes"]
    records: dict[str, Any] = {}
    for change in (*before.changes, *after.changes):
        records[change.id] = change.new
    found = {
        (name.removeprefix("enr_"), step["key"]): step["status"]
        for name, record in records.items()
        if record is not None
        for step in record["steps"]
    }
    assert found == {key: codes[state] for key, state in expected.items()}
    last = after.former or before.former
    assert plan(drop(second), source, last).changes == ()


def test_declaration_keeps_its_meaning_when_it_is_stored() -> None:
    source = declare()

    stored = source.model_dump_json(exclude_defaults=True)

    assert FilesDeclaration.model_validate_json(stored) == source


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"key": ["bui"]}, "key names a column that is not declared: bui"),
        ({"format": {"type": "json_lines"}}, "column buid: write path, not heading"),
        ({"format": {"type": "csv", "delimiter": "a"}}, "write a delimiter"),
        ({"format": {"type": "csv", "delimiter": ";", "encoding": "rot13"}}, "write an encoding"),
        ({"format": {"type": "csv", "delimiter": ";", "encoding": "x"}}, "write an encoding"),
    ],
)
def test_invalid_declaration_is_refused(changes: Mapping[str, Any], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        declare(**changes)


def test_snapshot_is_not_written_if_no_row_differs() -> None:
    content = table("GC1;tax;open;", "GC2;tax;sent;")

    outcome = following(content, content)

    assert (outcome.changes, outcome.former) == ((), None)


def test_file_with_many_contradictions_is_refused_and_not_looped_over() -> None:
    rows = [f"GC1;{number};open;" for number in range(50)]

    outcome = plan(table(*rows), declare(**WHOLE))

    assert outcome.changes == ()
    assert {row.code for row in outcome.refused} == {"doubled-record"}
    assert len(outcome.refused) == 50


def test_every_row_of_an_unreadable_kind_is_a_fault_of_the_file() -> None:
    with pytest.raises(FileFault, match="headings and no rows"):
        plan(table(), declare(), known=everything)
