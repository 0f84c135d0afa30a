"""Declarations of targets: the shipped examples, and what ``make config`` says of faults."""

import json
import shutil
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from gridwix_gateway.documents import Document
from gridwix_gateway.targets.declarations import (
    CONTENT_VARIABLES,
    CONTEXT_VARIABLES,
    MailTarget,
    RestTarget,
)
from gridwix_gateway.targets.declared import FILE, read_targets
from gridwix_gateway.targets.templates import Template, TemplateValue
from ops import configuration
from ops.gateway import declarations
from ops.gateway.declarations import compile_declarations
from tests.fakes.gateway.targets import read_example

FOLDER = configuration.FOLDER / "gateway" / "targets"
EXAMPLE = FOLDER / "examples" / "servicenow.yaml"

PARTNER: Document = {"id": "p1", "name": "Acme"}
RECORDS: dict[str, Document] = {
    "request": {
        "id": "req_1",
        "number": "CR-1",
        "type": "support",
        "formKey": "partner-question",
        "sourceSubmissionId": "sub-1",
        "answers": {"question": "Where?", "order": "4500"},
    },
    "comment": {"id": "req_1", "number": "CR-1"},
    "resolution": {"id": "case_1", "number": "TG-1", "subject": "Rejected 856"},
    "submission": {"id": "enr_1"},
    "document": {"id": "doc_1", "title": "Tax form"},
}


def variables_of(kind: str) -> Document:
    return {
        "event": {"id": "evt_1"},
        "record": RECORDS[kind],
        "partner": PARTNER,
        "reference": "abc",
        "delivery": {"id": "evt_1-2026", "kind": kind},
        "comment": {"body": "Hello", "author": {"kind": "partner", "name": "Ann"}},
        "step": {"key": "tax", "title": "Tax form", "evidence": [{"kind": "document", "id": "d1"}]},
        "version": {"number": 2, "fileName": "w9.pdf", "sizeBytes": 12},
        "accepted": True,
        "attached": False,
    }


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the project's own targets."""
    return Path(shutil.copytree(FOLDER, tmp_path / "config" / "gateway" / "targets"))


def faults_of(folder: Path) -> Sequence[str]:
    return compile_declarations(folder.parents[1])[1]


def test_examples_are_checked_and_no_target_is_active(folder: Path) -> None:
    examples = sorted(path.stem for path in (FOLDER / "examples").iterdir())

    assert faults_of(folder) == []
    assert examples == ["desk-mail", "erp-files", "jira-documents", "servicenow"]
    assert read_targets() == {}
    for name in examples:
        (folder / "examples" / f"{name}.yaml").write_text("target: fax", encoding="utf-8")
    assert len(faults_of(folder)) == 4


def test_expressions_of_the_examples_have_values() -> None:
    mail, rest = read_example("desk-mail"), read_example("servicenow")
    assert isinstance(mail, MailTarget)
    assert isinstance(rest, RestTarget)

    for kind, message in mail.messages.items():
        sources: list[TemplateValue] = [message.subject, list(message.lines)]
        for source in sources:
            assert Template(source, CONTEXT_VARIABLES).render(variables_of(kind))
    for kind, delivery in rest.deliveries.items():
        assert delivery.lookup is not None
        assert delivery.send is not None
        values: list[TemplateValue] = [
            delivery.send.body,
            dict(delivery.lookup.query),
            delivery.send.path,
        ]
        for value in values:
            assert Template(value, CONTEXT_VARIABLES).render(variables_of(kind))


@pytest.mark.parametrize("name", ["servicenow", "jira-documents"])
def test_expressions_of_the_bytes_have_values(name: str) -> None:
    target = read_example(name)
    assert isinstance(target, RestTarget)
    content = target.deliveries["document"].content
    assert content is not None
    assert content.lookup is not None
    variables = {**variables_of("document"), "entry": {"id": "10001", "sys_id": "abc"}}

    values: list[TemplateValue] = [
        content.lookup.path,
        dict(content.lookup.query),
        content.send.path,
        content.send.file_name,
    ]
    for value in values:
        assert Template(value, CONTENT_VARIABLES).render(variables)


