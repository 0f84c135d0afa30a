"""``gridwix source``: what a person is shown before a file changes anything."""

import json
import shutil
import zipfile
from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import botocore.session
import pytest
import yaml
from moto import mock_aws
from openpyxl import Workbook
from openpyxl.xml.constants import SHARED_STRINGS
from typer.testing import CliRunner

from gridwix_gateway.sources.files.declaration import FilesDeclaration
from gridwix_gateway.sources.files.lookup import TableLookup
from gridwix_gateway.sources.files.s3_drops import S3Drops
from gridwix_gateway.sources.files.service import FileSource
from gridwix_gateway.sources.mapping import compile_mapping
from gridwix_gateway.store.commits import Commits
from gridwix_gateway.store.dynamodb import DynamoTable
from gridwix_gateway.store.records import Records
from ops.aws import Aws
from ops.cli import app
from ops.configuration import FOLDER
from ops.demo.tracker import HEADINGS
from ops.errors import OpsError
from ops.gateway.declarations import FOLDERS
from ops.gateway.sources.preview import load_declaration, preview_file
from ops.gateway.sources.proposal import propose_declaration
from ops.stack import Stack
from tests.fakes.gateway.tables import create_table
from tests.unit.gateway.sources.files.workbooks import Book, Sheet, number, row, text

PROGRAM = (
    "Program;Program name;Step;Title;Phase;Owner;Kind;Waits on;Documents;Due in days\n"
    "supplier-na;Suppliers;tax_form;Tax form;Compliance;Partner;Document;;w9,w8ben_e;10\n"
    "supplier-na;Suppliers;go_live;Go-live;Go-live;Hub;Approval;tax_form;;40\n"
)


def tracker(*rows: tuple[object, ...]) -> bytes:
    """A tracker as the example declares it."""
    letters = "ABCDEFGHIJKLMNOP"

    def cells(place: int, values: tuple[object, ...]) -> str:
        return row(
            place,
            *(
                text(f"{letter}{place}", value)
                if isinstance(value, str)
                else number(f"{letter}{place}", value)
                for letter, value in zip(letters, values, strict=False)
                if value != ""
            ),
        )

    data = "".join(cells(place, values) for place, values in enumerate((HEADINGS, *rows), 1))
    return Book([Sheet(data)]).content()


AMBER = (
    "GC1", "Amber Foods", "Supplier", "Onboarding", "US", 614141000418, 41234567, "31.12.2026",
    "Done", "In progress", "", "-", "Open", "Send the pilot 810", "", "",
)  # fmt: skip


def run(*arguments: str) -> tuple[int, str]:
    result = CliRunner().invoke(app, ["source", *arguments], env={"COLUMNS": "250"})
    said = str(result.exception) if isinstance(result.exception, OpsError) else ""
    return result.exit_code, result.output + said


def test_preview_shows_the_examples_records(tmp_path: Path) -> None:
    (tmp_path / "t.xlsx").write_bytes(tracker(AMBER, ("GC2", "B", "Nobody")))

    found = preview_file(tmp_path / "t.xlsx", load_declaration("partner-tracker"), 5)

    partner, enrollment = found.changes
    assert partner.new is not None
    assert enrollment.new is not None
    assert partner.new["identifiers"] == [
        {"scheme": "gln", "value": "0614141000418"},
        {"scheme": "duns", "value": "041234567"},
    ]
    assert (enrollment.id, enrollment.new["targetGoLive"]) == ("enr_GC1", "2026-12-31")
    assert [(step["key"], step["status"]) for step in enrollment.new["steps"]] == [
        ("company_profile", "completed"),
        ("tax_form", "in_progress"),
        ("edi_testing", "available"),
    ]
    assert [(one.line, one.column) for one in found.refused] == [(3, "Role"), (3, "Status")]


