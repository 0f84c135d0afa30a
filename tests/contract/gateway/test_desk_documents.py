"""``gridwix desk publish-document`` and ``fetch`` against the gateway and the emulator."""

import hashlib
import os
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import httpx
import pytest
from typer.testing import CliRunner, Result

from gridwix_gateway.documents import Document
from ops import confirmation
from ops.cli import app
from ops.errors import OpsError
from ops.gateway.desk import local_files
from ops.gateway.desk.client import CONSUMER_KEY, CONSUMER_SECRET, DeskClient
from tests.fakes.gateway.hubs import (
    PRAIRIE_GOLD,
    GatewayHub,
    Hub,
    serve_emulator,
    serve_gateway,
)
from tests.fakes.gateway.library_client import GUIDE, LibraryClient
from tests.fakes.gateway.server import DESK

NEW = ("--title", "Routing guide 2027", "--category", "routing_guide")


@pytest.fixture(params=[serve_gateway, serve_emulator], ids=["gateway", "emulator"])
def hub(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[Hub]:
    serve: Callable[[], AbstractContextManager[Hub]] = request.param
    with serve() as found:
        if isinstance(found, GatewayHub):
            found.credentials = (DESK.key, DESK.secret)
        monkeypatch.setenv("GRIDWIX_GATEWAY_URL", found.url)
        monkeypatch.setenv(CONSUMER_KEY, found.credentials[0])
        monkeypatch.setenv(CONSUMER_SECRET, found.credentials[1])
        yield found


@pytest.fixture
def grid(hub: Hub) -> LibraryClient:
    return LibraryClient(hub)


@pytest.fixture
def other_partner(grid: LibraryClient) -> str:
    """A second partner of the sample world, whose id sorts behind the first one's."""
    found = sorted(str(one["id"]) for one in grid.all("/partners"))
    return next(one for one in found if one > PRAIRIE_GOLD)


@pytest.fixture
def guide(tmp_path: Path) -> Path:
    path = tmp_path / "guide.pdf"
    path.write_bytes(b"%PDF guide")
    return path


def desk(*arguments: str | Path, answer: str | None = None) -> Result:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(confirmation, "has_terminal", lambda: answer is not None)
        return CliRunner().invoke(app, ["desk", *map(str, arguments)], input=answer)


def done(*arguments: str | Path) -> str:
    result = desk(*arguments)
    assert result.exit_code == 0, (result.output, result.exception)
    return result.output


def published(grid: LibraryClient, title: str = NEW[1]) -> list[Document]:
    found = [one for one in grid.all("/documents", expand="versions") if one["title"] == title]
    return sorted(found, key=lambda one: one["partnerId"] or "")


def test_new_document_is_published_to_each_partner(
    grid: LibraryClient, guide: Path, other_partner: str
) -> None:
    output = done(
        *("publish-document", guide, *NEW, "--partner", PRAIRIE_GOLD, "--partner", other_partner),
        *("--partner", other_partner, "--valid-from", "2027-01-01", "--valid-until", "2027-12-31"),
        *("--classification", "restricted", "--locale", "de", "--note", "New docks", "--yes"),
    )

    first, second = published(grid)
    (version,) = first["versions"]
    content = grid.content(f"documents/{second['id']}/versions/1/content").content
    assert output.splitlines() == [
        f"{first['id']} is published, version 1",
        f"{second['id']} is published, version 1",
    ]
    assert (first["partnerId"], second["partnerId"]) == (PRAIRIE_GOLD, other_partner)
    assert (first["category"], first["type"]) == ("routing_guide", "routing_guide")
    assert (first["classification"], first["locale"]) == ("restricted", ["de"])
    assert (first["effectiveFrom"], first["expiresOn"]) == ("2027-01-01", "2027-12-31")
    assert (first["status"], first["currentVersion"]) == ("published", 1)
    assert (version["source"], version["changeNote"]) == ("trading_grid", "New docks")
    assert (version["fileName"], version["mediaType"]) == ("guide.pdf", "application/pdf")
    assert content == b"%PDF guide"


def test_same_file_twice_is_said_and_makes_no_second_version(
    grid: LibraryClient, guide: Path
) -> None:
    done("publish-document", guide, *NEW, "--all", "--yes")
    (document,) = published(grid)

    again = done("publish-document", guide, *NEW, "--all")
    by_id = done("publish-document", guide, "--document", document["id"])

    said = f"{document['id']} already has these bytes: version 1"
    assert (again.strip(), by_id.strip()) == (said, said)
    assert [len(one["versions"]) for one in published(grid)] == [1]


def test_new_version_is_current_and_based_on_the_one_before(
    grid: LibraryClient, guide: Path
) -> None:
    output = done("publish-document", guide, "--document", GUIDE, "--yes")

    document = grid.get(f"documents/{GUIDE}", expand="versions")
    assert output.strip() == f"{GUIDE} is published, version 2"
    assert (document["currentVersion"], document["versions"][1]["baseVersion"]) == (2, 1)


def test_version_can_wait_for_the_approval_of_somebody_else(
    grid: LibraryClient, guide: Path
) -> None:
    output = done("publish-document", guide, "--document", GUIDE, "--review", "--yes")
    again = done("publish-document", guide, "--document", GUIDE, "--review", "--yes")
    before = grid.get(f"documents/{GUIDE}")["currentVersion"]
    approved = done("publish-document", guide, "--document", GUIDE, "--yes")

    assert output.strip() == f"{GUIDE} waits for approval, version 2"
    assert again.strip() == f"{GUIDE} waits for approval with these bytes: version 2"
    assert (before, approved.strip()) == (1, f"{GUIDE} is published, version 2")
    assert grid.get(f"documents/{GUIDE}")["currentVersion"] == 2


STEPS = ("upload_file", "add_version", "request_approval", "decide_approval")


@pytest.mark.parametrize("is_done", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("step", STEPS)
def test_publication_that_was_interrupted_is_continued_by_the_same_command(
    grid: LibraryClient, guide: Path, monkeypatch: pytest.MonkeyPatch, step: str, *, is_done: bool
) -> None:
    call = getattr(DeskClient, step)

    def break_off(*arguments: Any) -> None:
        if is_done:
            call(*arguments)
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(DeskClient, step, break_off)
        broken = desk("publish-document", guide, *NEW, "--all", "--yes")
    done("publish-document", guide, *NEW, "--all", "--yes")

    (document,) = published(grid)
    assert broken.exit_code != 0
    assert (document["status"], document["currentVersion"]) == ("published", 1)
    assert len(document["versions"]) == 1


@pytest.mark.parametrize("step", ["create_document", "request_approval"])
def test_publication_that_is_continued_with_another_classification_is_refused(
    grid: LibraryClient, guide: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    """A file that was called public by mistake must not become public after all."""
    call = getattr(DeskClient, step)

    def break_off(*arguments: Any) -> None:
        call(*arguments)
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(DeskClient, step, break_off)
        desk("publish-document", guide, *NEW, "--all", "--classification", "public", "--yes")
    command = ("publish-document", guide, *NEW, "--all", "--classification", "restricted")

    result = desk(*command, "--yes")

    (document,) = published(grid)
    assert "and another classification (public): add the file" in str(result.exception)
    assert document["status"] != "published"
    done("move", document["id"], "withdrawn", "--yes")
    done(*command, "--yes")
    found = {one["status"]: one["classification"] for one in published(grid)}
    assert found == {"withdrawn": "public", "published": "restricted"}


def test_publication_is_asked_for_and_made_only_after_a_yes(
    grid: LibraryClient, guide: Path
) -> None:
    command = ("publish-document", guide, *NEW, "--all")

    refused = desk(*command, answer="n\n")
    nothing = published(grid)
    accepted = desk(*command, answer="y\n")

    assert (refused.exit_code, nothing) == (1, [])
    assert "Publish guide.pdf (10 bytes) to all partners as Routing guide 2027" in refused.output
    assert accepted.exit_code == 0, accepted.exception
    assert len(published(grid)) == 1


def test_title_that_is_taken_by_other_bytes_is_no_second_document(
    grid: LibraryClient, guide: Path, other_partner: str
) -> None:
    done("publish-document", guide, *NEW, "--all", "--yes")
    guide.write_bytes(b"%PDF other")

    result = desk("publish-document", guide, *NEW, "--all", "--yes")
    other = done("publish-document", guide, *NEW, "--partner", other_partner, "--yes")

    (document, of_partner) = published(grid)
    assert f"--document {document['id']}, or choose another title" in str(result.exception)
    assert of_partner["partnerId"] == other_partner
    assert "is published" in other


def test_document_that_is_withdrawn_takes_no_version(grid: LibraryClient, guide: Path) -> None:
    assert grid.transition(f"/documents/{GUIDE}", "withdrawn").is_success

    result = desk("publish-document", guide, "--document", GUIDE, "--yes")

    assert "the document is withdrawn" in str(result.exception)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("missing.pdf", *NEW, "--all"), "there is no file missing.pdf"),
        (("{guide}", *NEW), "name each --partner that gets the document, or --all"),
        (("{guide}", *NEW, "--all", "--partner", "GC1"), "name each --partner"),
        (("{guide}", "--all"), "name --title and --category"),
        (("{guide}", "--document", "doc_1", "--all"), "the document has its partner"),
        (("{guide}", "--document", "doc_1", "--title", "a"), "adds a version only"),
        (("{guide}", "--document", "nothing"), "there is no document nothing"),
        (("{guide}", *NEW, "--all", "--valid-until", "31.12.2027"), "write it as"),
        (("{guide}", *NEW[:3], "letter", "--all", "--yes"), "/category"),
        (
            ("{guide}", *NEW, "--partner", PRAIRIE_GOLD, "--partner", "GC9", "--yes"),
            "there is no partner GC9",
        ),
        (("{empty}", *NEW, "--all"), "is empty"),
    ],
)
def test_publication_that_cannot_be_made_is_one_sentence(
    grid: LibraryClient, guide: Path, arguments: tuple[str, ...], said: str
) -> None:
    empty = guide.with_name("empty.pdf")
    empty.touch()
    places = {"guide": guide, "empty": empty}

    result = desk("publish-document", *(one.format(**places) for one in arguments))

    assert isinstance(result.exception, OpsError), result.output
    assert said in str(result.exception)
    assert published(grid) == []