CONTENT: Document = {
    "send": {"path": "'/files'", "format": "raw", "idempotency_header": "Idempotency-Key"}
}
SEND: Document = {"path": "'/a'", "body": {}, "idempotency_header": "Idempotency-Key"}


@pytest.mark.parametrize(
    ("kind", "delivery", "said"),
    [
        ("comment", {"send": SEND, "content": CONTENT}, "remove deliveries.comment.content"),
        ("document", {}, "add send: the request that delivers"),
        (
            "document",
            {"content": CONTENT, "result": {"reference": "entry.id"}},
            "remove lookup and result, or add send",
        ),
        ("document", {"content": {**CONTENT, "above": "facts"}}, "there are no facts to be sent"),
        (
            "document",
            {"content": {"send": {"path": "'/files'", "format": "raw"}}},
            "declare lookup, or idempotency_header",
        ),
        (
            "document",
            {"content": {"send": {**CONTENT["send"], "field": "data"}}},
            "remove field: only a multipart body has parts",
        ),
        (
            "document",
            {"content": {"send": {**CONTENT["send"], "headers": {"Content-Length": "1"}}}},
            "remove the header content-length",
        ),
        (
            "document",
            {"content": {"send": {**CONTENT["send"], "path": "'/' + answer.id"}}},
            "there is no variable answer",
        ),
        ("document", {"content": {**CONTENT, "max_bytes": 10**9}}, "less than or equal"),
    ],
)
def test_bytes_that_could_come_twice_or_nowhere_are_refused(
    folder: Path, kind: str, delivery: Document, said: str
) -> None:
    document = {
        "target": "rest",
        "system": "tickets",
        "base_url": "https://example.com",
        "authentication": {"type": "bearer", "secret": "tickets"},
        "deliveries": {kind: delivery},
    }
    (folder / "tickets.yaml").write_text(json.dumps(document), encoding="utf-8")

    (error,) = faults_of(folder)

    assert said in error


def test_mail_of_the_example_shows_the_answers() -> None:
    mail = read_example("desk-mail")
    assert isinstance(mail, MailTarget)
    lines = Template(list(mail.messages["request"].lines), CONTEXT_VARIABLES)

    rendered = lines.render(variables_of("request"))

    assert rendered[0] == "Partner: Acme (p1)"
    assert sorted(rendered[5]) == ["order: 4500", "question: Where?"]


def test_compiled_targets_are_read_as_they_were_checked(folder: Path, tmp_path: Path) -> None:
    shutil.copy(EXAMPLE, folder)
    shutil.copy(FOLDER / "examples" / "erp-files.yaml", folder / "erp.yaml")
    compiled, faults = compile_declarations(folder.parents[1])
    file = tmp_path / "declarations.json"
    file.write_text(compiled[FILE], encoding="utf-8")

    assert faults == []
    assert read_targets(file) == {
        "erp": read_example("erp-files"),
        "servicenow": read_example("servicenow"),
    }
    assert read_targets(tmp_path / "none.json") == {}


@pytest.mark.parametrize(
    ("old", "new", "line", "said"),
    [
        ("target: rest", "target: fax", 8, "target is none of files, mail, rest: write one"),
        ("target: rest", "target: ret", 8, "write one (did you mean rest?)"),
        ("target: rest\n", "", 8, "target is none of files, mail, rest"),
        (
            "https://example",
            "http://example",
            10,
            "base_url: write a URL that begins with https://",
        ),
        ("example.service", "user:word@example.service", 10, "leave the credentials out"),
        ("/api/now\n", "/api/now?a=b\n", 10, "leave out what follows ? or #"),
        ("secret: servicenow", "secret: Service Now", 11, "authentication.secret: string should"),
        ("type: basic", "type: digest", 11, "input tag 'digest'"),
        ("type: basic, ", "", 11, "authentication: unable to extract tag"),
        ("type: basic, ", "", 11, "'type': add the member that names the kind"),
        ("      body:", "      boby:", 25, "deliveries.request.send.boby: extra inputs"),
        ("      body:", "      boby:", 23, "body: field required: add it (is boby meant?)"),
        ("  request:", "  requests:", 14, "deliveries.requests: input should be"),
        ("found: size(answer.result) > 0", "found: size(answr) > 0", 21, "no variable answr"),
        ("entry: answer.result[0]", "entry: entries(answer)", 22, "no function entries"),
        ("path: \"'/table/sn_", 'path: "/table/sn_', 16, "this is no CEL expression"),
        ("description: record.formKey", "description: recrd.formKey", 29, "no variable recrd"),
        ("reference: entry.sys_id", "reference: answer.sys_id", 33, "there is no variable answer"),
        ("    result: &case", "    results: &case", 32, "deliveries.request.results: extra inputs"),
    ],
)
def test_fault_is_told_with_its_file_its_line_and_its_fix(
    folder: Path, old: str, new: str, line: int, said: str
) -> None:
    text = EXAMPLE.read_text(encoding="utf-8")
    assert old in text
    file = folder / "tickets.yaml"
    file.write_text(text.replace(old, new, 1), encoding="utf-8")

    errors = faults_of(folder)

    assert any(one.startswith(f"{file}:{line}: ") and said in one for one in errors), errors