def test_preview_names_a_doubled_key_as_it_is_in_the_file(tmp_path: Path) -> None:
    rows = (("GC1", "A", "Supplier", "Live"), (1001, "B", "Carrier", "Live"))
    (tmp_path / "t.xlsx").write_bytes(tracker(*rows, (1001, "C", "Carrier", "Live")))

    found = preview_file(tmp_path / "t.xlsx", load_declaration("partner-tracker"), 5)

    assert [(one.line, one.column, one.value) for one in found.refused] == [
        (3, "BUID", "1001"),
        (4, "BUID", "1001"),
    ]


def test_preview_of_the_programs_joins_their_steps(tmp_path: Path) -> None:
    (tmp_path / "p.csv").write_text(PROGRAM)

    found = preview_file(tmp_path / "p.csv", load_declaration("onboarding-steps"), 5)

    (program,) = found.changes
    assert program.new is not None
    assert program.id == "prg_supplier_na"
    assert [step["waitsOn"] for step in program.new["steps"]] == [[], ["tax_form"]]


def test_preview_prints_faults_records_and_counts(tmp_path: Path) -> None:
    path = tmp_path / "t.xlsx"
    path.write_bytes(tracker(AMBER, ("GC2", "B", "Nobody")))

    code, output = run("preview", str(path), "--source", "partner-tracker", "--rows", "1")

    assert code == 0
    assert "it is none of Supplier, Carrier" in output
    assert 'add partners/GC1 {"partnerCompanyId": "GC1", "name": "Amber Foods"' in output
    assert "2 rows: 2 new or changed, 0 missing, 1 refused; records: 2 to add" in output


@pytest.mark.parametrize(
    ("content", "name", "said"),
    [
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 x", "partner-tracker", "Excel 97 to 2003"),
        (b"x", "nobody", "there is no source nobody: choose one of onboarding-steps"),
        (None, "partner-tracker", "there is no file"),
    ],
)
def test_preview_names_the_reason_if_nothing_would_change(
    tmp_path: Path, content: bytes | None, name: str, said: str
) -> None:
    path = tmp_path / "t.xlsx"
    if content is not None:
        path.write_bytes(content)

    code, output = run("preview", str(path), "--source", name)

    assert code == 1
    assert said in output


def test_invalid_declaration_is_reported_with_its_line(tmp_path: Path) -> None:
    shutil.copytree(FOLDER / "gateway", tmp_path / "gateway")
    path = tmp_path / "gateway/sources/partner-tracker.yaml"
    path.write_text(path.read_text().replace("type: gln", "type: glm"))

    with pytest.raises(OpsError, match=r"partner-tracker\.yaml:\d+: columns\.gln"):
        load_declaration("partner-tracker", tmp_path)


