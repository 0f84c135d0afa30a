"""``config/gateway/``: what can be wrong, and what is said then: file, line and fix."""

import json
import shutil
from pathlib import Path

import pytest

from ops.configuration import FOLDER
from ops.gateway.declarations import FOLDERS, SOURCES, compile_declarations, written_place
from ops.yaml_files import read_yaml


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the project's own declarations."""
    shutil.copytree(FOLDER / "gateway", tmp_path / "config/gateway")
    return tmp_path / "config"


def test_layer_holds_what_the_files_say() -> None:
    compiled, faults = compile_declarations(FOLDER)

    assert faults == []
    assert {path: path.read_text() for path in compiled} == compiled, "run: make config"


def test_every_declared_source_compiles_from_the_layers_file() -> None:
    declarations = json.loads(FOLDERS[0].output.read_text())

    assert {"partner-tracker", "onboarding-steps", "partner-documents"} <= declarations.keys()
    for value in declarations.values():
        kind = SOURCES[value["source"]]
        assert list(kind.check(kind.model.model_validate(value))) == []


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (
            "source: files",
            "source: file",
            "source is none of directory, documents, files, rest: write one (did you mean files?)",
        ),
        ("kind: snapshot", "kind: snapshots", "kind: input should be 'snapshot' or 'additions'"),
        ("key: [buid]", "key: [bui]", "key names a column that is not declared: bui"),
        ("key: [buid]", "", "key: field required: add it"),
        ("type: gln,", "type: glm,", "found using 'type' does not match any of the expected tags"),
        ("max_length: 60", "max_length: 0", "columns.buid.max_length: input should be greater"),
        ("max_length: 60", "max_len: 60", "columns.buid.max_len: extra inputs"),
        ("id: row.buid", "id: row.bid", "records.0.id: there is no column bid: declare it"),
        ("role: row.role", "role: row.role +", "records.0.fields.role: it is no CEL expression"),
        ("role: row.role", "role: role", "there is no variable role; a column is row.role"),
        ("  - collection: partners", "  - collection: partner", "partner is no collection"),
        ("      name: row.name\n", "", "records.0.fields: every record of partners needs name"),
        ("gather: {steps: key}", "gather: {step: key}", "records.1.gather.step: it is no list"),
        ('"%d.%m.%Y"', "DD.MM.YYYY", "columns.go_live.format: write a format such"),
        ("{type: excel}", "{type: excel, sheet: ''}", "format.sheet: string should have at least"),
    ],
)
def test_fault_names_file_line_and_fix(folder: Path, old: str, new: str, said: str) -> None:
    path = folder / "gateway/sources/partner-tracker.yaml"
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))
    line = text[: text.index(old)].count("\n") + 1

    _, faults = compile_declarations(folder)

    assert any(said in fault for fault in faults), faults
    assert all(fault.startswith(f"{path}:") for fault in faults)
    found = next(fault for fault in faults if said in fault)
    if new and "needs" not in said and "not declared" not in said:
        assert found.startswith(f"{path}:{line + new.startswith(chr(10))}: "), (line, found)


