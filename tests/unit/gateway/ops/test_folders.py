"""``gridwix source`` with folders of documents: what a person is shown, and what is dropped."""

import os
import unicodedata
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import botocore.session
import pytest
from moto import mock_aws
from typer.testing import CliRunner

from gridwix_gateway.content.s3 import CONFIG, S3Content
from gridwix_gateway.documents import Document
from gridwix_gateway.sources.documents import contents
from gridwix_gateway.sources.documents.s3_documents import S3DocumentDrops
from gridwix_gateway.sources.documents.service import DocumentSource
from gridwix_gateway.store.commits import Commits
from gridwix_gateway.store.dynamodb import DynamoTable
from gridwix_gateway.store.records import Filters, Records
from ops.cli import app
from ops.errors import OpsError
from ops.gateway.sources import folders
from ops.gateway.sources.folders import first_drop, read_folder
from ops.gateway.sources.preview import find_document_mapping
from tests.fakes.gateway.tables import create_table
from tests.unit.gateway.sources.documents.samples import compile_share, pdf

NAME = "partner-documents"
LIABILITY = "GC1 Amber Foods/Insurance/Liability (de) valid until 2027-01-31.pdf"


def run(*arguments: str) -> tuple[int, str]:
    result = CliRunner().invoke(app, ["source", *arguments], env={"COLUMNS": "250"})
    said = str(result.exception) if isinstance(result.exception, OpsError) else ""
    return result.exit_code, result.output + said


@pytest.fixture
def share(tmp_path: Path) -> Path:
    """A share with a good file, two bad ones and one of Windows."""
    folder = tmp_path / "share"
    for path, content in (
        (LIABILITY, pdf("first")),
        ("GC1 Amber Foods/Taxes/W-9.pdf", pdf()),
        ("GC2/Contracts/empty.pdf", b""),
        ("GC2/Contracts/Thumbs.db", b"x"),
    ):
        file = folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)
    return folder


def test_preview_shows_what_each_file_becomes_and_each_fault(share: Path) -> None:
    code, output = run("preview", str(share), "--source", NAME)

    assert code == 0, output
    assert f"add {LIABILITY}: documents/doc_" in output
    assert '"title": "Liability"' in output
    assert '"locale": ["de"]' in output
    assert "it is none of Insurance, Tax forms" in output
    assert "the file is empty" in output
    assert (
        "4 files: 1 to add, 0 with a new version, 0 with other members, 0 unchanged, 1 ignored,"
        " 2 refused"
    ) in output


def test_preview_shows_as_many_documents_as_are_asked_for(share: Path) -> None:
    code, output = run("preview", str(share), "--source", NAME, "--rows", "0")

    assert code == 0
    assert "1 to add" in output
    assert "documents/doc_" not in output


@pytest.mark.parametrize("given", ["file", "nothing"])
def test_source_of_documents_takes_a_folder(share: Path, given: str) -> None:
    code, output = run(
        "preview", str(share / (LIABILITY if given == "file" else "x")), "--source", NAME
    )

    assert code == 1
    assert "a source of documents takes a whole folder" in output


def test_source_of_files_takes_no_folder(share: Path) -> None:
    code, output = run("preview", str(share), "--source", "partner-tracker")

    assert (code, "there is no file" in output) == (1, True)


def test_folder_with_too_many_files_is_refused(
    share: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(folders, "MAX_FILES", 3)

    with pytest.raises(OpsError, match="more than 3 files"):
        read_folder(share, compile_share(), first_drop)


def test_file_that_grows_while_it_is_read_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "GC1/Tax/a.csv"
    file.parent.mkdir(parents=True)
    file.write_bytes(b"a")
    original = contents.read_content

    def grow(chunks: Iterator[bytes]) -> Any:
        content = original(chunks)
        with file.open("ab") as growing:
            growing.write(b"b")
        return content

    monkeypatch.setattr(folders, "read_content", grow)

    (found,) = read_folder(tmp_path, compile_share(), first_drop)

    assert [fault.code for fault in found.faults] == ["growing"]


def test_file_that_cannot_be_read_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "GC1/Tax").mkdir(parents=True)
    (tmp_path / "GC1/Tax/a.csv").write_bytes(b"a")

    def refuse(_: Any) -> Any:
        raise PermissionError("denied")

    monkeypatch.setattr(folders, "read_content", refuse)

    (found,) = read_folder(tmp_path, compile_share(), first_drop)

    assert [fault.reason for fault in found.faults] == ["it cannot be read (PermissionError)"]


