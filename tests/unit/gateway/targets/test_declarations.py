"""Declarations of targets: the shipped examples, and what ``make config`` says of faults."""

import json
import shutil
from collections.abc import Sequence
from pathlib import Path

import pytest

from gridwix_gateway.documents import Document
from gridwix_gateway.targets.declarations import CONTEXT_VARIABLES, MailTarget, RestTarget
from gridwix_gateway.targets.declared import FILE, read_targets
from gridwix_gateway.targets.templates import Template, TemplateValue
from ops import configuration
from ops.gateway.declarations import TARGETS, compile_declarations
from tests.fakes.gateway.targets import read_example

CONFIG = configuration.FOLDER
FOLDER = CONFIG / "gateway" / "targets"
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
        "version": {"number": 2, "fileName": "w9.pdf"},
        "accepted": True,
    }


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The targets of a copy of the settings."""
    return Path(shutil.copytree(CONFIG, tmp_path / "config")) / "gateway" / "targets"


def faults_of(folder: Path) -> Sequence[str]:
    """Return the report lines about a folder of targets."""
    return compile_declarations(folder.parents[1])[1]


def test_examples_are_valid_and_no_target_is_active() -> None:
    compiled, faults = compile_declarations(CONFIG)

    assert faults == []
    assert FILE.read_text(encoding="utf-8") == compiled[FILE] == "{}\n"
    kinds = {read_example(path.stem).target for path in (FOLDER / "examples").iterdir()}
    assert kinds == TARGETS.keys()


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
        values: list[TemplateValue] = [
            delivery.send.body,
            dict(delivery.lookup.query),
            delivery.send.path,
        ]
        for value in values:
            assert Template(value, CONTEXT_VARIABLES).render(variables_of(kind))


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
    file = tmp_path / "declarations.json"
    file.write_text(compile_declarations(folder.parents[1])[0][FILE], encoding="utf-8")

    assert read_targets(file) == {
        "erp": read_example("erp-files"),
        "servicenow": read_example("servicenow"),
    }


@pytest.mark.parametrize(
    ("old", "new", "line", "said"),
    [
        ("target: rest", "target: fax", 8, "target is none of files, mail, rest"),
        ("target: rest\n", "", 8, "target is none of files, mail, rest"),
        (
            "https://example",
            "http://example",
            10,
            "write a URL that begins with https://",
        ),
        ("example.service", "user:word@example.service", 10, "leave the credentials out"),
        ("/api/now/table\n", "/api/now/table?a=b\n", 10, "leave out what follows ? or #"),
        ("secret: servicenow", "secret: Service Now", 11, "authentication.secret: string should"),
        ("type: basic", "type: digest", 11, "input tag 'digest'"),
        ("  request:", "  requests:", 14, "deliveries.requests: input should be"),
        ("found: size(answer.result) > 0", "found: size(answr) > 0", 21, "no variable answr"),
        ("entry: answer.result[0]", "entry: entries(answer)", 22, "no function entries"),
        ("path: \"'/sn_", 'path: "/sn_', 16, "this is no CEL expression"),
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

    assert error.startswith(f"{file}:14: deliveries.request: ")
    assert "declare lookup, or idempotency_header" in error


@pytest.mark.parametrize("prefix", ["../", "a//", "a", "/a/", "a/../b/", "a b/"])
def test_folder_of_a_files_target_stays_in_the_bucket(folder: Path, prefix: str) -> None:
    document = {"target": "files", "prefix": prefix, "delivers": ["request"]}
    (folder / "erp.yaml").write_text(json.dumps(document), encoding="utf-8")

    (error,) = faults_of(folder)

    assert "write names of folders" in error