@pytest.mark.parametrize(
    ("old", "new", "said", "at"),
    [
        ("(?P<kind>[^/]+)", "(?P<kind>[^/]+", "pattern: it is no regular expression", "pattern:"),
        ("(?P<kind>", "(?P<path>", "pattern: path is given, so no part can have", "pattern:"),
        ("(?P<title>", "(?P<title>(?P<more>x?)", "pattern: no expression uses the", "pattern:"),
        ("  tags: [", "  tag: [", "document.tag: documents have no member tag", "  tag: ["),
        ("  title: row.title", "  title: row.tilte", "document.title: the pattern has", "tilte"),
        ("  category: row.kind\n", "", "document: every record of documents needs", "document:"),
        ("  kind:\n", "  kinds:\n", "columns.kinds: the pattern has no such part", "kinds:"),
        ("type: code", "type: codes", "columns.kind: input tag 'codes'", "kind:"),
        ("    type: code", "    path: x\n    type: code", "remove path and heading", ""),
        ("types: [pdf,", "types: [pdf, exe,", "types: exe is no type that is taken", "types:"),
        ("shared: true\n", "", "document: it does not say whose documents", "document:"),
        ("document:\n", "document:\n  partnerId: row.kind\n", "a partner's and everybody's", ""),
        ("source: documents", "source: document", "did you mean documents?", "source:"),
    ],
)
def test_fault_of_a_source_of_documents_names_file_line_and_fix(
    folder: Path, old: str, new: str, said: str, at: str
) -> None:
    path = folder / "gateway/sources/examples/guides.yaml"
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))

    _, faults = compile_declarations(folder)

    found = next(fault for fault in faults if said in fault)
    place, _, fix = found.rpartition(": ")
    assert fix
    if at:
        number = place.removeprefix(f"{path}:").partition(":")[0]
        assert at in path.read_text().splitlines()[int(number) - 1]


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("tracker.yml", "source: files", "named with small letters"),
        ("Tracker.yaml", "source: files", "named with small letters"),
        ("a.yaml", "source: files\nsource: rest", "source is duplicated, first in line 1"),
        ("a.yaml", "- source", "source is none of directory, documents, files, rest"),
        ("a.yaml", "", "the file is empty"),
    ],
)
def test_file_that_is_no_declaration_is_a_fault(
    folder: Path, name: str, content: str, said: str
) -> None:
    (folder / "gateway/sources" / name).write_text(content)

    _, faults = compile_declarations(folder)

    assert len(faults) == 1
    assert said in faults[0]


def test_examples_are_checked_and_not_compiled(folder: Path) -> None:
    path = folder / "gateway/sources/examples/a.yaml"
    path.write_text("source: nonsense")

    compiled, faults = compile_declarations(folder)

    assert len(faults) == 1
    assert faults[0].startswith(f"{path}:1: source is none of directory, documents, files, rest")
    assert all("servicenow-cases" not in text for text in compiled.values())


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("key: sys_id\n", "key: updated\n", "key: updated is no column of type text that is"),
        (
            "column: updated",
            "column: number",
            "since.column: number is no column of type timestamp",
        ),
        ("size: 200}", "size: 0}", "paging.size: input should be greater"),
        ("type: link,", "type: lnk,", "write one of these (did you mean link?)"),
        ("client: body", "client: bdy", "authentication.client: input should be"),
        ("secret: servicenow", "secret: Service Now", "authentication.secret: string should match"),
        ("url: https://", "url: http://", "url: write a URL that begins with https"),
        ("{since}", "{sinc}", "since: value must contain {since} once"),
        ("rows: result", "row: result", "row: extra inputs are not permitted"),
        ("every_minutes: 2", "every_minute: 2", "its spelling (did you mean every_minutes?)"),
        ("      dueAt: row.due", "      dueat: row.due", "cases have no member dueat: write dueAt"),
        (
            "closedAt: row.closed",
            "xyz: row.closed",
            "cases have no member xyz: write one of assignee",
        ),
        ("limit: sysparm_limit", "limit: sysparm_query", "parameter sysparm_query is set twice"),
        ("path: number.value", "heading: Number", "columns.number: it has no path: write"),
        ("      subject: row.subject", "      subject: row.subjct", "there is no column subjct"),
        ("overlap_minutes: 5", "overlap_minutes: -1", "since.overlap_minutes: input should be"),
    ],
)
def test_fault_of_a_rest_source_names_file_line_and_fix(
    folder: Path, old: str, new: str, said: str
) -> None:
    path = folder / "gateway/sources/examples/servicenow-cases.yaml"
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))
    line = text[: text.index(old)].count("\n") + 1

    _, faults = compile_declarations(folder)

    found = [fault for fault in faults if said in fault]
    assert found, faults
    named = int(found[0].removeprefix(f"{path}:").partition(":")[0])
    # Faults of `since` as a whole are at its own line.
    assert named == line or (said.startswith("since:") and text.splitlines()[named - 1] == "since:")


def test_place_of_a_fault_has_no_alternatives_of_unions() -> None:
    node = read_yaml(b"columns:\n  gln: {type: gln, heading: [A]}").node

    assert written_place(node, ["columns", "gln", "gln", "heading", "0"]) == [
        "columns",
        "gln",
        "heading",
        "0",
    ]
    assert written_place(node, ["columns", "gln", "text", "size"]) == ["columns", "gln", "size"]