def test_name_that_is_no_text_is_refused_before_anything_is_sent(
    grid: LibraryClient, guide: Path
) -> None:
    """A share from an old system: the bytes of a name are not UTF-8."""
    path = guide.rename(os.fsdecode(os.fsencode(guide.parent) + b"/gr\xf6\xdfe.pdf"))

    result = desk("publish-document", path, *NEW, "--all", "--yes")

    assert "no valid UTF-8: rename it" in str(result.exception)
    assert published(grid) == []


def test_file_that_is_too_large_is_refused_before_anything_is_sent(
    grid: LibraryClient, guide: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(local_files, "MAX_BYTES", 9)

    result = desk("publish-document", guide, *NEW, "--all", "--yes")

    assert "is too large" in str(result.exception)
    assert published(grid) == []


def test_file_that_changes_meanwhile_is_not_published(
    grid: LibraryClient, guide: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    announce = DeskClient.create_document

    def change_file(client: DeskClient, fields: Document) -> Document:
        guide.write_bytes(b"%PDF GUIDE")
        return announce(client, fields)

    monkeypatch.setattr(DeskClient, "create_document", change_file)

    result = desk("publish-document", guide, *NEW, "--all", "--yes")

    (document,) = published(grid)
    assert "has changed meanwhile" in str(result.exception)
    assert (document["status"], document["versions"]) == ("draft", [])


def test_upload_of_a_partner_is_fetched_as_it_was_sent(
    grid: LibraryClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = bytes(range(256)) * 20_000
    assert grid.submit(GUIDE, content).status_code == 201
    monkeypatch.chdir(tmp_path)
    (tmp_path / "folder").mkdir()

    newest = done("fetch", GUIDE)
    again = done("fetch", GUIDE)
    done("fetch", GUIDE, "--to", "folder", "--version", "2")
    done("fetch", GUIDE, "--to", "first.pdf", "--version", "1")

    sha256 = hashlib.sha256(content).hexdigest()
    name = "Ünterlage 李.pdf"
    assert f"{name} is version 2 of {GUIDE}: 5,120,000 bytes, SHA-256 {sha256}" in newest
    assert again.strip() == f"{name} is version 2 of {GUIDE} already"
    assert (tmp_path / name).read_bytes() == (tmp_path / "folder" / name).read_bytes() == content
    assert (tmp_path / "first.pdf").read_bytes().startswith(b"%PDF-1.4")
    assert len(list(tmp_path.iterdir())) == 3


@pytest.mark.parametrize("letter", ["李", "😀", "é", "a"])
def test_upload_with_the_longest_name_of_the_profile_is_fetched(
    grid: LibraryClient, tmp_path: Path, letter: str
) -> None:
    """A name of the profile has 255 characters, one of a file system 255 bytes."""
    upload = grid.upload(b"%PDF long", fileName=letter * 251 + ".pdf")
    assert grid.post(f"documents/{GUIDE}/versions", {"uploadId": upload}).status_code == 201

    done("fetch", GUIDE, "--to", tmp_path)

    (path,) = tmp_path.iterdir()
    assert path.read_bytes() == b"%PDF long"
    assert set(path.stem) == {letter}
    assert path.suffix == ".pdf"
    assert 190 < len(path.name.encode()) <= 200


def test_name_of_an_upload_is_one_line_of_what_is_shown(grid: LibraryClient) -> None:
    """A partner's line must not look like one of the gateway."""
    name = "a.pdf, 8 bytes\n  version 3: approved, b.pdf"
    upload = grid.upload(b"%PDF", fileName=name)
    grid.post(f"documents/{GUIDE}/versions", {"uploadId": upload}).raise_for_status()

    lines = done("show", GUIDE).splitlines()

    versions = [line for line in lines if line.startswith("  version ")]
    assert len(versions) == 2
    assert versions[1].endswith("a.pdf, 8 bytes\\n  version 3: approved, b.pdf, 4 bytes")


def test_file_with_other_content_is_not_overwritten(grid: LibraryClient, tmp_path: Path) -> None:
    path = tmp_path / "mine.pdf"
    path.write_bytes(b"mine")

    result = desk("fetch", GUIDE, "--to", path)

    assert "is there, with other content" in str(result.exception)
    assert path.read_bytes() == b"mine"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("nothing",), "there is no document nothing"),
        ((GUIDE, "--version", "9"), f"{GUIDE} has no version 9"),
        ((GUIDE, "--to", "missing/guide.pdf"), "cannot be written"),
        ((GUIDE, "--to", "a" * 300), "cannot be written (File name too long"),
    ],
)
def test_fetch_that_cannot_be_done_is_one_sentence(
    hub: Hub, arguments: tuple[str, ...], said: str
) -> None:
    result = desk("fetch", *arguments)

    assert isinstance(result.exception, OpsError)
    assert said in str(result.exception)