@pytest.mark.parametrize(
    ("headers", "said"),
    [
        ("headers: {authorization: Basic abc}", "remove the header authorization"),
        ("headers: {X-A: a, x-a: b}", "remove the header that is there twice"),
        ("idempotency_header: Host", "remove the header host"),
    ],
)
def test_header_of_the_gateways_own_is_refused(folder: Path, headers: str, said: str) -> None:
    text = EXAMPLE.read_text(encoding="utf-8")
    file = folder / "tickets.yaml"
    file.write_text(text.replace("    send:", f"    send:\n      {headers}", 1), encoding="utf-8")

    (error,) = faults_of(folder)

    assert error.startswith(f"{file}:23: deliveries.request.send: ")
    assert said in error


def test_delivery_that_could_come_twice_is_refused(folder: Path) -> None:
    text = EXAMPLE.read_text(encoding="utf-8")
    begin = text.index("    lookup:")
    file = folder / "tickets.yaml"
    file.write_text(text[:begin] + text[text.index("    send:") :], encoding="utf-8")

    (error,) = faults_of(folder)

    assert error.startswith(f"{file}:14: deliveries.request: declare lookup, or idempotency_header")


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("tickets.yml", "ends in .yaml: rename it"),
        ("tickets.json", "ends in .yaml: rename it"),
        ("Tickets.yaml", "named with small letters, digits and -"),
        ("more/tickets.yaml", "config/gateway/sources/ or config/gateway/targets/"),
        ("more/examples/tickets.yaml", "config/gateway/sources/ or config/gateway/targets/"),
        ("../tickets.yaml", "config/gateway/sources/ or config/gateway/targets/"),
        ("../target/tickets.yaml", "config/gateway/sources/ or config/gateway/targets/"),
    ],
)
def test_file_that_is_not_read_is_told(folder: Path, name: str, said: str) -> None:
    (folder / name).parent.mkdir(parents=True, exist_ok=True)
    shutil.copy(EXAMPLE, folder / name)

    (error,) = faults_of(folder)

    assert said in error


@pytest.mark.parametrize("prefix", ["../", "a//", "a", "/a/", "a/../b/", "a b/"])
def test_folder_of_a_files_target_stays_in_the_bucket(folder: Path, prefix: str) -> None:
    document = {"target": "files", "prefix": prefix, "delivers": ["request"]}
    (folder / "erp.yaml").write_text(json.dumps(document), encoding="utf-8")

    (error,) = faults_of(folder)

    assert "prefix: write names of folders" in error


def test_make_config_reports_faulty_targets_and_writes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = Path(shutil.copytree(configuration.FOLDER, tmp_path / "config"))
    text = EXAMPLE.read_text(encoding="utf-8").replace("target: rest", "target: fax")
    (folder / "gateway" / "targets" / "tickets.yaml").write_text(text, encoding="utf-8")
    outputs = [replace(one, output=tmp_path / one.name) for one in declarations.FOLDERS]
    monkeypatch.setattr(declarations, "FOLDERS", outputs)
    monkeypatch.setattr(configuration, "FILE", tmp_path / "written.json")
    monkeypatch.setattr(configuration, "FOLDER", folder)

    assert configuration.main() == 1

    assert "gateway/targets/tickets.yaml:8: " in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["config"]