def test_folder_that_cannot_be_read_is_named(share: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The super-user of tests reads everything, so the system's answer is replaced."""
    original = os.scandir

    def refuse(path: Any) -> Any:
        if Path(path).name in ("Insurance", ".trash"):
            raise PermissionError(13, "denied", str(path))
        return original(path)

    (share / ".trash").mkdir()
    monkeypatch.setattr(os, "scandir", refuse)

    found = read_folder(share, compile_share(), first_drop)

    refused = {one.path: [fault.reason for fault in one.faults] for one in found[:1]}
    said = "the folder cannot be read (PermissionError)"
    assert refused == {"GC1 Amber Foods/Insurance": [said]}
    assert found[0].outcome == "refused"
    assert len(found) == 4


def test_only_sources_of_documents_have_a_mapping_of_paths() -> None:
    assert find_document_mapping("partner-tracker") is None
    assert find_document_mapping(NAME) is not None
    with pytest.raises(OpsError, match="choose one of onboarding-steps, partner-documents"):
        find_document_mapping("nobody")


class Gateway:
    """A gateway on the stand-in of AWS, with the partner GC1."""

    def __init__(self, s3: Any, dynamodb: Any) -> None:
        self.s3 = s3
        self.aws = type("Clients", (), {"s3": s3, "dynamodb": dynamodb})
        self.table = DynamoTable(dynamodb, "table")
        self.commits = Commits(self.table, "HUB", "t.")
        self.commits.run(lambda draft: draft.create("partners", {"id": "GC1"}, None))
        self.outputs = {
            "TableName": "table",
            "FileBucketName": "files",
            "ContentBucketName": "content",
            "CommunityUrl": "url",
        }

    def output(self, name: str) -> str:
        return self.outputs[name]

    def dropped(self) -> list[str]:
        listed = self.s3.list_objects_v2(Bucket="files").get("Contents", [])
        return [item["Key"] for item in listed]

    def publish_drops(self) -> None:
        """Do what the gateway's function does."""
        mapping = find_document_mapping(NAME)
        assert mapping is not None
        drops = S3DocumentDrops(self.s3, "files", S3Content(lambda: self.s3, "content"))
        source = DocumentSource(NAME, mapping, drops=drops, commits=self.commits)
        for name in self.dropped():
            source.process_drop(drops.describe_drop(name))

    def documents(self) -> tuple[Document, ...]:
        return Records(self.table).list_page("documents", Filters(), "", 99).documents


@pytest.fixture
def gateway(monkeypatch: pytest.MonkeyPatch) -> Iterator[Gateway]:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "test")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    with mock_aws():
        session = botocore.session.get_session()
        s3: Any = session.create_client("s3", config=CONFIG)
        for bucket in ("files", "content"):
            s3.create_bucket(Bucket=bucket)
        dynamodb = session.create_client("dynamodb")
        create_table(dynamodb, "table")
        found = Gateway(s3, dynamodb)
        monkeypatch.setattr("ops.stack.Stack.read", lambda *_: found)
        yield found


def test_plan_compares_with_the_gateway_and_writes_nothing(share: Path, gateway: Gateway) -> None:
    other = share / "GC2/Contracts/Agreement.pdf"
    other.write_bytes(pdf())

    code, output = run("plan", str(share), "--source", NAME, "--stack", "gateway")

    assert code == 0, output
    assert "1 to add" in output
    assert "there is no such partner yet" in output
    assert (gateway.dropped(), gateway.documents()) == ([], ())


def test_apply_drops_what_changes_and_fails_if_a_file_is_refused(
    share: Path, gateway: Gateway
) -> None:
    arguments = (str(share), "--source", NAME, "--stack", "gateway")

    code, output = run("apply", *arguments, "--yes")

    assert code == 1
    assert f"Dropped into drops/{NAME}/: 1" in output
    assert "2 of 4 files were refused and not dropped" in output
    assert gateway.dropped() == [f"drops/{NAME}/{LIABILITY}"]
    gateway.publish_drops()
    (document,) = gateway.documents()
    assert (document["title"], document["partnerId"]) == ("Liability", "GC1")
    # Again, with other bytes, and after the bad files were mended.
    (share / "GC1 Amber Foods/Taxes/W-9.pdf").unlink()
    (share / "GC2/Contracts/empty.pdf").unlink()
    code, output = run("apply", *arguments, "--yes")
    assert (code, "1 unchanged" in output) == (0, True), output
    assert f"Dropped into drops/{NAME}/: 0" in output
    (share / LIABILITY).write_bytes(pdf("second"))
    code, output = run("plan", *arguments)
    assert (code, "1 with a new version" in output) == (0, True), output
    assert f"new version {LIABILITY}: documents/{document['id']}" in output


def test_file_that_disappears_meanwhile_ends_apply_with_a_sentence(
    share: Path, gateway: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan = DocumentSource.plan_file

    def remove(source: DocumentSource, *arguments: Any) -> Any:
        step = plan(source, *arguments)
        (share / LIABILITY).unlink()
        return step

    monkeypatch.setattr(DocumentSource, "plan_file", remove)

    code, output = run("apply", str(share), "--source", NAME, "--stack", "gateway", "--yes")

    assert (code, gateway.dropped()) == (1, [])
    assert f"{LIABILITY} can no longer be read (FileNotFoundError): repeat" in output


def test_apply_without_a_terminal_and_without_yes_drops_nothing(
    share: Path, gateway: Gateway
) -> None:
    code, output = run("apply", str(share), "--source", NAME, "--stack", "gateway")

    assert (code, "Dropped" in output) == (2, False), output
    assert gateway.dropped() == []


def test_names_of_a_mac_are_found_again(tmp_path: Path, gateway: Gateway) -> None:
    name = unicodedata.normalize("NFD", "GC1/Other/Größe.pdf")
    (tmp_path / name).parent.mkdir(parents=True)
    (tmp_path / name).write_bytes(pdf())
    arguments = (str(tmp_path), "--source", NAME, "--stack", "gateway")

    assert run("apply", *arguments, "--yes")[0] == 0
    gateway.publish_drops()
    code, output = run("plan", *arguments)

    assert (code, "1 unchanged" in output) == (0, True), output
    assert gateway.documents()[0]["title"] == "Größe"