VERSION: Document = {
    "number": 1,
    "fileName": "a.pdf",
    "sizeBytes": 4,
    "sha256": hashlib.sha256(b"%PDF").hexdigest(),
}


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (httpx.Response(200, content=b"%PDX"), "sent other bytes"),
        (httpx.Response(200, content=b"%PD"), "sent other bytes"),
        (httpx.Response(200, content=b"%PDF" * 99), "sent other bytes"),
        (httpx.Response(404, json={"detail": "No \x1b[31msuch."}), "No \\x1b[31msuch"),
        (httpx.Response(502, text="<h1>"), "answers 502 without a JSON object"),
        (httpx.Response(202, json={}), "answers 202 without the bytes"),
        (httpx.Response(307), "no URL with https:// for the bytes"),
        (httpx.Response(307, headers={"Location": "http://a.example/"}), "no URL with https://"),
    ],
)
def test_content_that_is_not_what_was_uploaded_leaves_no_file(
    tmp_path: Path, answer: httpx.Response, said: str
) -> None:
    transport = httpx.MockTransport(lambda _: answer)
    client = DeskClient(httpx.Client(base_url="https://gateway", transport=transport))

    with pytest.raises(OpsError) as error, client.open_content("doc_1", VERSION) as pieces:
        local_files.write_verified(tmp_path / "a.pdf", pieces, 4, VERSION["sha256"])

    assert said in str(error.value)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("hub", [serve_gateway], indirect=True)
def test_access_token_does_not_go_to_the_bucket(grid: LibraryClient, tmp_path: Path) -> None:
    assert isinstance(grid.hub, GatewayHub)
    assert grid.submit(GUIDE, b"x" * 5_000_000).status_code == 201

    done("fetch", GUIDE, "--to", tmp_path / "large.pdf")

    (headers,) = grid.hub.parts.content.downloads
    assert "authorization" not in headers
    assert (tmp_path / "large.pdf").stat().st_size == 5_000_000


def test_infected_version_is_not_fetched(
    hub: Hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    listed = DeskClient.list_parts

    def infect(client: DeskClient, *arguments: str) -> list[Document]:
        return [{**one, "scan": "infected"} for one in listed(client, *arguments)]

    monkeypatch.setattr(DeskClient, "list_parts", infect)

    result = desk("fetch", GUIDE, "--to", tmp_path / "guide.pdf")

    assert "has found a virus" in str(result.exception)
    assert list(tmp_path.iterdir()) == []