CSV = (
    "Nr;Vendor;GLN;Start;State\n"
    "1;Ämber;614141000418;31.12.2026;Live\n2;B;614141000418;01.02.2026;Live\n"
    "3;C;614141000418;01.02.2026;Live\n"
)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "windows-1252", "utf-16"])
def test_proposal_is_valid_and_marks_its_guesses(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(CSV.encode(encoding))

    proposed = propose_declaration(path)

    declaration = FilesDeclaration.model_validate(yaml.safe_load(proposed))
    compile_mapping(declaration)
    assert preview_file(path, declaration, 1).counts.created == 3
    assert 'gln: {heading: "GLN", type: gln}  # guess' in proposed
    assert 'type: date, format: "%d.%m.%Y"' in proposed
    assert 'type: code, codes: {"Live": "live"}' in proposed


def test_proposal_of_a_workbook_finds_its_headings(tmp_path: Path) -> None:
    path = tmp_path / "t.xlsx"
    path.write_bytes(tracker(AMBER))

    proposed = yaml.safe_load(propose_declaration(path))

    assert proposed["format"] == {"type": "excel"}
    assert list(proposed["columns"]) == ["buid", "partner"]


def workbook(path: Path, *sheets: Sequence[Sequence[object]]) -> Path:
    """A workbook as openpyxl writes it."""
    book = Workbook()
    book.remove(book.active)
    for rows in sheets:
        sheet = book.create_sheet()
        for cells in rows:
            sheet.append(cells)
    book.save(path)
    return path


def test_proposal_passes_over_titles_totals_and_other_sheets(tmp_path: Path) -> None:
    suppliers: list[list[object]] = [
        ["EDI onboarding"],
        ["as of", "28.11.2026"],
        ["Supplier name", "Vendor no.", "Go live", "Start", "Größe"],
        ["Amber Foods, Inc.", 10023, date(2026, 12, 11), date(2026, 1, 2), "a"],
        ["Baltic, Ltd.", "00417", "24.12.2026", date(2026, 1, 3), "b"],
        ["Amber Foods, Inc.", 99, None, None, None],
        ["Total:", 3, "late: 1"],
    ]
    path = workbook(tmp_path / "t.xlsx", [["Legend", "Meaning"], ["x", "y"]], suppliers)

    proposed = propose_declaration(path)

    declaration = yaml.safe_load(proposed)
    compile_mapping(FilesDeclaration.model_validate(declaration))
    assert (declaration["key"], declaration["end"]) == (["vendor_no"], ["Total:"])
    assert declaration["records"][0]["id"] == "row.vendor_no"
    assert declaration["records"][0]["fields"]["name"] == "row.supplier_name"
    assert '# go_live: {heading: "Go live", type: date, format: "%d.%m.%Y"}' in proposed
    assert '# start: {heading: "Start", type: date}' in proposed
    assert '# groe: {heading: "Größe"' in proposed
    found = preview_file(path, FilesDeclaration.model_validate(declaration), 5)
    assert [change.id for change in found.changes] == ["00417", "10023", "99"]


def test_proposal_prefers_a_buid_and_says_which_other_format_fits(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text(
        "Report of today, all regions\n"
        "No,Vendor,BUID,Start\n1,A,GC1,11/12/2026\n2,B,GC2,01/02/2026\n"
    )

    proposed = propose_declaration(path)

    assert yaml.safe_load(proposed)["key"] == ["buid"]
    assert 'type: date, format: "%d/%m/%Y"}  # guess, or %m/%d/%Y' in proposed


@pytest.mark.parametrize("heading", ["No", "Yes", "On", "off", "NULL", "№", "in", "Y", "true"])
def test_heading_that_yaml_or_cel_reads_as_another_value_gets_another_name(
    tmp_path: Path, heading: str
) -> None:
    path = tmp_path / "a.csv"
    path.write_text(f"{heading},Vendor\n1,Amber\n2,Baltic\n")

    declaration = FilesDeclaration.model_validate(yaml.safe_load(propose_declaration(path)))

    assert declaration.key[0].startswith("c_")
    assert preview_file(path, declaration, 1).counts.created == 2


def test_heading_with_signs_that_are_not_printable_is_found_again(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text('"\t\n\v\f Vendor \n no. ",Na"me\x01\\,City\n1,Amber,A\n2,Baltic,B\n')

    declaration = FilesDeclaration.model_validate(yaml.safe_load(propose_declaration(path)))

    assert declaration.columns["vendor_no"].headings == ("Vendor no.",)
    assert declaration.key == ("vendor_no",)


def test_proposal_passes_over_headings_that_stand_twice(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("No.,Vendor,no.,Code,Vendor,City\n1,A,1,x1,A,C\n2,B,2,x2,B,D\n")

    proposed = propose_declaration(path)

    declaration = FilesDeclaration.model_validate(yaml.safe_load(proposed))
    assert (declaration.key, set(declaration.columns)) == (("code",), {"code", "city"})
    assert proposed.count("this heading stands twice, so rename one") == 4
    assert preview_file(path, declaration, 1).counts.created == 2


def test_proposal_names_the_sheet_if_another_has_such_headings(tmp_path: Path) -> None:
    table: list[list[object]] = [["Name", "Number"], ["Amber", 1], ["Baltic", 2], ["Cedar", 3]]
    path = workbook(tmp_path / "t.xlsx", table[:2], table)

    proposed = propose_declaration(path)

    assert 'format: {type: excel, sheet: "Sheet1"}' in proposed
    declaration = FilesDeclaration.model_validate(yaml.safe_load(proposed))
    assert preview_file(path, declaration, 1).counts.created == 3


def test_proposal_says_that_no_column_identifies_a_row(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("State,Vendor,City\nNE,Amber Foods,A\nNE,Baltic,B\nNE,Baltic,C\n")

    proposed = propose_declaration(path)

    assert "key: [city]  # guess: the columns that identify a row" in proposed
    path.write_text("State,Vendor\nNE,Amber Foods\nNE,Baltic\nNE,Baltic\n")
    proposed = propose_declaration(path)
    assert "key: [vendor]  # guess: no column has another value in each row, so" in proposed
    assert "its values are no ids: slug(row.vendor), or a number" in proposed


def test_title_of_several_cells_is_no_heading(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    rows = ["Export,of,2026,,,,,", "a,b,c,d,e,f,g,h"]
    path.write_text("\n".join([*rows, *(f"{row},2,3,4,5,6,7,8" for row in range(9))]) + "\n")

    assert yaml.safe_load(propose_declaration(path))["key"] == ["a"]


def test_workbook_that_lacks_a_part_is_named_as_the_reader_names_it(tmp_path: Path) -> None:
    path = workbook(tmp_path / "t.xlsx", [["Name", "Number"], ["Amber", 1]])
    broken = tmp_path / "b.xlsx"
    with zipfile.ZipFile(path) as whole, zipfile.ZipFile(broken, "w") as part:
        for name in whole.namelist():
            # As a tool does that unpacks workbooks of LibreOffice Calc and packs them again.
            strings = b'<Override PartName="/xl/sharedStrings.xml" ContentType="%s"/></Types>'
            content = whole.read(name).replace(b"</Types>", strings % SHARED_STRINGS.encode())
            part.writestr(name, content)

    with pytest.raises(OpsError, match=r"cannot be read \(KeyError\): open it in Excel and save"):
        propose_declaration(broken)


def test_proposal_of_json_lines_has_paths(tmp_path: Path) -> None:
    path = tmp_path / "cases.jsonl"
    path.write_text(
        '{"id": "C-1", "partner": {"name": "A"}, "urgent": true, "tags": ["x"],'
        ' "opened": "2026-11-01T10:00:00Z", "note": null}\n'
        '{"id": "C-2", "partner": {"name": "B"}, "urgent": false}\n'
    )

    proposed = propose_declaration(path)

    declaration = FilesDeclaration.model_validate(yaml.safe_load(proposed))
    assert preview_file(path, declaration, 1).counts.created == 2
    assert declaration.key == ("id",)
    assert 'partner_name: {path: "partner.name", type: text}' in proposed
    assert '# urgent: {path: "urgent", type: boolean}' in proposed
    assert '# tags: {path: "tags", type: json}' in proposed
    assert 'type: timestamp, format: "%Y-%m-%dT%H:%M:%S%z"' in proposed


@pytest.mark.parametrize("name", ["partners", "partners.csv", "partners.xls", "partners.dat"])
def test_proposal_of_a_workbook_with_another_ending_is_the_same(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_bytes(tracker(AMBER))

    proposed = yaml.safe_load(propose_declaration(path))

    assert (proposed["format"], proposed["key"]) == ({"type": "excel"}, ["buid"])


@pytest.mark.parametrize("indent", [1, 2, None])
def test_proposal_of_json_that_is_no_json_lines_says_what_to_do(
    tmp_path: Path, indent: int | None
) -> None:
    items = [{"id": f"GC{n}", "name": f"Cedar, Mills {n}", "version": n} for n in range(3)]
    path = tmp_path / "partners.json"
    for document in (items, {"items": items}) if indent else (items,):
        path.write_text(json.dumps(document, indent=indent))

        with pytest.raises(OpsError, match="one object per line"):
            propose_declaration(path)

    path.write_bytes(b'\xef\xbb\xbf{\n  "items": [\n    {"id": "GC1", "name": "Cedar"},\n')
    with pytest.raises(OpsError, match="one object per line"):
        propose_declaration(path)


@pytest.mark.parametrize("content", [b"", b"%PDF-1.7", b"one\ntwo\n", b"PK\x03\x04 no archive"])
def test_proposal_without_a_table_says_so(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a").write_bytes(content)

    with pytest.raises(OpsError):
        propose_declaration(tmp_path / "a")


@pytest.fixture
def stack(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "test")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    with mock_aws():
        session = botocore.session.get_session()
        s3: Any = session.create_client("s3")
        s3.create_bucket(Bucket="files")
        dynamodb = session.create_client("dynamodb")
        create_table(dynamodb, "table")

        outputs = {"TableName": "table", "FileBucketName": "files", "CommunityUrl": "url"}
        clients: Any = type("Clients", (), {"s3": s3, "dynamodb": dynamodb})
        found = Stack("gateway", outputs, clients)
        monkeypatch.setattr("ops.stack.Stack.read", lambda *_: found)
        yield s3


def test_plan_shows_what_would_change_and_writes_nothing(stack: Any, tmp_path: Path) -> None:
    (tmp_path / "p.csv").write_text(PROGRAM)

    code, output = run(
        "plan", str(tmp_path / "p.csv"), "--source", "onboarding-steps", "--stack", "gateway"
    )

    assert code == 0, output
    assert "add onboarding-programs/prg_supplier_na" in output
    assert "1 to add" in output
    assert stack.list_objects_v2(Bucket="files")["KeyCount"] == 0


def test_plan_of_the_applied_file_finds_no_changed_row(stack: Any, tmp_path: Path) -> None:
    (tmp_path / "p.csv").write_text(PROGRAM)
    arguments = (str(tmp_path / "p.csv"), "--source", "onboarding-steps", "--stack", "gateway")
    run("apply", *arguments, "--yes")
    apply_drops("onboarding-steps")

    code, output = run("plan", *arguments)

    assert code == 0, output
    assert "2 rows: 0 new or changed, 0 missing, 0 refused; records: 0 to add" in output


def apply_drops(name: str) -> None:
    """Do what the gateway's function does, with the declaration that is packed into its layer."""
    found: Any = Stack.read("gateway", Aws())
    table = DynamoTable(found.aws.dynamodb, "table")
    drops = S3Drops(found.aws.s3, "files")
    source = FileSource(
        name,
        FilesDeclaration.model_validate(json.loads(FOLDERS[0].output.read_text())[name]),
        drops=drops,
        commits=Commits(table, "HUB", "t."),
        records=TableLookup(Records(table)),
    )
    for drop in drops.list_drops(name):
        assert source.process_drop(drop).status == "applied"


def test_plan_names_rows_that_refer_to_nothing(stack: Any, tmp_path: Path) -> None:
    (tmp_path / "t.xlsx").write_bytes(tracker(AMBER))

    code, output = run(
        "plan", str(tmp_path / "t.xlsx"), "--source", "partner-tracker", "--stack", "gateway"
    )

    assert code == 0, output
    assert "there is no record prg_supplier_na in onboarding-programs" in output
    assert "0 to add" in output


def test_apply_drops_the_file_with_the_confirmation(stack: Any, tmp_path: Path) -> None:
    (tmp_path / "p.csv").write_text(PROGRAM)
    arguments = ("--source", "onboarding-steps", "--stack", "gateway", "--accept-missing")

    code, output = run("apply", str(tmp_path / "p.csv"), *arguments, "--yes")

    assert code == 0, output
    head = stack.head_object(Bucket="files", Key="drops/onboarding-steps/p.csv")
    assert head["Metadata"] == {"accept-missing": "true"}


def test_apply_without_a_terminal_and_without_yes_drops_nothing(stack: Any, tmp_path: Path) -> None:
    (tmp_path / "p.csv").write_text(PROGRAM)

    code, _ = run(
        "apply", str(tmp_path / "p.csv"), "--source", "onboarding-steps", "--stack", "gateway"
    )

    assert code == 2
    assert stack.list_objects_v2(Bucket="files")["KeyCount"] == 0
